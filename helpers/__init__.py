"""What the notebooks and labs import.

Rooms: ``cloud`` opens a cloud (a local one by default), ``deploy`` packages and creates
functions, ``teach`` holds predictions, checks and quizzes. ``localaws`` is the local AWS: a
server process of its own that everything else reaches over HTTP, as it would reach AWS.
"""

#: The one place for the runtime's name: what notebooks pass as ``Runtime=``.
#: Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
RUNTIME = "python3.13"
