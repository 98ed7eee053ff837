package report

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
)

// evil is a name that a browser must show and not obey.
const evil = `<script>alert(1)</script>"'&<img src=http://x.invalid/ onerror=alert(2)>`

// parsed checks that a page is well formed, loads nothing and runs nothing, and returns its text
// and how often each element occurs.
func parsed(t *testing.T, page string) (text string, elements map[string]int) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	elements = map[string]int{}
	var all strings.Builder
	var open []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the page is not well formed: %v", err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			open = append(open, x.Name.Local)
			elements[x.Name.Local]++
			for _, a := range x.Attr {
				name := strings.ToLower(a.Name.Local)
				if strings.HasPrefix(name, "on") {
					t.Errorf("<%s> has the handler %s", x.Name.Local, name)
				}
				if slices.Contains([]string{"src", "href", "action", "srcset", "data", "poster", "background"}, name) &&
					!strings.HasPrefix(a.Value, "data:image/png;base64,") && !strings.HasPrefix(a.Value, "#") {
					t.Errorf("<%s %s=%q> points off the page", x.Name.Local, name, a.Value)
				}
			}
			if slices.Contains([]string{"script", "iframe", "object", "embed", "link", "base", "form"}, x.Name.Local) {
				t.Errorf("the page has an element <%s>", x.Name.Local)
			}
		case xml.EndElement:
			if n := len(open) - 1; n < 0 || open[n] != x.Name.Local {
				t.Fatalf("</%s> closes %v", x.Name.Local, open)
			}
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) == 0 || open[len(open)-1] != "style" {
				all.Write(x)
			} else if css := string(x); strings.Contains(css, "url(") || strings.Contains(css, "@import") {
				t.Error("the style sheet loads something")
			}
		}
	}
	if len(open) > 0 {
		t.Errorf("not closed: %v", open)
	}
	return all.String(), elements
}

// pageOf returns the text and the elements of a page about runs, which holds no number that is not finite and no error
// of a format or a template.
func pageOf(t *testing.T, runs ...*Run) (text string, elements map[string]int) {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, Frame{Title: "runs " + evil}, runs...); err != nil {
		t.Fatal(err)
	}
	text, elements = parsed(t, b.String())
	for _, wrong := range []string{"NaN", "Inf", "%!", "ZgotmplZ"} {
		if strings.Contains(b.String(), wrong) {
			t.Errorf("the page has %q", wrong)
		}
	}
	return text, elements
}

// fullHistory returns 20 records with estimates, and one with an evaluation; each field that a page shows is in one of
// them.
func fullHistory(t *testing.T) *History {
	t.Helper()
	var b strings.Builder
	for i := range 20 {
		fmt.Fprintf(&b, `{"epoch":%d,"update":%d,"learning_rate":0.1,"weight_norm":0.2,"mean_hidden":0.4,`, i+1, 10*(i+1))
		fmt.Fprintf(&b, `"pseudo_likelihood":-5,"free_energy_train":-3,"free_energy_gap":-0.%d,"autocorrelation_time":3,`, i%10)
		fmt.Fprintf(&b, `"ladder":{"betas":[1,0.5,0],"acceptance":[0.4,0.%d],"round_trips":2},`, i%10)
		fmt.Fprintf(&b, `"log_z_online":%d,"log_z_online_low":%d,"log_z_online_high":null,"log_z_online_method":"online",`, 10+i, 9+i)
		fmt.Fprintf(&b, `"log_likelihood_train":%v,"log_likelihood_train_low":null,"log_likelihood_train_high":-1,`, -10-1/float64(i+1))
		fmt.Fprintf(&b, `"log_likelihood_valid":%v,"independent_train":-20,"independent_valid":-21}`+"\n", -11-1/float64(i+1))
	}
	b.WriteString(`{"epoch":21,"update":210,"split":"test","rows":5,"method":"ais",` +
		`"log_likelihood":-10.5,"log_likelihood_low":-10.6,"log_likelihood_high":-10.4,"independent":-20,` +
		`"log_z":30,"log_z_low":29.9,"log_z_high":30.1,"warnings":["a <b>warning</b>"]}` + "\n")
	return historyOf(t, b.String())
}

