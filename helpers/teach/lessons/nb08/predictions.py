"""What notebook 08 asks before it runs a cell."""

from helpers.teach.questions import Prediction

PREDICTIONS = {
    "08.trust": Prediction(
        question="The role trusts `ec2.amazonaws.com`, as in a tutorial about servers. You are an "
        "administrator, and you make a function with it. What happens?",
        right="b",
        replies={
            "a": "You thought that a role is looked at when it is used. Lambda looks when it is "
            "given one: it tries the door before it moves in.",
            "b": "Lambda must be able to become the role, and this one is for servers only.",
            "c": "You thought of your own permissions. You may hand over the role; whether Lambda "
            "may put it on is the role's own decision.",
        },
        because="A trust policy says who may become the role. It is the role's own policy, and no "
        "administrator stands above it.",
    ),
    "08.empty": Prediction(
        question="Lambda may become the role now, and the role has no permissions at all. The "
        "function is given an order. What will its log say?",
        right="c",
        replies={
            "a": "You thought of your own permissions. The handler has the role's, and nothing of "
            "yours.",
            "b": "The error is there, in what the caller gets back. To write it into a log takes a "
            "permission too.",
            "c": "The role may not read the order, and may not write a log either.",
        },
        because="A function without logs is most often a function whose role may not write any.",
    ),
    "08.next": Prediction(
        question="You allow exactly what the denial asked for, `s3:GetObject` on the objects, and "
        "give the function the same order. What happens?",
        right="a",
        replies={
            "a": "It comes one step further: the order is read, and sending is refused.",
            "b": "You thought that a denial lists all that is missing. It names the first call "
            "that was refused; nobody knows what would have come after it.",
            "c": "You thought of code and variables, which are read at the start. Permissions are "
            "looked up at each request.",
        },
        because="One denial, one permission. That is slow and honest: what remains is what the "
        "work needs.",
    ),
    "08.rest": Prediction(
        question="The probe has the same role: it may get objects from the bucket of orders. Which "
        "of these may it do as well?",
        right="c",
        replies={
            "a": "You thought that what may be read may be removed. DeleteObject is an action of "
            "its own.",
            "b": "You thought of folders, where who may open a file may see its name. ListBucket "
            "is an action of its own, on the bucket and not on its objects.",
            "c": "Whatever no statement allows is denied, and nothing follows from anything.",
        },
        because="Permissions are not implied: each action on each resource has to be allowed.",
    ),
    "08.deny": Prediction(
        question="The role's policy allows to get the order. The bucket's own policy denies it to "
        "this role. What does AWS do?",
        right="b",
        replies={
            "a": "You thought that one Allow is enough. It is, as long as nobody denies.",
            "b": "An explicit deny wins, whoever wrote it, and wherever it stands.",
            "c": "You thought of versions. Policies have no order and no age; they are all read at "
            "each request.",
        },
        because="First AWS looks for a Deny, in every policy there is. Only then it asks for an "
        "Allow.",
    ),
    "08.boundary": Prediction(
        question="The role's policy allows to get orders and to send labels. Its permissions "
        "boundary allows `sqs:*` and `logs:*`. What may the function do?",
        right="a",
        replies={
            "a": "Send, and write logs: what both of them allow.",
            "b": "You added the two up. A boundary grants nothing: it is the fence, not the field.",
            "c": "You thought that the boundary replaces the policy. Both are asked, and both have "
            "to say yes.",
        },
        because="A boundary is the most that a role can ever have. Notebook 09 puts one to work.",
    ),
    "08.either": Prediction(
        question="The role has no policy about S3 at all. The bucket's policy allows the role to "
        "get orders. Bucket and role are in one account. May the function read?",
        right="b",
        replies={
            "a": "You thought that both sides have to agree. Between two accounts they have to; "
            "within one account, one of them is enough.",
            "b": "Within one account it does not matter on which side the Allow stands.",
            "c": "You thought that a bucket's policy makes it public. It names one role, and "
            "allows it to that role.",
        },
        because="Identity's policy or resource's policy within an account, both of them across "
        "accounts. (Roles' trust policies and keys' policies are stricter: they must allow.)",
    ),
    "08.arn": Prediction(
        question="Which of these seven let the function do what they are meant for?",
        right="b",
        replies={
            "a": "You were generous. Look at each once more: an ARN fits letter by letter, or not "
            "at all.",
            "b": "The objects of the bucket, written out; and everything that begins with the "
            "bucket's name, which is more than was meant.",
            "c": "You were strict. A * at the end of an ARN stands for anything, a slash included.",
        },
        because="Most denials at work are one of the other five: the bucket for its objects, a "
        "star forgotten, a neighbour action, another region, another account.",
    ),
}
