"""What notebook 06 asks before it runs a cell."""

from helpers.teach.questions import Prediction

PREDICTIONS = {
    "06.fail": Prediction(
        question="The topic has several subscribers, and confirm will fail for this order. What "
        "becomes of the others, and what does shop-pay hear?",
        right="c",
        replies={
            "a": "You thought of a list of calls, worked off one after the other. Each "
            "subscription is a delivery of its own.",
            "b": "You thought that publish waits for those who listen. It was done when the topic "
            "had taken the message.",
            "c": "The others did their work, and shop-pay had long said that the order is paid.",
        },
        because="That is the point of fan-out, and its price: whether everybody has done his part, "
        "the producer never learns.",
    ),
    "06.silent": Prediction(
        question="The rule's pattern fits the event. Nobody has allowed the rule to call the "
        "function. What happens?",
        right="b",
        replies={
            "a": "You thought that put_events looks at the rules. It takes the event, and what "
            "rules and targets make of it comes later.",
            "b": "The event was taken, and nothing happened.",
            "c": "You thought that one account is one household. A service needs a permission in "
            "the function's policy, whoever owns the two.",
        },
        because="The console adds the permission for you when you click a rule together. In code "
        "it is yours to give.",
    ),
    "06.night": Prediction(
        question="The nightly job raises an exception. When is this night's run tried again?",
        right="b",
        replies={
            "a": "The next night is another event. This one is not in it.",
            "b": "After one minute, and after two more. Then nobody tries any more.",
            "c": "You thought of the rule's own retries. They are for a target that cannot be "
            "called; this one was called, and took the event.",
        },
        because="A schedule promises to start a run, and not that the run succeeds.",
    ),
    "06.retry": Prediction(
        question="Enrich fails twice, and has a Retry. What is done again?",
        right="b",
        replies={
            "a": "You thought of a script that is started anew. Step Functions has kept what "
            "Validate gave, and goes on from there.",
            "b": "Enrich alone, with the same input. The attempt's number is the only thing that "
            "moved.",
            "c": "You thought that somebody waits inside of the function. It has returned its "
            "error and is done; Step Functions waits.",
        },
        because="So a handler that is retried has to bear being called twice with the same order "
        "(notebook 11).",
    ),
    "06.wait": Prediction(
        question="The workflow waits for a week. What runs during that week?",
        right="c",
        replies={
            "a": "You thought that somebody has to be awake to remember. Nobody has been called "
            "yet.",
            "b": "Right about the 15 minutes, which are why no handler can wait so long. But no "
            "function is running.",
            "c": "Nothing runs. And when the week is over, it goes on.",
        },
        because="A standard workflow may take up to a year, and is paid for by its steps, not by "
        "its time.",
    ),
}
