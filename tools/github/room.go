package github

// usualRoom is how many bytes an answer has if nobody says otherwise, about
// 8,000 tokens.
const usualRoom = 32_000

// room is how many bytes one answer may have. What a tool shows of long texts
// fits into it with all that is around them, so that the tool itself says how to
// go on where it cuts.
type room int

// file is for a part of a file, of a log or of a listing.
func (r room) file() int { return int(r) * 3 / 4 }

// diff is for a page of a diff.
func (r room) diff() int { return int(r) * 5 / 8 }

// texts is for all that people wrote of one page together.
func (r room) texts() int { return int(r) * 9 / 16 }

// body is for the text of what is shown with more below it.
func (r room) body() int { return int(r) / 4 }

// each is for one of n texts of a page.
func (r room) each(n int) int { return min(r.texts()/3, r.texts()/max(1, n)) }
