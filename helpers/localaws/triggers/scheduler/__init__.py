"""Amazon EventBridge Scheduler: schedules that call a service in the name of a role.

``checks`` says what AWS refuses, ``runs`` follows the times of a schedule, ``calls`` says which
call of which service is made, with which input, and makes it.
"""
