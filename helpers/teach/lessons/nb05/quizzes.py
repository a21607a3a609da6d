"""The questions of notebook 05."""

from helpers.teach.questions import Quiz

QUIZZES = {
    "05.replaced": Quiz(
        question="A bucket calls shop-thumbnail. A colleague runs one call of "
        "put_bucket_notification_configuration, so that it also calls shop-invoice. From then on "
        "there are no thumbnails. Why?",
        options={
            "a": "a bucket can call one function only",
            "b": "the call has taken the permission of shop-thumbnail away",
            "c": "the call has replaced the bucket's whole configuration",
        },
        right="c",
        replies={
            "a": "It can call several, by rules that do not overlap: another prefix, another kind "
            "of event.",
            "b": "The permission belongs to the function, and is still there. It is not used any "
            "more.",
            "c": "As with environment variables: read what is there, add to it, send all of it.",
        },
    ),
    "05.accepted": Quiz(
        question="put_object has come back with status 200. What do you know about the thumbnail?",
        options={
            "a": "nothing yet",
            "b": "it is there",
            "c": "it is being made, and will be there in a second",
        },
        right="a",
        replies={
            "a": "The photo is stored. Its event may be waiting, running, failing or on its third "
            "try.",
            "b": "The upload does not wait for the function. Look for the thumbnail, or let the "
            "function say when it is done.",
            "c": "Most often. But the handler can fail, be throttled or be switched off, and the "
            "upload would have looked the same.",
        },
    ),
    "05.newest": Quiz(
        question="A customer uploads a photo, and a moment later a better one under the same key. "
        "The first event is handled late, after the second upload. Which picture does your handler "
        "read for it?",
        options={
            "a": "the first one: its event came with it",
            "b": "the second one",
            "c": "none: the first one is gone, so it fails",
        },
        right="b",
        replies={
            "a": "The event holds no picture, only its key, its size and its eTag.",
            "b": "It asks for the key, and gets what lies there now. In a bucket with versions, "
            "versionId in the event says which one was meant.",
            "c": "There is an object under that key, so get_object finds one.",
        },
    ),
    "05.tmp": Quiz(
        question="From notebook 02: a handler first saves each picture as /tmp/picture.jpg. Ten "
        "pictures are uploaded at the same moment. Do they overwrite one another?",
        options={
            "a": "yes, there is one /tmp for the function",
            "b": "no, /tmp is empty at each event",
            "c": "no, each environment has a /tmp of its own and one event at a time",
        },
        right="c",
        replies={
            "a": "Each environment has its own. Ten at once mean up to ten environments.",
            "b": "It is not emptied: the next event in the same environment finds the file of the "
            "one before.",
            "c": "But the file stays for the next event there, so write it before you read it.",
        },
    ),
    "05.version": Quiz(
        question="From notebook 03: you run layer() again after an update of Pillow, and get an "
        "ARN that ends in 2. Which Pillow does shop-thumbnail use now?",
        options={
            "a": "the old one, until its configuration names version 2",
            "b": "the new one, from the next environment on",
            "c": "the new one at once",
        },
        right="a",
        replies={
            "a": "Deploy it with layers=[the new ARN], and it moves.",
            "b": "A new environment fetches the version that the configuration names: 1.",
            "c": "A layer's version never changes, and nobody is moved to another one.",
        },
    ),
    "05.kept": Quiz(
        question="From notebook 01: the handler raised OSError for half a picture. What becomes of "
        "its environment?",
        options={
            "a": "it is stopped, and the next upload waits for a new one",
            "b": "it stays, and serves the next upload",
            "c": "it waits for the retry, and serves nobody else meanwhile",
        },
        right="b",
        replies={
            "a": "A timeout or a crash would have stopped it. An exception is an ordinary end.",
            "b": "And a retry may meet it or another one, as any event does.",
            "c": "The event waits in Lambda's queue, not in the environment.",
        },
    ),
}
