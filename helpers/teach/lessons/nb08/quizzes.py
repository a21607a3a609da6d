"""The questions at the end of notebook 08; the last two go back to notebooks 01 and 05."""

from helpers.teach.questions import Quiz

QUIZZES = {
    "08.whose": Quiz(
        question="A denial begins with User: arn:aws:sts::…:assumed-role/shop-label/shop-probe. "
        "Whose policies do you open?",
        options={
            "a": "those of the user shop-probe",
            "b": "those of the role shop-label",
            "c": "the resource policy of the function shop-probe",
        },
        right="b",
        replies={
            "a": "There is no such user. The last part is the session's name, and for a function "
            "that is the function's own name.",
            "b": "The role is in front, the session behind it: shop-label, at work in shop-probe.",
            "c": "That one says who may call the function. Here the function called somebody.",
        },
    ),
    "08.because": Quiz(
        question='A denial ends in "with an explicit deny in a resource-based policy". Somebody '
        "adds one more Allow to the role. What comes of it?",
        options={
            "a": "it works: now the role is allowed",
            "b": "the same denial",
            "c": "the denial says no identity-based policy allows",
        },
        right="b",
        replies={
            "a": "A Deny wins over any number of Allows.",
            "b": "The words after 'deny in' say where to look: at the resource's own policy.",
            "c": "That would be another illness. Here somebody wrote a Deny, and it stands in the "
            "bucket's or the queue's policy.",
        },
    ),
    "08.missing": Quiz(
        question="GetObject is allowed on bucket/*. For a key that is not there the function gets "
        "AccessDenied on s3:ListBucket instead of NoSuchKey. Why?",
        options={
            "a": "GetObject needs ListBucket always",
            "b": "the key is in another bucket",
            "c": "who may not list must not learn from errors what is there and what is not",
        },
        right="c",
        replies={
            "a": "For a key that is there it does not, as you saw.",
            "b": "Then the denial would name that bucket, and GetObject.",
            "c": "Look for the key first, before you add a permission that nobody needs.",
        },
    ),
    "08.side": Quiz(
        question="A topic of another account is to invoke your function. Which policies have to "
        "allow it?",
        options={
            "a": "the function's own policy, for the service SNS and that topic",
            "b": "the function's execution role",
            "c": "the trust policy of the function's role",
        },
        right="a",
        replies={
            "a": "Who may call a function stands on the function. SourceArn names the topic.",
            "b": "That says what the function may do to others.",
            "c": "That says who may become the role: Lambda, and nobody else.",
        },
    ),
    "08.log": Quiz(
        question="From notebook 01: an invocation ends with FunctionError, and there is no log "
        "group. What do you look at first?",
        options={
            "a": "the payload that came back, and then the role's permission to write logs",
            "b": "the handler: it does not print anything",
            "c": "the function's timeout",
        },
        right="a",
        replies={
            "a": "The error went to the caller. START, END and REPORT should be there always.",
            "b": "Even a silent handler has START, END and REPORT in its log.",
            "c": "A timeout leaves a line in the log too.",
        },
    ),
    "08.loop": Quiz(
        question="From notebook 05: the thumbnail function writes into the bucket that calls it. "
        "Which permission, left out, would have stopped the circle?",
        options={
            "a": "s3:GetObject on the bucket's objects",
            "b": "s3:PutObject on the bucket that it reads from",
            "c": "lambda:InvokeFunction for S3",
        },
        right="b",
        replies={
            "a": "Then it could not read the picture either.",
            "b": "A role that may write to the other bucket only cannot run in a circle.",
            "c": "Then nothing would call it, circle or not.",
        },
    ),
}
