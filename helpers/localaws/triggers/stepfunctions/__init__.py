"""AWS Step Functions: state machines and their executions, which call functions and services.

The API (``api.py``, ``operations/``), the state machines and the executions are ours; what a
definition means is moto's interpreter, loaded when it is first needed (``interpreter.py``).
Everything that waits there follows the course clock (``waiting.py``), and everything that it calls
goes through the gateway with a session of the state machine's role (``clients.py``).
Source: https://docs.aws.amazon.com/step-functions/latest/dg/welcome.html
"""
