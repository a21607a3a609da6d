"""What notebook 03 asks before it runs a cell."""

from helpers.teach.questions import Prediction

PREDICTIONS = {
    "03.which": Prediction(
        question="A second zip has the library, and both files lie in a folder `shop/`. The "
        "handler is still `invoice.handler`. What does the caller read?",
        right="b",
        replies={
            "a": "You thought that Lambda searches the zip for the file. It unpacks it, and looks "
            "at the top of it, nowhere else.",
            "b": "The same error type, and this time it is your own file that is not found.",
            "c": "You thought that the zip is checked when it is uploaded. Any zip will do: what "
            "is in it is looked at when an environment starts.",
        },
        because="Read the message to its end: it names what was looked for.",
    ),
    "03.size": Prediction(
        question="A zip of about 1 MB holds a file of 250 MB: nothing but zeros, which pack "
        "well. Is it accepted?",
        right="c",
        replies={
            "a": "You thought of the upload, which may have 50 MB. That is one limit; the other "
            "counts what comes out of the zip.",
            "b": "You thought that the size shows when an environment unpacks it. This one is "
            "checked earlier, so nobody has to find out from a failed invocation.",
            "c": "Refused at once: unzipped, it has to stay below 250 MB.",
        },
        because="The unzipped size of your code and all its layers counts, together.",
    ),
    "03.variable": Prediction(
        question="The function has two variables, CURRENCY and GREETING. An update sends only "
        "CURRENCY, with a new value. Which variables does it have then?",
        right="a",
        replies={
            "a": "CURRENCY alone: what is sent replaces the whole set.",
            "b": "You thought that the update changes one entry. `Environment` is one setting, "
            "and it is replaced as a whole.",
            "c": "You thought that AWS wants all of them or none. It takes what it is given, and "
            "says nothing about what is gone.",
        },
        because="Read the variables, change one, send all of them back.",
    ),
    "03.version": Prediction(
        question="Version 1 was published while CURRENCY was EUR. Now CURRENCY is set to CHF. In "
        "which currency does version 1 answer?",
        right="b",
        replies={
            "a": "You thought that settings belong to the function and only code to the version. "
            "A version takes both with it.",
            "b": "EUR: code and settings were frozen together.",
            "c": "You thought that a version has to be published again to be used. It stays as "
            "it is, for as long as you keep it.",
        },
        because="A version never changes. What can be changed is $LATEST.",
    ),
    "03.layer": Prediction(
        question="Version 2 of the layer is published. Both functions name version 1. What do "
        "they answer with from now on?",
        right="c",
        replies={
            "a": "You thought of a shared folder, where everybody sees the newest file. A layer "
            "is named with its version, and versions do not change.",
            "b": "You thought that a new environment fetches the newest version. It fetches the "
            "one that the function's configuration names.",
            "c": "Version 1, until their configuration names version 2.",
        },
        because="So nobody's function changes because a colleague published something.",
    ),
    "03.digest": Prediction(
        question="You change one line of invoice.py and build the image again. Which of its two "
        "layers gets a new digest?",
        right="b",
        replies={
            "a": "You thought that building makes everything anew. It does, but the digest comes "
            "from the content, and the library's content is the same.",
            "b": "The one with invoice.py. The library's layer has the same content, so the same "
            "digest.",
            "c": "You thought of the image's name, which stays. The digest says what is in it, "
            "whatever it is called.",
        },
        because="That is why a Dockerfile copies first what seldom changes: that layer is kept, "
        "and not sent again.",
    ),
    "03.bootstrap": Prediction(
        question="A shell script as a Lambda function, with no Lambda library in it. How does "
        "it get its events?",
        right="c",
        replies={
            "a": "You thought of a command that is run for each event. The process stays, and "
            "serves one event after the other, as in notebook 02.",
            "b": "You thought of a web server that waits for calls. It is the other way round: "
            "the runtime does the calling.",
            "c": "It asks for the next one over HTTP, and sends its answer the same way.",
        },
        because="Every runtime does that, Python's too. It is called the Runtime API.",
    ),
    "03.twice": Prediction(
        question="The two commands that set memory and timeout are run a second time. What is "
        "different afterwards?",
        right="a",
        replies={
            "a": "Nothing. They say how it should be, not what to add.",
            "b": "You thought that a command adds to what is there. These two set a value, and "
            "setting it twice is the same as once.",
            "c": "You thought of create-function, which does refuse a name that is taken. An "
            "update has nothing against being repeated.",
        },
        because="A command that can be repeated without harm can be run after a failure, too.",
    ),
}
