package stdio_test

import (
	"fmt"
	"os"
	"syscall"
)

var strayTexts = []string{"stray fmt", "stray os.Stdout", "stray handle"}

// strayPrints does what dependencies do.
func strayPrints() {
	fmt.Println("stray fmt")
	os.Stdout.WriteString("stray os.Stdout\n")
	os.NewFile(uintptr(syscall.Stdout), "stdout").WriteString("stray handle\n")
}
