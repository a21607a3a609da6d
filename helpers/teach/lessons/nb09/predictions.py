"""What notebook 09 asks before it runs a cell."""

from helpers.teach.questions import Prediction

PREDICTIONS = {
    "09.leak": Prediction(
        question="A stranger has read the environment variables of a function, with the three that "
        "Lambda put there. What are those good for?",
        right="b",
        replies={
            "a": "You thought that the credentials belong to the environment, as its /tmp does. "
            "They are three texts, and work from wherever they are used.",
            "b": "Whoever has them is the role, from any computer, until they expire.",
            "c": "You thought of an IAM user's access key. A role has none: what Lambda hands out "
            "is temporary, which helps only those who are faster than its end.",
        },
        because="That is what a role is: permissions to be put on by whoever holds its "
        "credentials.",
    ),
    "09.fixed": Prediction(
        question="The debug path is gone, the new code runs in new environments. What can the "
        "stranger do with the credentials that she copied an hour ago?",
        right="a",
        replies={
            "a": "Everything that she could do before.",
            "b": "You thought that credentials end with the environment that they were made for. "
            "They know nothing of it; they end at their own time.",
            "c": "You thought that AWS compares where a call comes from. It would, if a policy "
            "said so. None does.",
        },
        because="The hole is closed, and what came out through it is still out there.",
    ),
    "09.revoked": Prediction(
        question="Every session of the role that is older than now is denied everything. Whom does "
        "that hit?",
        right="c",
        replies={
            "a": "You thought that AWS knows whose copy is the stolen one. Both are the same "
            "three texts.",
            "b": "You thought that a role which denies is of no use to anybody. Sessions that "
            "begin later are not denied, and Lambda begins one for each new environment.",
            "c": "The stranger, and the environments that are running: their credentials are just "
            "as old.",
        },
        because="So the last step of a revocation is to have the environments made anew.",
    ),
    "09.rare": Prediction(
        question="The policy was made of what the function did in a whole day. A customer wants "
        "her money back. What does the function say?",
        right="b",
        replies={
            "a": "You thought that a policy made by a program knows the program. It knows the "
            "calls of one day, and nobody asked for a refund on that day.",
            "b": "AccessDenied: a permission that was never used was never seen.",
            "c": "You thought that a role may whatever its function's code says. It is the other "
            "way round: the code can say what it likes.",
        },
        because="Evidence shows what happened, and not what can happen.",
    ),
    "09.same": Prediction(
        question="The role is narrow now, and its credentials leak once more. Can the stranger "
        "read the customers' cards?",
        right="b",
        replies={
            "a": "You thought that a narrow role keeps strangers out. It keeps the damage small: "
            "what the function needs, a thief of its role may as well.",
            "b": "Yes. The function reads them for its orders, so its role may.",
            "c": "You thought that the policy lists the cards of that day. It names the folder, "
            "because tomorrow has other customers.",
        },
        because="Least privilege does not prevent a leak. It decides what a leak is worth.",
    ),
    "09.ceiling": Prediction(
        question="The role has a boundary, and somebody attaches AdministratorAccess to it. What "
        "may the role do now?",
        right="c",
        replies={
            "a": "You thought that one Allow is enough. Among policies that grant, it is. A "
            "boundary does not grant, it limits.",
            "b": "You thought that a boundary is checked when a policy is attached. It is checked "
            "at each call.",
            "c": "What both allow: the policy and the boundary.",
        },
        because="A boundary gives nothing. It is the most that policies can give.",
    ),
    "09.deputy": Prediction(
        question="The permission says: s3.amazonaws.com may invoke this function. Nothing more. "
        "Whose bucket can now call it?",
        right="c",
        replies={
            "a": "You thought that a permission of your function is about your account. The "
            "principal is the service S3, and it works for everybody.",
            "b": "You thought that the notification decides. Who writes a notification decides "
            "which function is called; that is the whole trouble.",
            "c": "Any bucket, of anybody: S3 may, whoever asked S3 to.",
        },
        because="A service that acts for many is a deputy. Ask on whose behalf it comes: "
        "aws:SourceArn and aws:SourceAccount.",
    ),
    "09.prefix": Prediction(
        question="A studio's session has the tag studio=hamburg. It may list where s3:prefix is "
        "like studios/${aws:PrincipalTag/studio}*. Which lists may it see?",
        right="b",
        replies={
            "a": "You thought that the star stands for what lies in the folder. S3 has no folders: "
            "it stands for any letters that follow.",
            "b": "Its own, and that of every studio whose name begins with hamburg.",
            "c": "You thought that the variable is compared as it stands there. IAM puts the tag "
            "in its place before it compares.",
        },
        because="A prefix ends in a slash, or it is the beginning of somebody else's name.",
    ),
}
