"""Who calls Lambda, when, with which event: one file for each event source.

A trigger never runs inside the producer's own call. S3, SNS and EventBridge hand their event to
the asynchronous queue; queues and streams are polled by event source mappings.
"""
