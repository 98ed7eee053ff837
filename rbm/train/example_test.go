package train_test

import (
	"context"
	"fmt"
	"log"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/likelihood"
	"harmonium/rbm/train"
)

// Train a small model and find its exact log-likelihood.
func Example() {
	data, err := dataset.Open("bars-and-stripes:3", dataset.Options{})
	if err != nil {
		log.Fatal(err)
	}
	device, err := engine.Open("cpu", 1) // one thread, as the model is small
	if err != nil {
		log.Fatal(err)
	}
	defer device.Close()

	config := train.DefaultConfig()
	config.Binarize = "none" // the rows are states already
	config.Algorithm = "pcd" // takes less time here than the default, pt
	trainer, err := train.New(config, data, device)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	run, err := train.Run(ctx, trainer, train.RunConfig{})
	if err != nil {
		log.Fatal(err)
	}
	likelihood, err := likelihood.Evaluate(ctx, run.Model, device, data.Test, likelihood.EvaluateConfig{Method: "auto",
		Binarize: data.Test.DefaultBinarization()})
	if err != nil {
		log.Fatal(err)
	}
	// No model has more than -2.60 nats, the negative entropy of the pictures.
	fmt.Printf("%s: %.2f nats, and none can have more than -2.60\n", likelihood.Partition.Method, likelihood.LogLikelihood)
	// Output: exact: -2.69 nats, and none can have more than -2.60
}
