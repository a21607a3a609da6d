"""Whether a definition in the Amazon States Language is one that AWS takes, and why not."""
