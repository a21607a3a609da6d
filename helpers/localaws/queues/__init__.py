"""Amazon SQS: what lies in a queue, who gets it next, and what becomes of it.

moto keeps the queues and their settings and speaks the protocol. Their contents are kept here,
because moto looks at every message of a queue for each call, loses some when calls meet, and knows
neither message groups nor redrive as SQS has them.
"""
