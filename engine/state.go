package engine

import (
	"fmt"
	"reflect"
	"slices"

	"gorgonia.org/tensor"
)

// State holds the variables of one or more graphs on a device, by name. Plans that share a State
// see each other's assignments.
type State struct {
	device    Device
	variables map[string]Buffer
}

// NewState returns a State without variables.
func NewState(d Device) *State {
	return &State{device: d, variables: map[string]Buffer{}}
}

// Device returns the device that holds the variables.
func (s *State) Device() Device { return s.device }

// Add makes a variable of zeros. It replaces a variable of the same name. Plans compiled before
// keep the old one.
func (s *State) Add(name string, of tensor.Dtype, shape ...int) error {
	b, err := s.device.Alloc(of, shape)
	if err != nil {
		return fmt.Errorf("engine: variable %s: %w", name, err)
	}
	if l, ok := b.(labeled); ok {
		l.label(name)
	}
	s.variables[name] = b
	return nil
}

// Load makes a variable that holds data, a slice or the rows of a [RowReader], and is never assigned: a
// data set for [Rows]. The slice must not change any more.
func (s *State) Load(name string, data any, shape ...int) error {
	b, err := s.device.Load(data, shape)
	if err != nil {
		return fmt.Errorf("engine: variable %s: %w", name, err)
	}
	s.variables[name] = b // without a label: errors that need one are of launches that write a variable
	return nil
}

// Set copies src, a slice of the variable's size and element type, into the variable.
func (s *State) Set(name string, src any) error {
	b, err := s.lookup(name)
	if err != nil {
		return err
	}
	if err := s.device.Upload(b, src); err != nil {
		return fmt.Errorf("engine: variable %s: %w", name, err)
	}
	return nil
}

// Define makes a variable of the given shape with a copy of values, a slice. If only the number of values is wrong, the
// variable is there all the same, with zeros.
func (s *State) Define(name string, values any, shape ...int) error {
	if err := s.Add(name, tensor.Dtype{Type: reflect.TypeOf(values).Elem()}, shape...); err != nil {
		return err
	}
	return s.Set(name, values)
}

// Get copies the variable into dst, a slice of its size and element type.
func (s *State) Get(name string, dst any) error {
	b, err := s.lookup(name)
	if err != nil {
		return err
	}
	if err := s.device.Download(dst, b); err != nil {
		return fmt.Errorf("engine: variable %s: %w", name, err)
	}
	return nil
}

// Copy copies the variable src to the variable dst, of the same type and shape, on the device.
func (s *State) Copy(dst, src string) error {
	from, err := s.lookup(src)
	if err != nil {
		return err
	}
	to, err := s.input(dst, from.Dtype(), from.Shape())
	if err != nil {
		return err
	}
	if err := s.device.launch(copying, to, []Buffer{nil, from}); err != nil { // an assignment does not read its first operand
		return fmt.Errorf("engine: variable %s: %w", dst, err)
	}
	return nil
}

func (s *State) lookup(name string) (Buffer, error) {
	b, ok := s.variables[name]
	if !ok {
		return nil, fmt.Errorf("engine: there is no variable %q", name)
	}
	return b, nil
}

// input returns the variable of an input node. It must have the type and shape of the node.
func (s *State) input(name string, of tensor.Dtype, shape tensor.Shape) (Buffer, error) {
	b, err := s.lookup(name)
	if err != nil {
		return nil, err
	}
	if b.Dtype() != of || !slices.Equal(b.Shape(), shape) {
		return nil, fmt.Errorf("engine: variable %s is %v %v, the graph needs %v %v", name, b.Dtype(), b.Shape(), of, shape)
	}
	return b, nil
}

// Share makes the named variables of other also variables of s. Both must be on the same device,
// and both see every assignment.
func (s *State) Share(other *State, names ...string) error {
	for _, name := range names {
		b, err := other.lookup(name)
		if err != nil {
			return err
		}
		s.variables[name] = b
	}
	return nil
}
