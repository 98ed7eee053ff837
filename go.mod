module harmonium

go 1.26

require (
	gorgonia.org/gorgonia v0.9.18
	gorgonia.org/tensor v0.9.24
	gorgonia.org/cu v0.9.6
	gonum.org/v1/gonum v0.17.0
	golang.org/x/sys v0.38.0
	go4.org/unsafe/assume-no-moving-gc v0.0.0-20231121144256-b99613f794b6
)
