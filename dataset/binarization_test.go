package dataset

import "testing"

func TestParseBinarization(t *testing.T) {
	tests := []struct {
		in   string
		want Binarization
		word string
	}{
		{"dynamic", Binarization{Mode: Dynamic}, "dynamic"},
		{"static", Binarization{Mode: Static}, "static"},
		{"none", Binarization{Mode: None}, "none"},
		{"threshold", Binarization{Threshold, 0.5}, "threshold=0.5"},
		{"threshold=0", Binarization{Threshold, 0}, "threshold=0"},
		{"threshold=0.1", Binarization{Threshold, 0.1}, "threshold=0.1"},
		{"threshold=1e-9", Binarization{Threshold, 1e-9}, "threshold=1e-09"},
	}
	for _, test := range tests {
		got, err := ParseBinarization(test.in)
		if err != nil || got != test.want || got.String() != test.word {
			t.Errorf("%q: got %+v %q %v, want %+v %q", test.in, got, got, err, test.want, test.word)
		}
		if again, err := ParseBinarization(got.String()); err != nil || again != got {
			t.Errorf("%q: got %+v %v, want %+v back", got, again, err, got)
		}
	}
}

func TestParseBinarizationErrors(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", `dataset: binarization "", want dynamic, static, threshold[=T] or none`},
		{"Static", `dataset: binarization "Static", want dynamic, static, threshold[=T] or none`},
		{"static=1", `dataset: binarization "static=1", want dynamic, static, threshold[=T] or none`},
		{"threshold=", `dataset: binarization "threshold=": threshold "", want a number in [0,1)`},
		{"threshold=1", `dataset: binarization "threshold=1": threshold "1", want a number in [0,1)`},
		{"threshold=-0.1", `dataset: binarization "threshold=-0.1": threshold "-0.1", want a number in [0,1)`},
		{"threshold=NaN", `dataset: binarization "threshold=NaN": threshold "NaN", want a number in [0,1)`},
		{"threshold=half", `dataset: binarization "threshold=half": threshold "half", want a number in [0,1)`},
	}
	for _, test := range tests {
		if _, err := ParseBinarization(test.in); err == nil || err.Error() != test.want {
			t.Errorf("%q: got %v, want %s", test.in, err, test.want)
		}
	}
}

func TestDefaultBinarization(t *testing.T) {
	binary := &Rows{N: 1, V: 2, Bytes: []uint8{0, 255}}
	if got := binary.DefaultBinarization(); got.Mode != None {
		t.Errorf("binary rows: got %v, want none", got)
	}
	grey := &Rows{N: 1, V: 2, Bytes: []uint8{7, 255}}
	if got := grey.DefaultBinarization(); got.Mode != Dynamic {
		t.Errorf("grey rows: got %v, want dynamic", got)
	}
}
