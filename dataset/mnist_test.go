package dataset

import (
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// TestMNISTSums: the embedded files unpack to the published ones, by their SHA-256.
func TestMNISTSums(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"training images", mnistTrainImages, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
		{"training labels", mnistTrainLabels, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
		{"test images", mnistTestImages, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
		{"test labels", mnistTestLabels, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"},
	}
	for _, test := range tests {
		z, err := gzip.NewReader(strings.NewReader(test.file))
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, z); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if got := fmt.Sprintf("%x", sum.Sum(nil)); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

// TestOpenMNIST: a tenth of the training digits is taken out for validation, and the test digits begin with 7, 2, 1, 0,
// 4 and hold 982 fours, as published.
func TestOpenMNIST(t *testing.T) {
	set, err := Open("mnist", Options{Valid: "0.1", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if set.Width != 28 || set.Height != 28 {
		t.Errorf("got %d x %d pixels, want 28 x 28", set.Width, set.Height)
	}
	parts := []struct {
		name string
		rows *Rows
		n    int
	}{{"train", set.Train, 54000}, {"valid", set.Valid, 6000}, {"test", set.Test, 10000}}
	for _, part := range parts {
		r := part.rows
		if r.N != part.n || r.V != 784 || len(r.Bytes) != part.n*784 || r.Floats != nil || len(r.Labels) != part.n {
			t.Errorf("%s: got %d rows of %d, %d bytes, %d floats, %d labels; want %d rows of 784, as bytes, with labels",
				part.name, r.N, r.V, len(r.Bytes), len(r.Floats), len(r.Labels), part.n)
		}
		if got := r.DefaultBinarization().Mode; got != Dynamic {
			t.Errorf("%s: got default binarization %v, want dynamic", part.name, got)
		}
	}
	if got, want := set.Test.Labels[:5], []string{"7", "2", "1", "0", "4"}; !slices.Equal(got, want) {
		t.Errorf("test labels: got %v, want %v", got, want)
	}
	if fours, err := set.Test.whereLabel([]string{"label=4"}); err != nil || fours.N != 982 {
		t.Errorf("test digits 4: got %+v, error %v, want 982", fours, err)
	}
	if _, err := set.Test.whereLabel([]string{"label=x"}); err == nil {
		t.Error("test digits x: got no error")
	}
}
