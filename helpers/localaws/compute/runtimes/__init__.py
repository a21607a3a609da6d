"""The programs that run inside an execution environment and speak the Lambda Runtime API."""
