package cli

import "sync"

// atOnce is how many services are asked at a time.
const atOnce = 8

// inOrder does something for each item, a few at a time, and hands on what comes
// of it in the items' order, as soon as it is there. It returns when all is done.
func inOrder[T, R any](items []T, do func(T) R, hand func(R)) {
	results := make([]chan R, len(items))
	for i := range items {
		results[i] = make(chan R, 1)
	}
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() {
		free := make(chan struct{}, atOnce)
		for i, item := range items {
			free <- struct{}{}
			running.Go(func() {
				results[i] <- do(item)
				<-free
			})
		}
	})
	for _, result := range results {
		hand(<-result)
	}
}
