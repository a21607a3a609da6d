"""The questions at the end of notebook 07; the last two go back to notebooks 01 and 02."""

from helpers.teach.questions import Quiz

QUIZZES = {
    "07.six": Quiz(
        question="A function may take 30 seconds, its queue hides a message for 30 seconds. Lambda "
        "accepts that. What is wrong with it?",
        options={
            "a": "nothing: a function is stopped after 30 seconds, so the two never overlap",
            "b": "a batch that waits for a throttle to end may come back while it is being done",
            "c": "the messages are deleted before the function is done",
        },
        right="b",
        replies={
            "a": "The 30 seconds of hiding begin when the message is received, not when the "
            "function starts. With a throttle in between, the second comes later.",
            "b": "That is why AWS advises six times the timeout.",
            "c": "Nothing is deleted by the passing of time (except what is older than the queue "
            "keeps). It becomes visible again, which is worse: it is done twice.",
        },
    ),
    "07.deadletters": Quiz(
        question="Forty orders lie in the dead-letter queue this morning. What do you do first?",
        options={
            "a": "move them back: perhaps it works now",
            "b": "raise maxReceiveCount to 20",
            "c": "take a message id and look into the function's log",
        },
        right="c",
        replies={
            "a": "Perhaps. If not, each is tried three times more, and all forty are back "
            "tomorrow. Find the reason, repair it, then move.",
            "b": "That helps against a partner who is away for a minute. An order that nobody can "
            "print fails twenty times as well.",
            "c": "The dead-letter queue has the orders, the log has the reason.",
        },
    ),
    "07.key": Quiz(
        question="The mapping reads reports. Of ten messages the handler could do nine, and it "
        'returns {"batchItemFailures": [{"id": "the one that failed"}]}. What comes back?',
        options={
            "a": "the one that failed",
            "b": "all ten",
            "c": "none",
        },
        right="b",
        replies={
            "a": "It would, with the key itemIdentifier. Lambda does not guess.",
            "b": "A report that makes no sense means: all failed. Nine are done twice.",
            "c": "That would be an empty report. This one has an entry that Lambda cannot read, "
            "and then it takes the safe side.",
        },
    ),
    "07.which": Quiz(
        question="Each change of an order's status has to reach the customer's mail, the archive "
        "and the accountant, in order. Queue or stream?",
        options={
            "a": "one queue, with three functions connected to it",
            "b": "a stream of the table, with three functions connected to it",
            "c": "a FIFO queue with three message groups",
        },
        right="b",
        replies={
            "a": "Each message would reach one of the three: whoever receives it takes it.",
            "b": "Each has a place of its own in the stream. (AWS advises at most two readers for "
            "one shard of a DynamoDB stream; a third goes behind a topic or a bus, notebook 06.)",
            "c": "A group is a line, not a reader. The order would be kept, and again each message "
            "would reach one function only.",
        },
    ),
    "07.variable": Quiz(
        question="From notebook 02: an order that was printed is noted in a variable outside the "
        'handler. Why does that not make it "once"?',
        options={
            "a": "variables are emptied before each event",
            "b": "each environment has variables of its own, and they end with it",
            "c": "a variable outside the handler cannot be changed",
        },
        right="b",
        replies={
            "a": "A warm environment keeps them. That is what makes the mistake hard to find: it "
            "works as long as one environment serves everybody.",
            "b": "What all have to know stands where all can see it: in the table.",
            "c": "It can, as the counter of notebook 02 did. Only nobody else sees it.",
        },
    ),
    "07.returned": Quiz(
        question="From notebook 01: a handler catches every exception, prints it and returns "
        '{"status": "failed"}. What does its caller see? And if the caller is a mapping?',
        options={
            "a": "a success, both times: the message is deleted",
            "b": "FunctionError, both times: the message comes back",
            "c": "FunctionError for a caller; a mapping looks into the log",
        },
        right="a",
        replies={
            "a": "Whatever is returned counts as success. To fail, raise; or report, to a mapping "
            "that reads reports.",
            "b": "FunctionError is there when the handler raised or was stopped. It did neither.",
            "c": "Nobody but people reads the log. And without an exception there is no "
            "FunctionError for anybody.",
        },
    ),
}
