"""What notebook 07 asks before it runs a cell."""

from helpers.teach.questions import Prediction

PREDICTIONS = {
    "07.gone": Prediction(
        question="The handler has printed the order and returned. It never spoke to the queue. "
        "What becomes of the message?",
        right="b",
        replies={
            "a": "You thought of the worker of notebook 00, who had to delete what was done. Here "
            "the worker is Lambda's mapping, and it deletes for you.",
            "b": "Returning without an error is how a handler says: done.",
            "c": "You thought of a letter box that is emptied. A message that is received is only "
            "hidden, so that it can come back if the work fails.",
        },
        because="The mapping receives, invokes, and deletes what was done.",
    ),
    "07.batch": Prediction(
        question="Ten orders wait, BatchSize is 4, and there is no other setting. How many orders "
        "does the handler get at a time?",
        right="a",
        replies={
            "a": "Four is the most. How full a batch is depends on what is there to be received.",
            "b": "You thought of one event for one message. The event has a list of records.",
            "c": "You thought of a machine that starts when it is full. Without a batching window "
            "nothing waits: the last two come as a batch of two.",
        },
        because="BatchSize is a ceiling, so a handler copes with one record as well as with many.",
    ),
    "07.poison": Prediction(
        question="Five orders come in one batch. The third makes the handler raise an exception. "
        "What becomes of the four good ones?",
        right="c",
        replies={
            "a": "You thought that Lambda sees how far the loop had come. It sees one invocation, "
            "which failed.",
            "b": "You thought that what failed is gone. Nothing was deleted, so all five come back "
            "when their visibility timeout has passed.",
            "c": "A batch succeeds or fails as a whole. What stands before the bad order is done "
            "again, what stands after it is never reached.",
        },
        because="One bad order, and the good ones beside it are printed twice or not at all.",
    ),
    "07.count": Prediction(
        question="maxReceiveCount is 3. How often does the handler see a bad order, before it lies "
        "in the dead-letter queue?",
        right="b",
        replies={
            "a": "You thought that the failure moves it. Nothing but the number of receives does, "
            "and SQS counts those without knowing why.",
            "b": "Received three times; the fourth time SQS moves it instead of handing it out.",
            "c": "You counted retries. SQS counts receives, and the first one is a receive too.",
        },
        because="It is moved when it would be received once more, so after three tries it stays "
        "hidden for one visibility timeout longer.",
    ),
    "07.report": Prediction(
        question="The handler reports the order in batchItemFailures and returns. The mapping has "
        "no further settings. What becomes of the order?",
        right="c",
        replies={
            "a": "You thought that a report is always read. Only a mapping with "
            'FunctionResponseTypes=["ReportBatchItemFailures"] reads what a handler returns.',
            "b": "You thought of a last resort for failures. There is no failure here: the "
            "invocation ended well, as far as the mapping can see.",
            "c": "The handler returned without an error, so all is done, and what it returned is "
            "thrown away.",
        },
        because="This is the worst kind of mistake: no error, no retry, no dead letter, no order.",
    ),
    "07.twice": Prediction(
        question="The order is printed. Then the function waits in vain and runs into its timeout. "
        "How many parcels does the customer get in the end?",
        right="a",
        replies={
            "a": "The message was not deleted, so it comes again, and is printed again.",
            "b": "You thought that done is done. It is, and so Lambda does it once more: it knows "
            "only that the invocation failed.",
            "c": "You thought of a database transaction, which is rolled back. Nothing takes back "
            "a print, a mail or a payment.",
        },
        because="At least once: what failed after its work is done twice.",
    ),
    "07.filter": Prediction(
        question="The filter wants at most 10 prints. An order with 200 comes into the queue. What "
        "becomes of it?",
        right="c",
        replies={
            "a": "You thought of a topic, where each subscriber has a filter of its own. A message "
            "in a queue is there once, and this mapping has received it.",
            "b": "You thought that not taken is failed. Nobody tried it, so nothing failed.",
            "c": "The mapping received it, saw that nobody wants it, and deleted it.",
        },
        because="Two functions with two filters on one queue steal from each other. Give each its "
        "own queue, and let a topic send to both (notebook 06).",
    ),
    "07.fifo": Prediction(
        question="A FIFO queue with Ada's and Ben's changes, each customer a message group. Ada's "
        "first change fails. Who waits?",
        right="c",
        replies={
            "a": "You thought of one line for everybody. Each message group is a line of its own.",
            "b": "You thought of the standard queue. Handing out Ada's second change before her "
            "first one would break the promise.",
            "c": "Order is kept within a group, so whatever comes after the failed one has to "
            "wait, and no other group does.",
        },
        because="The price of order is that a bad message holds up its group.",
    ),
    "07.silent": Prediction(
        question="Four writes to the table: a new order, a change, the same change again, a "
        "deletion. How many records does the stream get?",
        right="a",
        replies={
            "a": "INSERT, MODIFY and REMOVE. The second click left the item as it was.",
            "b": "You thought of a log of requests. A stream has the changes, and a write that "
            "changes nothing leaves none.",
            "c": "You thought of a list of new orders. Changes and deletions are told as well.",
        },
        because="With NEW_AND_OLD_IMAGES each record brings the item before and after.",
    ),
    "07.late": Prediction(
        question="The first function is done with the three records. A second one is connected to "
        "the same stream, with TRIM_HORIZON. What does it get?",
        right="c",
        replies={
            "a": "You thought of a queue. Reading takes nothing out of a stream.",
            "b": "That would be LATEST. TRIM_HORIZON begins with the oldest record that is there.",
            "c": "Each mapping has a place of its own in the stream, and nobody takes anything "
            "away from anybody.",
        },
        because="A queue hands out work, a stream can be read: now, later, and by many.",
    ),
    "07.blocked": Prediction(
        question="Three changes of one item, 500, `plenty` and 480, in this order in one shard. "
        "The second makes the handler fail. No limits are set. What becomes of the 480?",
        right="b",
        replies={
            "a": "You thought of the queue of section 3. There the order did not matter; here it "
            "is the promise, so nothing may overtake.",
            "b": "The batch is tried again and again, until it succeeds or `plenty` is as old as "
            "the stream's memory: 24 hours.",
            "c": "You thought of maxReceiveCount. A stream has a limit only if you set one: by "
            "default MaximumRetryAttempts is -1, without end.",
        },
        because="Without limits one bad record costs a day, and then records behind it are lost.",
    ),
    "07.told": Prediction(
        question="`plenty` is given up, and word of it is sent to a queue. What is in that "
        "message?",
        right="c",
        replies={
            "a": "That is what a dead-letter queue has. A stream's destination is told where the "
            "record stands; only a bucket in S3 as destination gets the records as well.",
            "b": "It says that there was an error, not which: that stands in the function's log.",
            "c": "Shard and sequence numbers, the condition and the times.",
        },
        because="The record itself stays in the stream for the rest of its 24 hours. Fetch it "
        "before.",
    ),
}
