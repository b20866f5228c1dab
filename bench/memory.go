package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// memoryOf reads a figure the system keeps of a process: VmRSS, the memory it
// has now, or VmHWM, the most it ever had (proc_pid_status(5)).
func memoryOf(c *client, field string) figure {
	if runtime.GOOS != "linux" {
		return figure{fault: fmt.Errorf("memory is not measured here: it is read from /proc, and this is %s", runtime.GOOS)}
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.process.Process.Pid))
	if err != nil {
		return figure{fault: err}
	}
	for line := range strings.Lines(string(status)) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != field+":" {
			continue
		}
		kilobytes, err := strconv.ParseFloat(words[1], 64)
		megabytes := kilobytes * 1024 / 1e6
		return figure{text: fmt.Sprintf("%.1f", megabytes), value: megabytes, fault: err}
	}
	return figure{fault: fmt.Errorf("the system says no %s of this process", field)}
}