func hostDevice(t *testing.T) engine.Device {
	t.Helper()
	d, err := engine.OpenWith(engine.Options{Device: "cpu"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// looksOf returns the looks of a small model on bars and stripes: pictures of 3 by 3 pixels, or a table of 9 columns if
// c has no size of pictures. Its samples are the first four rows.
func looksOf(t *testing.T, c LookConfig) *Looks {
	t.Helper()
	var err error
	if c.Set, err = dataset.Open("bars-and-stripes:3", dataset.Options{}); err != nil {
		t.Fatal(err)
	}
	m, err := rbm.NewModel(9, 4)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Weights {
		m.Weights[i] = float32(i%5) - 2
	}
	const chains = 4
	c.Samples = &Samples{chains: chains, means: make([]float32, chains*9)}
	for _, b := range c.Set.Train.Bytes[:chains*9] { // 0 or 255
		c.Samples.rows = append(c.Samples.rows, float32(b/255))
	}
	l, err := Look(context.Background(), m, hostDevice(t), c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestPageOfPictures: the page of a run on pictures has all figures, and shows evil names as text.
func TestPageOfPictures(t *testing.T) {
	r := &Run{Name: evil, State: Finished, History: fullHistory(t), Looks: looksOf(t, LookConfig{Width: 3, Height: 3}),
		Command: "harmonium train --data '" + evil + "'", Facts: []Fact{{evil, evil}}, Notes: []string{evil}}
	text, elements := pageOf(t, r)
	for _, want := range []string{
		evil, "a <b>warning</b>", "Samples beside rows", "Filters", "Covariances of pairs", "Principal components",
		"Nearest training rows", "Histogram of activities", "log p of rows and samples", "Free-energy gap",
		"The ladder at the last record", "Log-likelihood of the test rows: −10.50",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if n := elements["img"]; n != 5 { // samples, rows and filters, and samples beside nearest rows
		t.Errorf("%d pictures, want 5", n)
	}
	if n := elements["svg"]; n != 16 { // 8 of the records, 2 of the ladder and 6 of the model and its samples
		t.Errorf("%d charts, want 16", n)
	}
}

// TestPageOfTable: samples, rows and weights of a table are three maps with the names of the columns, and never
// tiles.
func TestPageOfTable(t *testing.T) {
	names := numbers(9)
	names[4] = evil[:12] // "<script>aler", which a map shortens to 8 letters
	text, elements := pageOf(t, &Run{Name: "table", State: Finished, History: fullHistory(t), Looks: looksOf(t, LookConfig{Names: names})})
	if elements["img"] != 0 || elements["image"] != 3 {
		t.Errorf("%d tiles and %d maps, want 0 and 3", elements["img"], elements["image"])
	}
	if want := "<scr…ler"; !strings.Contains(text, want) {
		t.Errorf("the page has no column %q", want)
	}
}

// TestPageWithoutRows: with NoRows a page shows samples, filters and statistics, and neither it nor the looks hold a
// row.
func TestPageWithoutRows(t *testing.T) {
	l := looksOf(t, LookConfig{NoRows: true, Width: 3, Height: 3})
	text, elements := pageOf(t, &Run{Name: "private", State: Finished, History: fullHistory(t), Looks: l})
	if n := elements["img"]; n != 2 {
		t.Errorf("%d pictures, want samples and filters", n)
	}
	for part, want := range map[string]bool{"Nearest training": false, "Principal": false, "Means of columns": true} {
		if got := strings.Contains(text, part); got != want {
			t.Errorf("the page has %q: %v, want %v", part, got, want)
		}
	}
	if l.rows != nil || l.trained != nil || l.dataX != nil {
		t.Error("the looks hold rows")
	}
}

// TestPageOfShortRuns: a run of few records has a page, in every state.
func TestPageOfShortRuns(t *testing.T) {
	for name, lines := range map[string]string{
		"nothing": "", "no field": "{}\n", "no record": "broken\n",
		"one estimate": `{"epoch":1,"update":10,"log_likelihood_train":-3}` + "\n",
		"huge numbers and an empty ladder": `{"update":1,"log_likelihood_train":-1e30,"log_z_online":1e300}` + "\n" +
			`{"update":2,"log_likelihood_train":5,"log_likelihood_valid":-2,"ladder":{"betas":[],"acceptance":[]}}` + "\n",
	} {
		for _, state := range []State{Finished, Running, Stopped} {
			text, _ := pageOf(t, &Run{Name: "short", State: state, History: historyOf(t, lines)})
			if !strings.Contains(text, string(state)) {
				t.Errorf("%s: the page does not say %q", name, state)
			}
		}
	}
}

// TestPageOfFiveRuns: a page compares runs, one of them without a record, and lists the setting in which they differ.
func TestPageOfFiveRuns(t *testing.T) {
	var runs []*Run
	for i := range 5 {
		facts := []Fact{{"seed", fmt.Sprint(i)}, {"hidden", "5"}}
		runs = append(runs, &Run{Name: fmt.Sprintf("run-%d", i), State: Finished, History: fullHistory(t), Facts: facts})
	}
	runs[3].History = &History{}
	text, _ := pageOf(t, runs...)
	for _, want := range []string{"run-0*" /* with points of long estimates */, "run-4", "Log-likelihoods of the runs", "Settings that differ", "No record yet."} {
		if !strings.Contains(text, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if d := differences(runs); len(d) != 1 || d[0].Name != "seed" {
		t.Errorf("differences are %v, want the seed", d)
	}
}

// TestNames: the names at the ends of lines that end together have a distance of labelPitch at least, also from the
// values of lines that end below the axis.
func TestNames(t *testing.T) {
	var together, fallen chart
	for k := range 8 {
		together.series = append(together.series, series{name: "s", k: k, points: []point{pointAt(0, 0), pointAt(1, 1)}})
	}
	together.series = append(together.series, series{name: "low", points: []point{pointAt(0, 0)}})
	fallen.skip = true
	for k := range 3 {
		var points []point
		for i := range 10 {
			points = append(points, pointAt(float64(i), float64(-i)/10))
		}
		fallen.series = append(fallen.series, series{name: "fell", k: k, points: append(points, pointAt(10, -1000))})
	}
	for _, c := range []struct {
		chart
		texts int
	}{{together, 8 + 1}, {fallen, 3 + 3}} { // nine names; three names and three values
		d := xml.NewDecoder(strings.NewReader(c.svg()))
		var ys []float64
		for token, err := d.Token(); err == nil; token, err = d.Token() {
			e, ok := token.(xml.StartElement)
			if !ok || e.Name.Local != "text" || !strings.HasPrefix(e.Attr[0].Value, "name") {
				continue
			}
			var y float64
			fmt.Sscan(e.Attr[2].Value, &y) // the attributes are class, x and y
			ys = append(ys, y)
		}
		if len(ys) != c.texts {
			t.Fatalf("%d names and values, want %d", len(ys), c.texts)
		}
		for i := range ys[1:] {
			// Each y is written with one decimal, so a distance may be 0.1 less; 1e-9 is for the float64 difference.
			if ys[i+1]-ys[i] < labelPitch-0.1-1e-9 {
				t.Errorf("names and values at %v, want them %d apart", ys, labelPitch)
			}
		}
	}
}
