package policy

// match tells whether a text is as its pattern has it. What isAny tells of a
// pattern's items stands for any number of the text's, also none; of the others
// each has to fit one. It takes as many steps as the two lengths multiplied.
func match[T any](pattern, text []T, isAny func(T) bool, fits func(pattern, text T) bool) bool {
	p, t := 0, 0
	lastAny, again := -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && isAny(pattern[p]):
			lastAny, again = p, t
			p++
		case p < len(pattern) && fits(pattern[p], text[t]):
			p, t = p+1, t+1
		case lastAny >= 0:
			again++
			p, t = lastAny+1, again
		default:
			return false
		}
	}
	for p < len(pattern) && isAny(pattern[p]) {
		p++
	}
	return p == len(pattern)
}

// matchName is match for a name, where * is any part of it.
func matchName(pattern, name string) bool {
	return match([]byte(pattern), []byte(name), func(b byte) bool { return b == '*' }, func(p, n byte) bool { return p == n })
}
