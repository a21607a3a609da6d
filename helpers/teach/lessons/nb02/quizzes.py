"""The questions at the end of notebook 02; the last two go back to notebooks 00 and 01."""

from helpers.teach.questions import Quiz

QUIZZES = {
    "02.where": Quiz(
        question="A handler reads its price list from S3 at every order. The list changes once a "
        "month. Where would you read it?",
        options={
            "a": "outside the handler: once for each environment",
            "b": "in /tmp, written by the first order, for all environments",
            "c": "outside the handler, and again when the copy is older than, say, ten minutes",
        },
        right="c",
        replies={
            "a": "Nearly. But a busy environment can live for hours, and would sell at the old "
            "prices all the while.",
            "b": "Each environment has a /tmp of its own, and nobody else sees it.",
            "c": "What is kept in an environment is a copy, and a copy needs an age at which it is "
            "fetched again.",
        },
    ),
    "02.flight": Quiz(
        question="Orders come in evenly, 10 a second, and each takes half a second. About how "
        "many environments are busy?",
        options={"a": "10", "b": "5", "c": "20", "d": "1"},
        right="b",
        replies={
            "a": "That is the number that arrives in a second. Each is in flight for half of it.",
            "b": "Rate times duration: 10 a second times 0.5 seconds makes 5 in flight.",
            "c": "Multiply, do not divide: an order that takes half as long is in flight half as "
            "long.",
            "d": "One environment serves one at a time, so it can serve two of these a second.",
        },
    ),
    "02.reserve": Quiz(
        question="A function with a reserved concurrency of 5 gets 8 synchronous invocations at "
        "once. What do the callers see?",
        options={
            "a": "eight results, the last three a little later",
            "b": "five results and three times 429",
            "c": "eight times 429",
        },
        right="b",
        replies={
            "a": "Nothing waits in line on Lambda's side. (boto3 may try again by itself, which "
            "looks like waiting.)",
            "b": "TooManyRequestsException, with the Reason that names the reserved limit.",
            "c": "Five have room, and are served as if nothing had happened.",
        },
    ),
    "02.timeout": Quiz(
        question="From notebook 01: an invocation ran into its timeout. What does the next one "
        "find in the function's variables?",
        options={
            "a": "what the stopped one left there",
            "b": "the values from the top of the file",
            "c": "nothing: the function has to be deployed again",
        },
        right="b",
        replies={
            "a": "That would be so after an exception, which ends the handler and not the process.",
            "b": "The process was stopped, so the file is read from the top again.",
            "c": "Lambda starts the process anew by itself.",
        },
    ),
    "02.ledger": Quiz(
        question="From notebook 00: where do you look up whether the local AWS ends an idle "
        "environment as AWS does?",
        options={
            "a": "in the fidelity ledger",
            "b": "nowhere: what runs here runs on AWS",
            "c": "in the code of the handler",
        },
        right="a",
        replies={
            "a": 'show.ledger("Life") has a row about it: ten minutes here, no promise on AWS.',
            "b": "Most does, and where it does not, a row of the ledger says so.",
            "c": "The handler is the same in both places; what differs is who runs it.",
        },
    ),
}
