package dataset

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// columnText is a column as the JSON of a schema has it.
type columnText struct {
	Name       string    `json:"name,omitempty"`
	Number     int       `json:"column,omitempty"`
	Kind       string    `json:"kind"`
	Label      bool      `json:"label,omitempty"`
	Categories []string  `json:"categories,omitempty"`
	Edges      []float64 `json:"edges,omitempty"`
	Means      []float64 `json:"means,omitempty"`
	Mean       *float64  `json:"mean,omitempty"`
	Deviation  *float64  `json:"standard_deviation,omitempty"`
	Decimals   *int      `json:"decimals,omitempty"`
}

// schemaText is the JSON of a schema.
type schemaText struct {
	Plain   int          `json:"plain_values,omitempty"`
	Columns []columnText `json:"columns"`
}

// Text returns the schema as JSON with a line for each column. ParseSchema reads it.
func (s *Schema) Text() string {
	var b strings.Builder
	b.WriteByte('{')
	if s.Plain > 0 {
		fmt.Fprintf(&b, "\"plain_values\": %d, ", s.Plain)
	}
	b.WriteString("\"columns\": [")
	for i, c := range s.Columns {
		t := columnText{Name: c.Name, Number: c.Number, Kind: c.Kind, Label: c.Label, Categories: c.Categories, Edges: c.Edges,
			Means: c.Means}
		if c.Kind == gaussianColumn {
			t.Mean, t.Deviation = &c.Mean, &c.Deviation
		}
		if c.holdsNumbers() {
			t.Decimals = &c.Decimals
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n  ")
		b.Write(columnJSON(t))
	}
	b.WriteString("\n]}\n")
	return b.String()
}

// columnJSON returns a column in one line without json.Marshal's escapes for HTML, such as \u003c.
func columnJSON(t columnText) []byte {
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	e.Encode(t) // a struct of strings and finite numbers always encodes
	return bytes.TrimSpace(line.Bytes())
}

// MarshalJSON returns Text.
func (s *Schema) MarshalJSON() ([]byte, error) { return []byte(s.Text()), nil }

// UnmarshalJSON is ParseSchema.
func (s *Schema) UnmarshalJSON(text []byte) error {
	parsed, err := ParseSchema(string(text))
	if err == nil {
		*s = *parsed
	}
	return err
}

// LoadSchema reads a schema from a file, as ParseSchema does.
func LoadSchema(path string) (*Schema, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("dataset: schema: %w", err)
	}
	s, err := ParseSchema(string(content))
	if err != nil {
		return nil, fmt.Errorf("dataset: schema %s: %w", path, err)
	}
	return s, nil
}

// ParseSchema reads a schema from its JSON. Unknown keys and columns that make no sense are errors.
func ParseSchema(text string) (*Schema, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	var t schemaText
	if err := d.Decode(&t); err != nil {
		return nil, fmt.Errorf("%s, want JSON such as %s", jsonFault(text, err), exampleSchema)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text behind the JSON, want one object")
	}
	s := &Schema{Plain: t.Plain}
	for _, c := range t.Columns {
		column := Column{Name: c.Name, Number: c.Number, Kind: c.Kind, Label: c.Label, Categories: c.Categories, Edges: c.Edges,
			Means: c.Means}
		if c.Mean != nil {
			column.Mean = *c.Mean
		}
		if c.Deviation != nil {
			column.Deviation = *c.Deviation
		}
		if c.Decimals != nil {
			column.Decimals = *c.Decimals
		}
		s.Columns = append(s.Columns, column)
	}
	return s, s.Validate()
}

const exampleSchema = `{"columns": [{"name": "sex", "column": 1, "kind": "bernoulli", "categories": ["female", "male"]}]}`

// jsonFault names the line of a fault in JSON where that is known.
func jsonFault(text string, err error) string {
	message := strings.TrimPrefix(err.Error(), "json: ")
	offset := int64(-1)
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		offset = syntax.Offset
	} else if kind := (*json.UnmarshalTypeError)(nil); errors.As(err, &kind) {
		offset, message = kind.Offset, "found "+kind.Value
		if kind.Field != "" {
			message += fmt.Sprintf(" as %q", kind.Field)
		}
	}
	if offset < 0 || offset > int64(len(text)) {
		return message
	}
	return fmt.Sprintf("line %d: %s", 1+strings.Count(text[:offset], "\n"), message)
}

