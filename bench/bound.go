package bench

// Launch holds the work of one launch of an update on a GPU and the least bytes that it moves:
// every operand is read once and every result written once.
type Launch struct {
	Name         string
	Flop, Bytes  float64
	MatrixEngine bool // a product, at the card's rate for products
}

// UpdateLaunches lists the launches of one update by PCD-k of a model (V,H) along the centered
// gradient, without momentum, with one chain for each row of a batch B of bytes.
func UpdateLaunches(visible, hidden, batch, steps int) []Launch {
	v, h := 4*float64(batch)*float64(visible), 4*float64(batch)*float64(hidden) // bytes of a batch
	w := 4 * float64(visible) * float64(hidden)
	var list []Launch
	add := func(name string, bytes float64) { list = append(list, Launch{Name: name, Bytes: bytes}) }
	product := func(name string, bytes float64) {
		flop := 2 * float64(batch) * float64(visible) * float64(hidden)
		list = append(list, Launch{name, flop, bytes, true})
	}
	add("rows", v/4+v)
	product("hidden field of the data", v+w+h)
	add("hidden means of the data", 2*h)
	for step := range steps {
		product("visible field of the chains", h+w+v)
		add("visible states of the chains", 2*v)
		product("hidden field of the chains", v+w+h)
		if step < steps-1 {
			add("hidden states of the chains", 2*h)
		} else {
			add("hidden means and states of the chains", 3*h)
		}
	}
	product("gradient of the data", v+h+w)
	product("gradient of the chains", v+h+2*w)
	for range 2 { // data and chains
		add("means · offsets", h)
		add("visible means", v)
		add("states · offsets", v)
		add("hidden means", h)
	}
	units := 4 * float64(visible+hidden)
	for range 2 { // layers; each of these is small
		add("difference of means", 1.5*units)
	}
	add("update of the weights", 3*w)
	for range 2 {
		add("gradient of a bias", 3*units)
		add("update of a bias", 1.5*units)
		add("moving offsets", 2*units)
	}
	add("clock", 6*4)
	return list
}

// Card is a GPU with its published peaks.
type Card struct {
	Name      string
	Product   float64 // flop/s of dense products at the default precision of training
	Bandwidth float64 // byte/s of the device's memory
}

// Bound is the least time, in seconds, of the launches one after the other on the card.
func (c Card) Bound(launches []Launch) float64 {
	var seconds float64
	for _, l := range launches {
		seconds += max(l.Flop/c.Product, l.Bytes/c.Bandwidth)
	}
	return seconds
}
