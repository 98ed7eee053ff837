package memory

import (
	"fmt"
	"runtime/debug"
)

// Error says that something does not fit.
type Error struct {
	What string  // such as "the model", what the memory is for
	Need float64 // bytes, an estimate
	Free Limit
}

func (e *Error) Error() string {
	by := ""
	if e.Free.By != "" {
		by = " by " + e.Free.By
	}
	return fmt.Sprintf("out of memory: %s needs about %s, %s are free%s", e.What, Size(e.Need), Size(e.Free.Bytes), by)
}

// small is the number of bytes that are not checked: a check takes a tenth of a millisecond.
const small = 16 << 20

// Check returns an [*Error] if more bytes are needed than are free. Before it does, it returns
// garbage to the system.
func Check(what string, need float64) error {
	if need <= small || need <= Free().Bytes {
		return nil
	}
	debug.FreeOSMemory()
	free := Free()
	if need <= free.Bytes {
		return nil
	}
	return &Error{what, need, free}
}

// Size formats a number of bytes with a unit and two digits or more: 38 GB, 1.2 GB, 640 MB.
func Size(bytes float64) string {
	const kilo, mega, giga, tera = 1e3, 1e6, 1e9, 1e12
	unit, name := kilo, "kB"
	switch {
	case bytes >= tera:
		unit, name = tera, "TB"
	case bytes >= giga:
		unit, name = giga, "GB"
	case bytes >= mega:
		unit, name = mega, "MB"
	}
	x := bytes / unit
	if x < 9.95 {
		return fmt.Sprintf("%.1f %s", x, name)
	}
	return fmt.Sprintf("%.0f %s", x, name)
}
