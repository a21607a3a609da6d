"""The questions of notebook 03."""

from helpers.teach.questions import Quiz

QUIZZES = {
    "03.compiled": Quiz(
        question="On a Mac you run `pip install --target package pillow`, zip the folder and "
        "deploy it. The first event ends in Runtime.ImportModuleError. What is the likely reason?",
        options={
            "a": "the zip is too large",
            "b": "the library holds compiled parts, made for macOS and not for Lambda's Linux",
            "c": "Lambda does not allow libraries from PyPI",
            "d": "the handler's path is wrong",
        },
        right="b",
        replies={
            "a": "A zip that is too large is refused when you upload it, not at the first event.",
            "b": "Ask pip for Lambda's own kind: --platform manylinux2014_x86_64 "
            "--only-binary=:all:, or build in a container.",
            "c": "It takes any library that is in the package. Only: it has to fit the system.",
            "d": "Then the message would name your own file, not a part of the library.",
        },
    ),
    "03.retired": Quiz(
        question="A function runs on a runtime that AWS has retired. What happens on the day its "
        "updates are blocked?",
        options={
            "a": "it stops answering",
            "b": "AWS moves it to the next version of the language",
            "c": "it goes on answering, without patches, and can no longer be changed",
        },
        right="c",
        replies={
            "a": "Invocations are not blocked. That is what makes it easy to overlook.",
            "b": "AWS patches within a version. A new version of the language can break your "
            "code, so that step is yours.",
            "c": "And the day you have to mend something in a hurry, you cannot.",
        },
    ),
    "03.status": Quiz(
        question="From notebook 01: your deployment script invokes the new function once and "
        "looks at StatusCode. It is 200. Has the package been shown to work?",
        options={
            "a": "yes, 200 means that the handler ran",
            "b": "no, an ImportModuleError has status 200 too",
            "c": "no, the status is always 202",
        },
        right="b",
        replies={
            "a": "200 means that the call worked. FunctionError says whether the function did.",
            "b": "Look at FunctionError: it is there when the function failed.",
            "c": "202 is the answer to an asynchronous call, where nobody waits for the result.",
        },
    ),
    "03.config": Quiz(
        question="From notebook 02: a function has warm environments. You change one of its "
        "environment variables. Which value does the next event see?",
        options={
            "a": "the new one: the next event gets a new environment",
            "b": "the old one, until the warm environments are idle for long enough",
            "c": "the new one: the variable changes inside the warm environment",
        },
        right="a",
        replies={
            "a": "The settings belong to an environment from its start, so the old ones are not "
            "used any more. It costs a cold start.",
            "b": "Warm environments of the old configuration are not given new events once the "
            "update is done.",
            "c": "A process gets its variables when it starts. Nobody changes them from outside "
            "afterwards.",
        },
    ),
}
