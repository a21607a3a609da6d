"""What notebook 05 asks before it runs a cell."""

from helpers.teach.questions import Prediction

PREDICTIONS = {
    "05.permission": Prediction(
        question="You tell the bucket to call a function, and nobody has allowed it to. When does "
        "anybody notice?",
        right="a",
        replies={
            "a": "At once: S3 refuses the setting.",
            "b": "You thought of a trigger that fails in silence. SNS takes any subscription, and "
            "then calls nobody; S3 asks Lambda first.",
            "c": "You thought that an upload waits for the function. It does not even know of it, "
            "as section 6 shows.",
        },
        because="So the permission comes first, and the notification second.",
    ),
    "05.key": Prediction(
        question="A file called `Omas Geburtstag (1) + Torte.jpg` is uploaded. What comes of it?",
        right="c",
        replies={
            "a": "You thought that a key arrives as it was given. The bucket has it so; the event "
            "has it in another spelling.",
            "b": "You thought that S3 is as strict as some file systems. A key may hold nearly any "
            "character.",
            "c": "The handler ran, and failed: the key that it asked for is not in the bucket.",
        },
        because="In an event the key is url-encoded. With `cake.jpg` nobody could notice.",
    ),
    "05.suffix": Prediction(
        question="The rule has the prefix `originals/` and the suffix `.jpg`. For which of the "
        "four uploads is the function called?",
        right="b",
        replies={
            "a": "You thought that S3 looks at what kind of file it is. It compares letters of the "
            "key, and nothing else.",
            "b": "For one.jpg alone.",
            "c": "You thought that .jpg and .JPG are the same, as on Windows. For S3 they are "
            "different letters.",
        },
        because="Many cameras write .JPG. A filter that is too narrow fails in silence: no event, "
        "no log, no error.",
    ),
    "05.corrupt": Prediction(
        question="Half a picture is uploaded, and the handler cannot read it. What does the web "
        "page that uploads get to hear, and how often does the handler try?",
        right="c",
        replies={
            "a": "You thought that the upload waits for the function. put_object was done before "
            "the handler began.",
            "b": "You thought that an event is used up when it is delivered. Lambda keeps it, and "
            "tries twice more: after one minute, and two minutes after that.",
            "c": "The upload succeeded, and the handler ran three times.",
        },
        because="Whoever uploads is told about the upload. What the function did is another "
        "matter, and somebody has to ask for it.",
    ),
    "05.delete": Prediction(
        question="A bucket keeps versions. The same key is uploaded twice, then deleted. How many "
        "of the two pictures are still there?",
        right="a",
        replies={
            "a": "Two. Deleting has put a marker on top of them, and that is all.",
            "b": "You thought that the second upload took the first one's place. It lies above it.",
            "c": "You thought that deleted is gone. With versions it is hidden, until somebody "
            "deletes each version by its number.",
        },
        because="The event says so as well: not Delete, but DeleteMarkerCreated.",
    ),
    "05.loop": Prediction(
        question="One picture is uploaded. How many thumbnails are there in the end?",
        right="b",
        replies={
            "a": "You thought that S3 tells originals from results. A new object is a new object, "
            "whoever put it.",
            "b": "Sixteen. Then Lambda saw that the function was calling itself, and stopped it.",
            "c": "You thought that nobody is looking. That was so until 2024; now Lambda counts "
            "along for S3 as well.",
        },
        because="Each thumbnail was an upload, and each upload called the function.",
    ),
}
