"""The judge: runs submitted notebooks where they can harm nobody, and marks what they leave behind.

    python3 start.py grade SUBMISSIONS --lab L06

A submission meets two sandboxes (``walls``). On a *bench* live a worker and its local AWS, without
a network and without the grader's files; in a *box* inside it the notebook's cells run, and reach
that local AWS through one socket. When they have ended, the worker looks at the cloud from outside
with the lab's own check (``judging``). What comes back is data: the marks are kept, and written for
people and programs, by the process that started it all (``grading``), which runs no student's code.
"""
