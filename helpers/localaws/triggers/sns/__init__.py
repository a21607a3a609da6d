"""Amazon SNS: ``publishing`` takes messages and offers them to a topic's subscriptions, ``policy``
says which of them wants it, ``delivery`` brings it to a function or a queue, and ``subscriptions``
says what AWS refuses.
"""
