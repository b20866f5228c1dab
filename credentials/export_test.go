package credentials

// IsClosing reports whether Close has begun.
func (c *Credential) IsClosing() bool { return c.background.Err() != nil }

func KeyCommand(s Service, line string) ([]string, error) { return s.keyCommand(line) }
