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

// explain adds to an error of a data set the flags that may help: --visible and --schema among them
// where the command has flags for the units of the columns.
func (f *dataFlags) explain(err error, unitFlags bool) error {
	if err == nil {
		return nil
	}
	if advice := f.advice(err, unitFlags); advice != "" {
		return fmt.Errorf("%w%s", err, behind(err.Error(), advice))
	}
	return err
}

// behind returns advice after the punctuation that joins it to the text before it.
func behind(text, advice string) string {
	if strings.HasSuffix(text, "?") {
		return " " + advice
	}
	return "; " + advice
}

func (f *dataFlags) advice(err error, unitFlags bool) string {
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
		return textAdvice(text, unitFlags)
	case errors.As(err, &values):
		return f.rangeAdvice(values, unitFlags)
	case errors.Is(err, dataset.ErrNoLabels):
		return "--label names their column, or a file of them"
	case errors.As(err, new(*memory.Error)):
		return f.blockAdvice(err)
	case errors.As(err, &column):
		if near := didYouMean(column.Name, "", column.Names); near != "" {
			return near[len("; "):] // behind adds them
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

// textAdvice names the flags that accept a column of words.
func textAdvice(e *dataset.TextError, unitFlags bool) string {
	units := ""
	if unitFlags {
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

// rangeAdvice names the flags that accept numbers outside [0,1].
func (f *dataFlags) rangeAdvice(e *dataset.RangeError, unitFlags bool) string {
	switch {
	case e.FirstRow:
		return "--header yes if the first line names the columns"
	case e.Hint != nil:
		return hintFlags(*e.Hint)
	case e.Ratings:
		return ratingsAdvice(f.spec, e.Header)
	case e.Low >= 0 && unitFlags:
		return fmt.Sprintf("--scale %s divides by it, --schema auto makes units of each column by its own values",
			strconv.FormatFloat(e.High, 'f', -1, 32))
	case e.Low >= 0:
		return fmt.Sprintf("--scale %s divides by it", strconv.FormatFloat(e.High, 'f', -1, 32))
	case unitFlags:
		return "--visible names the kinds of columns that hold other values, --schema auto makes units of each column by its own"
	}
	return ""
}

// ratingsAdvice is a line of Python that converts a list of user, item and rating to a row of 0 and 1 for each user.
func ratingsAdvice(file string, header bool) string {
	names := ",header=None"
	if header {
		names = ""
	}
	return fmt.Sprintf("a list of user, item and rating? A row for each user: python3 -c \"import pandas; "+
		"d=pandas.read_csv('%s',sep=None,engine='python'%s); "+
		"pandas.crosstab(d.iloc[:,0],d.iloc[:,1]).clip(upper=1).to_csv('%[1]s.rows',header=False,index=False)\"", file, names)
}

// hintFlags names the flags that take a column, or the first line, out of the data.
func hintFlags(h dataset.Hint) string {
	column := columnWord(h.Column, h.Name)
	switch {
	case h.Column == 0: // the hint is about the first line
		return "--header yes or --header no says which"
	case h.Label:
		return fmt.Sprintf("--label %s, --weight-column %s or --drop %s takes it out of the data", column, column, column)
	}
	return fmt.Sprintf("--drop %s leaves it out", column)
}

// columnWord names a column in a flag: by its name, or by its number where the name is empty, a number itself or
// needs quotes in a shell.
func columnWord(number int, name string) string {
	if _, err := strconv.Atoi(name); name == "" || err == nil || !plainWord.MatchString(name) {
		return strconv.Itoa(number)
	}
	return name
}
