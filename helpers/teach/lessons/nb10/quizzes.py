"""The questions at the end of notebook 10; the last two go back to notebooks 08 and 02."""

from helpers.teach.questions import Quiz

QUIZZES = {
    "10.log": Quiz(
        question="While looking for a fault somebody prints the secret. The fault is found, the "
        "print is taken out. What is left to do?",
        options={
            "a": "nothing: the line is no longer in the code",
            "b": "delete the log stream",
            "c": "rotate the secret, and then see who may read that log",
        },
        right="c",
        replies={
            "a": "The line is out of the code, and the password is in the log, for as long as "
            "that is kept.",
            "b": "Subscriptions, exports and people may have read it already. A secret that was "
            "seen is changed; the log can be tidied up after that.",
            "c": "What was seen is no secret any more. Then shorten the retention, and look who "
            "had access.",
        },
    ),
    "10.access": Quiz(
        question='GetSecretValue answers "Access to KMS is not allowed". What is missing?',
        options={
            "a": "secretsmanager:GetSecretValue on the secret",
            "b": "kms:Decrypt on the key of the secret",
            "c": "kms:Encrypt on the key of the secret",
        },
        right="b",
        replies={
            "a": "That refusal names the action and the secret. This one comes after it.",
            "b": "And if it is there: look at its condition, and at the key's own policy.",
            "c": "Reading decrypts. To write a secret one needs kms:GenerateDataKey.",
        },
    ),
    "10.nat": Quiz(
        question="A function in a private subnet has to reach DynamoDB and a partner's web "
        "service. What does it need?",
        options={
            "a": "a gateway endpoint for DynamoDB, and a NAT gateway for the partner",
            "b": "two gateway endpoints",
            "c": "an internet gateway in its route table",
        },
        right="a",
        replies={
            "a": "And with the endpoint there, the table's traffic does not pay for the NAT "
            "gateway.",
            "b": "A gateway endpoint leads to S3 or DynamoDB, never to a partner.",
            "c": "A function has no public address, so an internet gateway does not help it. The "
            "NAT gateway lends it one.",
        },
    ),
    "10.deleted": Quiz(
        question="Somebody schedules the deletion of the shop's key, with 7 days' notice. What "
        "can you still do, and what never again?",
        options={
            "a": "read everything for 7 days; afterwards it can be restored for a while",
            "b": "cancel within 7 days; afterwards nothing under that key can ever be opened",
            "c": "nothing: the key is gone at once",
        },
        right="b",
        replies={
            "a": "It cannot be used from the first minute on. That is good: you notice in time.",
            "b": "An alarm on the trail's event ScheduleKeyDeletion is cheap.",
            "c": "There are at least 7 days to cancel. Nobody deletes a key by a slip of the "
            "finger.",
        },
    ),
    "10.role": Quiz(
        question="From notebook 08: two functions share one role, because that is less work. "
        "What has become of the sentence about the one function that may read the secret?",
        options={
            "a": "it still holds: the second function does not ask for it",
            "b": "it holds if the encryption context is a condition",
            "c": "it is wrong: permissions belong to the role, so both may",
        },
        right="c",
        replies={
            "a": "Not to ask is not the same as not to be able to. Whoever takes over the second "
            "function asks.",
            "b": "The context names the secret, not the function. Both roles would be one and the "
            "same.",
            "c": "One role for each function is where least privilege begins.",
        },
    ),
    "10.env": Quiz(
        question="From notebook 02: a till keeps its secret for five minutes. Twenty customers "
        "pay at the same moment, after a quiet night. How often is the secret read?",
        options={
            "a": "once",
            "b": "about twenty times",
            "c": "not at all: it was read yesterday",
        },
        right="b",
        replies={
            "a": "Once for each environment, and twenty at once need twenty.",
            "b": "A cache in an environment is a cache of its own. It helps the second customer "
            "of each.",
            "c": "Idle environments end, and what they kept ends with them. Five minutes are over "
            "as well.",
        },
    ),
}
