"""What notebook 00 asks before it runs a cell."""

from helpers.teach.questions import Prediction

PREDICTIONS = {
    "00.account": Prediction(
        question="Which account does AWS say that you are?",
        right="b",
        replies={
            "a": "You thought of the keys that AWS wants from everybody. Opening the local cloud "
            "has put a pair of keys in place, made up for it and worth nothing elsewhere.",
            "b": "The local AWS answers for itself, with an account number of its own.",
            "c": "You thought that boto3 finds the keys on your machine, as it normally does. "
            "While a local cloud is open it is pointed away from them; they are never read.",
        },
        because="So whatever you do in this course happens in an account that exists only on "
        "this machine.",
    ),
    "00.hidden": Prediction(
        question="The order was received but not deleted. Somebody asks the queue again at once. "
        "What do they get?",
        right="c",
        replies={
            "a": "You thought of a list that is read again and again. A queue is there to share "
            "work out, so it does not hand the same order to two people at once.",
            "b": "You thought that receiving takes the message away. It only hides it. Whoever "
            "received it has to say that the work is done, by deleting it.",
            "c": "Received is not done. The message is hidden for its visibility timeout.",
        },
        because="If nobody deletes it in that time, it comes back for the next one who asks.",
    ),
}
