package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// momentum is the flag value INITIAL[,FINAL].
type momentum struct{ initial, final *float64 }

func (m momentum) Type() string { return "INITIAL[,FINAL]" }

func (m momentum) String() string {
	switch {
	case m.initial == nil: // pflag calls String on a zero value
		return ""
	case *m.initial == *m.final:
		return fmt.Sprint(*m.initial)
	}
	return fmt.Sprintf("%v,%v", *m.initial, *m.final)
}

// Set sets both parameters to one value, or each to its own. Its error says what is wanted.
func (m momentum) Set(s string) error {
	initial, final, both := strings.Cut(s, ",")
	if !both {
		final = initial
	}
	for _, p := range []struct {
		dst  *float64
		text string
	}{{m.initial, initial}, {m.final, final}} {
		x, err := strconv.ParseFloat(p.text, 64)
		if err != nil {
			return errors.New("INITIAL or INITIAL,FINAL, such as 0.5,0.9")
		}
		*p.dst = x
	}
	return nil
}
