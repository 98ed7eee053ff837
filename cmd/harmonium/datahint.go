package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"harmonium/dataset"
	"harmonium/memory"
	"harmonium/store"
)

// explain adds to an error of a data set the flags that may help. The units of the columns can be
// named where --visible is a flag.
func (f *dataFlags) explain(err error, visible bool) error {
	if err == nil {
		return nil
	}
	if advice := f.advice(err, visible); advice != "" {
		return fmt.Errorf("%w%s", err, behind(err.Error(), advice))
	}
	return err
}

// behind returns advice with what stands between it and the text before it.
func behind(text, advice string) string {
	if strings.HasSuffix(text, "?") {
		return " " + advice
	}
	return "; " + advice
}

func (f *dataFlags) advice(err error, visible bool) string {
	var (
		header *store.HeaderError
		hint   *dataset.HintError
		text   *dataset.TextError
		values *dataset.RangeError
		column *dataset.ColumnError
	)
	switch {
	case errors.As(err, &header):
		return "--header yes or --header no says which"
	case errors.As(err, &hint):
		return indexAdvice(hint)
	case errors.As(err, &text):
		return textAdvice(text, visible)
	case errors.As(err, &values):
		return f.rangeAdvice(values, visible)
	case errors.Is(err, dataset.ErrNoLabels):
		return "--label names their column, or a file of them"
	case errors.As(err, new(*memory.Error)):
		return f.blockAdvice(err)
	case errors.As(err, &column):
		if near := didYouMean(column.Name, "", column.Names); near != "" {
			return near[len("; "):]
		}
	}
	return ""
}

// indexAdvice names the flag that leaves out all columns that are no data.
func indexAdvice(e *dataset.HintError) string {
	if e.Others == nil {
		return hintFlags(e.Hint) + ", --columns with it keeps it"
	}
	columns := columnWord(e.Hint.Column, e.Hint.Name)
	for _, other := range e.Others {
		columns += "," + columnWord(other.Column, other.Name)
	}
	return fmt.Sprintf("--drop %s leaves out all such columns, --columns with them keeps them", columns)
}

// textAdvice says what takes a column of words. Units can be made of it where --schema is a flag.
func textAdvice(e *dataset.TextError, schema bool) string {
	units := ""
	if schema {
		units = ", --schema auto makes units of words"
	}
	switch column := columnWord(e.Column, e.Name); {
	case e.Decimal:
		return "a decimal comma? write a point; a comma between thousands? leave it out"
	case e.Numbers > 0:
		return "NA stands for a missing number; a --schema FILE can name all words as categories"
	case e.Mostly && e.Others != nil:
		for _, other := range e.Others {
			column += "," + strconv.Itoa(other)
		}
		return fmt.Sprintf("--drop %s leaves the columns of words out, --label takes one of them as the label%s", column, units)
	case e.Mostly:
		return fmt.Sprintf("--drop %s leaves the column out, --label %s takes it as the label%s", column, column, units)
	}
	return ""
}

func (f *dataFlags) rangeAdvice(e *dataset.RangeError, visible bool) string {
	switch {
	case e.FirstRow:
		return "--header yes if the first line names the columns"
	case e.Hint != nil:
		return hintFlags(*e.Hint)
	case e.Ratings:
		return ratingsAdvice(f.spec, e.Header)
	case e.Low >= 0 && visible:
		return fmt.Sprintf("--scale %s divides by it, --schema auto makes units of each column by its own values", strconv.FormatFloat(e.High, 'f', -1, 32))
	case e.Low >= 0:
		return fmt.Sprintf("--scale %s divides by it", strconv.FormatFloat(e.High, 'f', -1, 32))
	case visible:
		return "--visible names the kinds of columns that hold other values, --schema auto makes units of each column by its own"
	}
	return ""
}

// ratingsAdvice converts a list of user, item and rating to a row of 0 and 1 for each user.
func ratingsAdvice(file string, header bool) string {
	names := ",header=None"
	if header {
		names = ""
	}
	return fmt.Sprintf("a list of user, item and rating? A row for each user: python3 -c \"import pandas; d=pandas.read_csv('%s',sep=None,engine='python'%s); "+
		"pandas.crosstab(d.iloc[:,0],d.iloc[:,1]).clip(upper=1).to_csv('%[1]s.rows',header=False,index=False)\"", file, names)
}

// hintFlags names the flags that take a column out of the data, or a line.
func hintFlags(h dataset.Hint) string {
	column := columnWord(h.Column, h.Name)
	switch {
	case h.Column == 0:
		return "--header yes or --header no says which"
	case h.Label:
		return fmt.Sprintf("--label %s, --weight-column %s or --drop %s takes it out of the data", column, column, column)
	}
	return fmt.Sprintf("--drop %s leaves it out", column)
}

// columnWord names a column for a shell.
func columnWord(number int, name string) string {
	if _, err := strconv.Atoi(name); name == "" || err == nil || !plainWord.MatchString(name) {
		return strconv.Itoa(number)
	}
	return name
}