// Validate returns an error that names the first column that makes no sense.
func (s *Schema) Validate() error {
	if len(s.Columns) == 0 {
		return errors.New("no columns, want at least one")
	}
	if err := checkCount(len(s.Columns)); err != nil {
		return err
	}
	labels, names, numbers := 0, map[string]bool{}, map[int]bool{}
	for i := range s.Columns {
		c := &s.Columns[i]
		if err := c.validate(); err != nil {
			return fmt.Errorf("%s: %w", c.place(i), err)
		}
		if c.Label {
			labels++
		}
		switch {
		case labels > 1:
			return fmt.Errorf("%s: a second label, want one", c.place(i))
		case c.Name != "" && names[c.Name], c.Number > 0 && numbers[c.Number]:
			return fmt.Errorf("%s: a second column of this name or number, want one", c.place(i))
		}
		names[c.Name], numbers[c.Number] = true, true
	}
	if s.Plain < 0 || s.Plain > 0 && (len(s.Columns) > 1 || labels == 0) {
		return fmt.Errorf("%d plain values beside %d columns, want none, or one column, a label", s.Plain, len(s.Columns))
	}
	if s.Width() == 0 {
		return errors.New("all columns are constant, want one that is not")
	}
	return nil
}

// place names column i of a schema by its number or, without one, by its place in the schema.
func (c *Column) place(i int) string {
	if c.Number < 1 {
		return fmt.Sprintf("entry %d %s", i+1, shorten(c.Name))
	}
	return c.String()
}

func (c *Column) validate() error {
	words := map[string]bool{}
	for _, word := range c.Categories {
		if words[word] {
			return fmt.Errorf("category %s twice", shorten(word))
		}
		words[word] = true
	}
	n := len(c.Categories)
	switch {
	case !slices.Contains(columnKinds, c.Kind):
		return fmt.Errorf("kind %q, want one of %s", c.Kind, strings.Join(columnKinds, ", "))
	case c.Number < 0 || c.Number == 0 && c.Name == "":
		return fmt.Errorf("number %d and no name, want a number from 1 or a name", c.Number)
	case c.Label && c.Kind != categoricalColumn, c.Label && c.binned():
		return errors.New("a label of another kind, want categorical with categories")
	case c.Kind == constantColumn && n != 1:
		return fmt.Errorf("%d categories, want 1, the word in all cells", n)
	case c.Kind == bernoulliColumn && n != 2:
		return fmt.Errorf("%d categories, want 2", n)
	case c.Kind == categoricalColumn && n > 0 && c.binned():
		return errors.New("both categories and bins, want one of them")
	case c.Kind != categoricalColumn && (c.binned() || len(c.Edges) > 0), c.Kind == gaussianColumn && n > 0:
		return fmt.Errorf("categories or bins in a column of kind %s", c.Kind)
	case c.Kind == categoricalColumn && (c.Width() < 2 || c.Width() > MaxCategories):
		return fmt.Errorf("%d categories, want 2 to %d", c.Width(), MaxCategories)
	case c.Kind == gaussianColumn && !(c.Deviation > 0 && !math.IsInf(c.Deviation, 0)):
		return fmt.Errorf("standard deviation %v, want a positive number", c.Deviation)
	case c.Decimals < -1 || c.Decimals > maxDecimals:
		return fmt.Errorf("%d decimals, want -1 to %d", c.Decimals, maxDecimals)
	}
	return c.validateBins()
}

func (c *Column) validateBins() error {
	if c.binned() && len(c.Edges) != len(c.Means)-1 || !c.binned() && len(c.Edges) > 0 {
		return fmt.Errorf("%d edges and %d means of bins, want one edge between two bins", len(c.Edges), len(c.Means))
	}
	for i, edge := range c.Edges {
		if i > 0 && !(edge > c.Edges[i-1]) {
			return fmt.Errorf("edge %v after %v, want rising ones", edge, c.Edges[i-1])
		}
	}
	return nil
}

// maxDecimals is the largest number of digits behind the point: nine significant digits determine a float32.
const maxDecimals = 9

// number writes a number as the column's cells are written.
func (c *Column) number(x float64) string {
	if c.Decimals < 0 {
		return strconv.FormatFloat(x, 'g', 6, 64)
	}
	text := strconv.FormatFloat(x, 'f', c.Decimals, 64)
	if strings.Trim(text, "-0.") == "" { // a zero, which has no sign
		return strings.TrimPrefix(text, "-")
	}
	return text
}
