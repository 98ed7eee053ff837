package kernels

import (
	"fmt"
	"os"
	"strings"
	"sync"
)

// Variable is the name of the environment variable that forces one implementation on the host.
const Variable = "HARMONIUM_KERNELS"

// Host returns the implementation for this machine: the one that the environment variable
// HARMONIUM_KERNELS names, else the fastest. The choice is made once. If this machine has no
// implementation of that name, the error lists its implementations.
func Host() (*Set, error) { return host() }

var host = sync.OnceValues(func() (*Set, error) { return implementation(os.Getenv(Variable)) })

// Implementations returns the implementations that this build can run on this machine, the
// slowest, [Definition], first.
func Implementations() []*Set {
	return append([]*Set{&Definition}, compiled()...)
}

// implementation returns the implementation with a name, or the fastest for an empty name.
func implementation(name string) (*Set, error) {
	sets := Implementations()
	if name == "" {
		return sets[len(sets)-1], nil
	}
	var names []string
	for _, s := range sets {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return nil, fmt.Errorf("kernels: %s: found %q, want one of %s", Variable, name, strings.Join(names, ", "))
}
