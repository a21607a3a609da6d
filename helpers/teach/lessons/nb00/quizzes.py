"""The questions of notebook 00."""

from helpers.teach.questions import Quiz

QUIZZES = {
    "00.patching": Quiz(
        question="A security hole is found in an image library that you packed into your "
        "function's zip. Who has to act?",
        options={
            "a": "AWS: Lambda is serverless, so AWS patches everything",
            "b": "you: rebuild the package with the mended library and deploy it",
            "c": "AWS, but only when the runtime is a managed one such as Python",
            "d": "nobody: the environment is isolated, so the hole cannot be used",
        },
        right="b",
        replies={
            "a": "Serverless means that you run no server, not that AWS looks after your code. "
            "AWS patches below the runtime; what is in your zip is yours.",
            "b": "What you put into the package is your part of the shared responsibility.",
            "c": "A managed runtime means that AWS patches the Python itself. The library came "
            "in your package, and AWS does not open that.",
            "d": "Isolation protects other customers from you. Inside, the attacker holds "
            "everything that your function's role may do.",
        },
    ),
    "00.local": Quiz(
        question="Every check in this course is green on your machine. What has that shown?",
        options={
            "a": "your code and your calls are right where the local AWS behaves as AWS does; "
            "the ledger says where it does not",
            "b": "it will work on AWS, because boto3 was real",
            "c": "nothing, because nothing ran on AWS",
        },
        right="a",
        replies={
            "a": "That is why a deployment ends with a test on the real thing, and why the "
            "ledger exists.",
            "b": "boto3 and your code were real, the other end was not. A quota, a network or a "
            "permission that the ledger names can still stop you.",
            "c": "Too strict: real Python ran, real requests were made, and most faults are found "
            "exactly there, in seconds and for nothing.",
        },
    ),
}
