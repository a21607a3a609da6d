"""The Lambda service: functions, execution environments, assignment and invocation."""
