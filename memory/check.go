package memory

import (
	"fmt"
	"runtime/debug"
)

// Error says that something does not fit into memory.
type Error struct {
	What string  // use of the memory, such as "the model"
	Need float64 // estimated number of bytes
	Free Limit   // bytes that are free, and the limit that leaves them
}

func (e *Error) Error() string {
	by := ""
	if e.Free.By != "" {
		by = " by " + e.Free.By
	}
	return fmt.Sprintf("out of memory: %s needs about %s, %s are free%s", e.What, Size(e.Need), Size(e.Free.Bytes), by)
}

// small is the largest number of bytes that Check does not compare with the free memory. Chosen: reading the
// free memory takes a tenth of a millisecond, and filling more bytes than small takes a millisecond or more.
const small = 16 << 20

// Check returns an [*Error] if `need` bytes are more than are free, also after Go has collected its garbage and
// returned it to the system. The error names the use of the memory by what.
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
	if x < 9.95 { // from here on one decimal would round to 10.0 or more
		return fmt.Sprintf("%.1f %s", x, name)
	}
	return fmt.Sprintf("%.0f %s", x, name)
}
