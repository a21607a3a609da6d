"""What notebook 02 asks before it runs a cell."""

from helpers.teach.questions import Prediction

PREDICTIONS = {
    "02.init": Prediction(
        question="One order after the other, three in all. How often does the line at the top of "
        "the file run, outside the handler?",
        right="a",
        replies={
            "a": "The first event starts an environment, which reads the file; the other two find "
            "it ready.",
            "b": "You thought of a script that is started for each event. Only the handler is "
            "called for each one.",
            "c": "You thought that AWS runs your code when it is uploaded. It stores the zip and "
            "waits for an event.",
        },
        because="What stands outside the handler runs once for each environment, before its first "
        "event.",
    ),
    "02.stays": Prediction(
        question="Two orders come in turn, then nobody for a quarter of an hour, then a third. "
        "What does the handler find in the variable and in the file at the third?",
        right="b",
        replies={
            "a": "You thought of a disk that outlives the process, as on a server. /tmp belongs to "
            "the environment and goes with it.",
            "b": "A new environment has a new process, an empty /tmp and no open connection.",
            "c": "You thought of one machine that is always the same. It was the same one for the "
            "first two orders, and that was luck, not a promise.",
        },
        because="Both were kept while the environment was warm, and both went with it. Nothing "
        "raised an error.",
    ),
    "02.freeze": Prediction(
        question="The mail takes one second, in a thread. The handler has returned, and for a "
        "whole second nobody calls it. Is the mail sent?",
        right="c",
        replies={
            "a": "You thought of a process that goes on running, as on a server. After the return "
            "Lambda gives it no processor time at all.",
            "b": "You thought that the end of an invocation ends its threads. They are stopped in "
            "the middle, and still there.",
            "c": "Between two invocations an environment is frozen, with everything in it.",
        },
        because="What has to happen has to happen before the handler returns, or be handed to "
        "somebody else: a queue, for instance (notebook 07).",
    ),
    "02.counter": Prediction(
        question="Five customers order one after the other. Then five more press the button at "
        "the same moment. Which order numbers are given out?",
        right="c",
        replies={
            "a": "You thought of one server with one memory that all requests share.",
            "b": "You thought that a new group of requests gets a new start. The warm environment "
            "was still there, and went on from 5.",
            "c": "One was warm and went on from 5, four were new and began at 0.",
            "d": "You thought that every invocation starts from nothing. In turn, they all met the "
            "same environment.",
        },
        because="Five in flight need five environments, each with a memory of its own. Nobody "
        "made a mistake, and two customers hold order number 1.",
    ),
    "02.config": Prediction(
        question="You change no code, only the timeout, from 1 to 4 seconds. What becomes of the "
        "warm environment?",
        right="b",
        replies={
            "a": "You thought that a setting is looked up each time. An environment is made from "
            "code and settings together, and keeps both for life.",
            "b": "The next event meets a new environment, made with the new settings.",
            "c": "You thought of a restart that keeps the data. There is none: what the old one "
            "remembered is gone.",
        },
        because="So every deployment, however small, makes all environments start from nothing.",
    ),
}
