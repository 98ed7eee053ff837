package kernels

import (
	"runtime"

	"golang.org/x/sys/cpu"
)

// Features returns the instruction sets of this machine on which the choice of an implementation
// depends, by the names of the processor's vendor.
func Features() []string {
	if runtime.GOARCH == "arm64" {
		return present(feature{"asimd", cpu.ARM64.HasASIMD})
	}
	x := cpu.X86
	return present(feature{"sse2", x.HasSSE2},
		feature{"popcnt", x.HasPOPCNT}, feature{"bmi1", x.HasBMI1},
		feature{"avx2", x.HasAVX2}, feature{"fma", x.HasFMA},
		feature{"avx512f", x.HasAVX512F}, feature{"avx512bw", x.HasAVX512BW},
		feature{"avx512dq", x.HasAVX512DQ}, feature{"avx512vl", x.HasAVX512VL},
		feature{"avx512_vbmi2", x.HasAVX512VBMI2})
}

type feature struct {
	name    string
	present bool
}

// present returns the names of the features that the processor has, in order.
func present(features ...feature) []string {
	var names []string
	for _, f := range features {
		if f.present {
			names = append(names, f.name)
		}
	}
	return names
}
