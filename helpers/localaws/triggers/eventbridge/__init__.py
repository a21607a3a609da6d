"""Amazon EventBridge: rules, their targets and schedules.

``events`` takes events in and looks for rules that they fit (``patterns``, ``matchers``,
``tokens``); ``delivery`` brings them to ``targets``, as ``transform`` makes them; ``rules`` says
what AWS refuses, and ``schedules`` fires rules by the clock.

For other services' own events: ``events.emit(...)``.
"""
