"""What notebook 10 asks before it runs a cell."""

from helpers.teach.questions import Prediction

PREDICTIONS = {
    "10.settings": Prediction(
        question="Lena may do nothing but look at a function's configuration. What does she see "
        "of its two variables?",
        right="c",
        replies={
            "a": "You thought that what is encrypted at rest stays so for whoever asks. Lambda "
            "decrypts it for everybody who may read the configuration.",
            "b": "You thought of a form that knows what a password is. To Lambda a variable is a "
            "name and a text.",
            "c": "The configuration holds both, and whoever may read it reads both.",
        },
        because="A secret in a variable is as secret as the configuration.",
    ),
    "10.ownkey": Prediction(
        question="The variables lie under the shop's own key now. No policy was changed. Whom "
        "does the key stop?",
        right="b",
        replies={
            "a": "You thought that a function may always open what is its own. It asks KMS with "
            "its role, and the role has no permission for this key.",
            "b": "Opening needs kms:Decrypt on this key, and neither Lena nor the function's role "
            "has it.",
            "c": "You thought that encryption is the service's own business. Under a key of yours "
            "it is yours: KMS asks whoever wants something opened.",
        },
        because="A key is a second permission, for people and for functions.",
    ),
    "10.both": Prediction(
        question="The role may now call GetSecretValue on this secret. The secret lies under the "
        "shop's key. What becomes of the call?",
        right="b",
        replies={
            "a": "You thought that one permission is enough. It is, for a secret under AWS's own "
            "key. This one has a second lock.",
            "b": "Secrets Manager asks KMS in the function's name, and KMS asks the policies: may "
            "this role use this key?",
            "c": "You thought of notebook 08's resource policies. A secret can have one, and in "
            "the same account it need not.",
        },
        because="Two permissions for one secret: to read it, and to decrypt it.",
    ),
    "10.disabled": Prediction(
        question="The key is disabled. Who can read the secret?",
        right="b",
        replies={
            "a": "You thought that a policy decides. It does, while the key can be used at all.",
            "b": "Nobody can use a disabled key, so nothing that lies under it can be opened.",
            "c": "You thought that an administrator stands above everything. Above policies, in a "
            "way; above cryptography, no.",
        },
        because="The administrator can enable the key again, and that stands in the trail.",
    ),
    "10.reads": Prediction(
        question='"asks" reads the secret in the handler, "keeps" above it. Five payments each, '
        "one after the other. How often is the secret read?",
        right="a",
        replies={
            "a": "The handler runs for each event, what stands above it once for each environment "
            "(notebook 02).",
            "b": "You forgot the init. Code above the handler runs too, when the environment "
            "starts.",
            "c": "You thought that boto3 has a cache. Each call is a request.",
        },
        because="What stays in a warm environment is the cheapest cache there is.",
    ),
    "10.rotated": Prediction(
        question='The secret has been rotated, and the bank knows the new password. "keeps" has '
        "read the secret when its environment started. What becomes of its next payment?",
        right="c",
        replies={
            "a": "You thought that AWSPREVIOUS keeps the old password alive. It keeps the text; "
            "what is valid is the bank's to say.",
            "b": "You thought that a change is pushed to whoever has read it. Nobody knows who "
            "has.",
            "c": "It holds the old password, and will until its environment ends.",
        },
        because="What is kept for ever is wrong from the first rotation on.",
    ),
    "10.wall": Prediction(
        question="shop-customers stands in a private subnet without a way out. What does it get "
        "when it asks the table?",
        right="c",
        replies={
            "a": "You thought of a permission. Nobody refuses anything here: the request never "
            "arrives.",
            "b": "You thought of a web page that does not exist. Somebody has to answer that it "
            "does not, and here nobody hears the question.",
            "c": "The packets are dropped, so the handler waits, until its time is up.",
        },
        because="A timeout is the symptom of a way that is missing.",
    ),
    "10.ways": Prediction(
        question="Which repair brings the function to its table, and nowhere else?",
        right="b",
        replies={
            "a": "It would bring the function to its table, and to every web server on earth. "
            "That was not the auditor's wish.",
            "b": "A gateway endpoint is a route that leads to DynamoDB alone.",
            "c": "You thought that it is slow. It waits for an answer that will never come, and "
            "with a longer timeout it costs more.",
        },
        because="Open the way that is needed, not the door to the street.",
    ),
    "10.trail": Prediction(
        question="Lena only looked, and the label printer was refused. Which of the two stands in "
        "the audit trail?",
        right="b",
        replies={
            "a": "You thought of a log of changes. Reading is noted as well, as long as it "
            "concerns the management of things and not the data in them.",
            "b": "Who looked, who asked in vain: both are management events.",
            "c": "You thought that what was refused left no trace. It is the most interesting "
            "trace of all.",
        },
        because="The record of a refused call has an errorCode.",
    ),
    "10.kept": Prediction(
        question="Nobody has said how long the log of shop-labels is kept. How long is it?",
        right="c",
        replies={
            "a": "That is the trail's look-up. A log group has no limit until somebody sets one.",
            "b": "You thought that the log belongs to the function. It stays when the function is "
            "deleted, and is found by surprised people years later.",
            "c": "Never expire is the default, for the log and for its bill.",
        },
        because="Give each log group a retention on the day it is made.",
    ),
}
