package dataset

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"harmonium/store"
)

//go:embed mnist/train-images-idx3-ubyte.gz
var mnistTrainImages string

//go:embed mnist/train-labels-idx1-ubyte.gz
var mnistTrainLabels string

//go:embed mnist/t10k-images-idx3-ubyte.gz
var mnistTestImages string

//go:embed mnist/t10k-labels-idx1-ubyte.gz
var mnistTestLabels string

func openMNIST() (*Set, error) {
	train, err := readMNIST(mnistTrainImages, mnistTrainLabels)
	if err != nil {
		return nil, fmt.Errorf("dataset: mnist: training rows: %w", err)
	}
	test, err := readMNIST(mnistTestImages, mnistTestLabels)
	if err != nil {
		return nil, fmt.Errorf("dataset: mnist: test rows: %w", err)
	}
	for _, rows := range []*Rows{train, test} {
		rows.Origin = &Origin{Files: []string{"mnist"}, Format: "built in", High: greyMax, Divisor: greyMax, Label: "the digit"}
	}
	return &Set{Name: "mnist", Train: train, Test: test, Width: 28, Height: 28}, nil
}

func readMNIST(images, labels string) (*Rows, error) {
	pixels, err := store.Decode(strings.NewReader(images), int64(len(images)), store.Options{})
	if err != nil {
		return nil, err
	}
	digits, err := store.Decode(strings.NewReader(labels), int64(len(labels)), store.Options{})
	if err != nil {
		return nil, err
	}
	n, v, err := matrixOf(pixels)
	if err != nil {
		return nil, err
	}
	rows := &Rows{N: n, V: v, Bytes: pixels.Bytes, Labels: make([]string, n)}
	for i, digit := range digits.Bytes {
		rows.Labels[i] = strconv.Itoa(int(digit))
	}
	return rows, nil
}
