package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed page.html
var pageText string

//go:embed body.html
var bodyText string

//go:embed page.css
var styleText string

var (
	pageTemplate = template.Must(template.New("page").Parse(pageText))
	bodyTemplate = template.Must(template.New("body").Parse(bodyText))
)

// Frame is what stands around the body of a page.
type Frame struct {
	Title  string
	Policy string        // Content-Security-Policy; "" stands for stillPolicy
	Extra  template.HTML // below the title
	Script template.HTML // at the end
}

// stillPolicy lets a page show what is in it, load nothing and run no script.
const stillPolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

// Write writes a page about runs as HTML.
func Write(w io.Writer, frame Frame, runs ...*Run) error {
	body, err := Body(runs...)
	if err != nil {
		return err
	}
	return WriteBody(w, frame, body)
}

// WriteBody writes a page of a body that [Body] has returned.
func WriteBody(w io.Writer, frame Frame, body template.HTML) error {
	if frame.Policy == "" {
		frame.Policy = stillPolicy
	}
	return pageTemplate.Execute(w, struct {
		Frame
		Style template.CSS
		Body  template.HTML
	}{frame, style(), body})
}

// Body returns the part of a page that shows the runs, and compares them if there are several.
func Body(runs ...*Run) (template.HTML, error) {
	page := struct {
		Runs        []section
		Compared    []shown
		Differences []difference
	}{}
	for i, r := range runs {
		page.Runs = append(page.Runs, r.section(fmt.Sprintf("run%d", i+1)))
	}
	if len(runs) > 1 {
		page.Compared, page.Differences = compared(runs), differences(runs)
	}
	var b bytes.Buffer
	if err := bodyTemplate.Execute(&b, page); err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	return template.HTML(b.String()), nil
}

// style returns the style sheet with the light and the dark palette.
func style() template.CSS {
	var b strings.Builder
	fmt.Fprintf(&b, ":root{%s}\n@media (prefers-color-scheme: dark){:root{%s}}\n@media print{:root{%s}}\n",
		variables(light), variables(dark), variables(light))
	b.WriteString(styleText)
	for k := range seriesShades {
		fmt.Fprintf(&b, ".line.s%d,.dots.s%d{stroke:var(--s%d)}.band.s%d,.mark.s%d,.fill.s%d,text.s%d{fill:var(--s%d)}\n", k, k, k, k, k, k, k, k)
	}
	return template.CSS(b.String())
}
