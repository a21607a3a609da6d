"""What notebook 01 asks before it runs a cell."""

from helpers.teach.questions import Prediction

PREDICTIONS = {
    "01.before": Prediction(
        question="The function is created and Active, and nobody has called it. How many "
        "execution environments are there?",
        right="a",
        replies={
            "a": "Active means ready to be started, not started.",
            "b": "You thought of a server, which waits for its first customer. Lambda keeps the "
            "package and the settings, and starts nothing until there is an event.",
            "c": "You thought of a cluster with a minimum size. There is no such size here unless "
            "you order it (and pay for it); notebook 14 will.",
        },
        because="No environment, no log stream, nothing to pay.",
    ),
    "01.idle": Prediction(
        question="Two invocations follow each other at once; a third comes after an hour "
        "without any. How many of the three start a new environment?",
        right="b",
        replies={
            "a": "You thought that a started environment stays, as a server does. An idle one is "
            "taken away after a while that AWS does not promise.",
            "b": "The first and the third; the second finds a warm one.",
            "c": "You thought that every invocation starts from nothing. An environment is kept "
            "for the next event, which saves the start.",
        },
        because="An environment appears with an event, serves the next ones, and goes when idle.",
    ),
    "01.entry": Prediction(
        question="In the file the function is now called `greet`, in the configuration the handler "
        "is still `hello.handler`. What happens?",
        right="c",
        replies={
            "a": "You thought that Lambda looks for the only function there is. It looks for one "
            "name, the configured one.",
            "b": "You thought that AWS reads your code when it is uploaded. It stores the zip and "
            "does not look inside.",
            "c": "The name is looked up when an environment starts, which is at the first event.",
        },
        because="The setting `hello.handler` means: in the module hello, the function handler.",
    ),
    "01.exception": Prediction(
        question="The handler divides by zero. What does the program that called `invoke` get?",
        right="b",
        replies={
            "a": "You thought of a function call in one program. Two programs meet here over "
            "HTTP, and the exception stays on the other side.",
            "b": "Status 200: the call worked. The function did not, and FunctionError says so.",
            "c": "You thought of a web server, where a crash becomes a 500. Lambda has done its "
            "part, so the status of the call is 200.",
        },
        because="Whoever calls invoke and does not look at FunctionError takes every failure for "
        "a result.",
    ),
    "01.timeout": Prediction(
        question="The handler never comes back, and its Timeout is 1 second. What happens?",
        right="c",
        replies={
            "a": "You thought of a warning. The timeout is a limit: nothing is waited for.",
            "b": "You thought that only the answer is given up. The process is stopped, with "
            "whatever it was doing and whatever it remembered.",
            "c": "Cut off, in the middle of whatever it was doing.",
        },
        because="For the next event your file is run from the top again, which takes time too.",
    ),
    "01.import": Prediction(
        question="The file imports a package that is not in the zip. When does anybody notice?",
        right="a",
        replies={
            "a": "An environment that starts runs the file from the top, and falls over there.",
            "b": "You thought of an installer that reads your imports. AWS stores the zip and "
            "does not look inside; a test on your machine would have noticed.",
            "c": "You thought of the line that uses the package. The import stands at the top of "
            "the file and runs before the handler does.",
        },
        because="It fails for every event, whatever is in it.",
    ),
    "01.result": Prediction(
        question="The handler returns a Python set of the sizes. What does the caller get?",
        right="b",
        replies={
            "a": "You thought that Lambda converts what it can. The runtime calls json.dumps, and "
            "that knows no sets.",
            "b": "The handler ran to its end, and its result could not be sent.",
            "c": "You thought that what cannot be sent is left out. Nothing is dropped silently: "
            "the invocation fails.",
        },
        because="Whatever the handler did before (a payment, a mail) has been done all the same.",
    ),
    "01.printed": Prediction(
        question="The handler prints its answer as JSON and returns nothing. What does the "
        "caller get?",
        right="b",
        replies={
            "a": "You thought of a script, whose output is its result. Here the output belongs to "
            "the log.",
            "b": "A Python function without return returns None, and None in JSON is null.",
            "c": "You thought that a missing result is an error. For Lambda null is as good a "
            "result as any other.",
        },
        because="Two ways lead out of a handler: return to the caller, print to the log.",
    ),
}
