package audit_test

import (
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// BenchmarkAppend is one record after another, with nobody else there and with seven
// other processes that write as fast as they can.
func BenchmarkAppend(b *testing.B) {
	for _, others := range []int{0, 7} {
		b.Run(strconv.Itoa(others)+" others", func(b *testing.B) {
			folder := filepath.Join(b.TempDir(), "audit")
			for i := range others {
				w := startWriter(b, folder, strconv.Itoa(i), 1<<30)
				go func() { _, _ = w.start.Write([]byte("\n")) }()
				go func() { _, _ = io.Copy(io.Discard, w.out) }()
				b.Cleanup(func() {
					_ = w.Process.Kill()
					_ = w.Wait()
				})
			}
			log := logIn(folder)
			var took []time.Duration
			for b.Loop() {
				sent := time.Now()
				if err := log.Append(b.Context(), recordOf("1")); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(sent))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1000, "median-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1000, "p99-µs")
		})
	}
}
