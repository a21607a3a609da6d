"""The questions at the end of notebook 01; the last two go back to notebook 00."""

from helpers.teach.questions import Quiz

QUIZZES = {
    "01.error": Quiz(
        question="Your program calls invoke and gets StatusCode 200. What do you look at before "
        "you use the payload?",
        options={
            "a": "nothing, 200 means success",
            "b": "whether the reply has FunctionError",
            "c": "whether the payload is empty",
        },
        right="b",
        replies={
            "a": "200 says that the call to Lambda worked. The function may still have failed, "
            "and then the payload is the error.",
            "b": "With FunctionError the payload describes an error, not a result.",
            "c": "A failure has a payload too: errorType, errorMessage and often a stackTrace.",
        },
    ),
    "01.local": Quiz(
        question="Which of these would a local test with a sample payload NOT have caught?",
        options={
            "a": "a missing bracket",
            "b": 'event["lines"] where the caller sends "items"',
            "c": "a role that may not write to the bucket",
        },
        right="c",
        replies={
            "a": "That is the first thing it catches: the file cannot even be loaded.",
            "b": "It catches that, provided the sample is a real one. A sample made up from the "
            "code proves only that the code agrees with itself.",
            "c": "Permissions are decided by the cloud, so only a call to the cloud can show it.",
        },
    ),
    "01.queue": Quiz(
        question="From notebook 00: a worker received a message and crashed before deleting it. "
        "What becomes of the message?",
        options={
            "a": "it is lost",
            "b": "it is visible again when its visibility timeout ends",
            "c": "it stays hidden until somebody restarts the worker",
        },
        right="b",
        replies={
            "a": "Receiving only hides a message. It is gone when somebody deletes it, or when it "
            "is older than the queue keeps messages.",
            "b": "That is why work on a queue can be done twice: remember it for notebook 11.",
            "c": "The queue knows nothing of the worker; it only counts the time.",
        },
    ),
    "01.patch": Quiz(
        question="From notebook 00: a hole is found in the managed Python runtime itself. Who "
        "patches it?",
        options={"a": "AWS", "b": "you", "c": "whoever wrote the function"},
        right="a",
        replies={
            "a": "By default AWS rolls it out to functions on a managed runtime, in new "
            "environments.",
            "b": "The runtime is below your line, as long as you chose a managed one and not a "
            "container image of your own.",
            "c": "The code is theirs, the runtime under it is not.",
        },
    ),
}
