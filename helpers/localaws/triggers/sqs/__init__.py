"""Amazon SQS: the messages of a queue invoke a function, batch by batch.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html and its sections on scaling,
error handling and parameters.
"""

from helpers.localaws.triggers.sqs.poller import QueuePoller

__all__ = ["QueuePoller"]
