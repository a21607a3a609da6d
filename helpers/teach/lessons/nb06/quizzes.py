"""The questions of notebook 06."""

from helpers.teach.questions import Quiz

QUIZZES = {
    "06.where": Quiz(
        question="put_events has answered FailedEntryCount 0. The function has not run, and its "
        "log is empty. Where do you look first?",
        options={
            "a": "in the code of the handler",
            "b": "whether the pattern fits, and at the rule's metrics",
            "c": "at the producer: it has not really sent the event",
        },
        right="b",
        replies={
            "a": "It has not been called, so it cannot have failed: there would be a log.",
            "b": "MatchedEvents and FailedInvocations tell the two apart: nothing fitted, or what "
            "fitted could not be delivered. test_event_pattern tells the first one at once.",
            "c": "FailedEntryCount 0 says that the bus has taken it. Which bus, is a good second "
            "question.",
        },
    ),
    "06.summer": Quiz(
        question="A rule has cron(0 9 * * ? *). At what time does it run in Berlin in July?",
        options={"a": "9:00", "b": "10:00", "c": "11:00"},
        right="c",
        replies={
            "a": "A rule knows no time zones. The Scheduler does.",
            "b": "So it is in winter. In summer Berlin is two hours ahead of UTC.",
            "c": "9:00 UTC is 11:00 in Berlin's summer, and 10:00 in its winter.",
        },
    ),
    "06.which": Quiz(
        question="An order is to be checked, then paid, then printed. A failed payment is to be "
        "tried again, and somebody must be able to say how far an order has come. What do you "
        "take?",
        options={
            "a": "a topic with three subscribers",
            "b": "one function that calls the three others",
            "c": "a state machine",
        },
        right="c",
        replies={
            "a": "All three would begin at the same moment, and none would know of the others.",
            "b": "It would pay for its waiting, end after 15 minutes, and forget how far it was if "
            "it failed.",
            "c": "Steps in an order, retries by the kind of error, and a history for each order.",
        },
    ),
    "06.limit": Quiz(
        question="From notebook 02: shop-count has a reserved concurrency of 1, and 20 orders are "
        "paid at once. How many are counted in the end?",
        options={
            "a": "1, the others are refused with 429",
            "b": "20, though it takes longer",
            "c": "20, because a topic is not limited",
        },
        right="b",
        replies={
            "a": "So it is for those who wait for an answer. A topic's event lies in Lambda's "
            "queue, and a throttled one is tried again, for up to six hours.",
            "b": "Lambda's own queue holds them until the one environment has time.",
            "c": "The topic delivers all 20 at once; the limit is the function's, and it holds.",
        },
    ),
    "06.timeout": Quiz(
        question="From notebook 01: the workflow's Task ends with the error Lambda.Unknown or "
        "Sandbox.Timedout rather than with the name of an exception. What has probably happened?",
        options={
            "a": "the function ran into its timeout",
            "b": "the handler raised an exception without a name",
            "c": "the pattern did not fit",
        },
        right="a",
        replies={
            "a": "Lambda stopped it, so no exception of yours came out. A Retry or Catch for "
            "exceptions alone does not see it: States.TaskFailed and States.ALL do.",
            "b": "Every Python exception has a type, and the type is the error's name.",
            "c": "The Task has called the function, so this is not about patterns.",
        },
    ),
    "06.twice": Quiz(
        question="From notebook 05: events are delivered at least once. Which of the four "
        "departments is in trouble when the same paid order comes twice?",
        options={
            "a": "none: they only print a line",
            "b": "pick: the same list would be printed again",
            "c": "points and count: they add something up",
        },
        right="c",
        replies={
            "a": "In this notebook they do. Think of what each is there for.",
            "b": "The same order on the same list twice is a nuisance, and visible. There are "
            "worse.",
            "c": "A customer with twice the points, a boss with too high numbers, and nobody sees "
            "it. Notebook 11 is about that.",
        },
    ),
}
