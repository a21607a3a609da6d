"""Which action on which resource an operation needs."""
