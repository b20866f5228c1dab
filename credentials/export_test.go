package credentials

// IsClosing reports whether Close has begun.
func (c *Credential) IsClosing() bool { return c.background.Err() != nil }
