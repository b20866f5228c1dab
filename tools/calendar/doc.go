// Package calendar is what the tools of all calendar services have in common:
// events, the span of time they are asked for, time zones, times that are busy,
// and the text of all these for a model to read.
//
// It knows no provider and asks nobody anything. Its functions are safe for
// concurrent use.
package calendar
