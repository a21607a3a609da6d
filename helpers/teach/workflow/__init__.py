"""A state machine drawn, and its executions told step by step: `show.workflow`, `show.history`."""
