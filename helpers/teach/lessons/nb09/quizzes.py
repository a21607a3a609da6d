"""The questions at the end of notebook 09; the last two go back to notebooks 02 and 08."""

from helpers.teach.questions import Quiz

QUIZZES = {
    "09.first": Quiz(
        question="Friday, 18:00. A scanner reports credentials of one of your roles on a public "
        "page. What do you do first?",
        options={
            "a": "find the line of code that leaked them",
            "b": "deny every session of the role that is older than now",
            "c": "delete the function",
        },
        right="b",
        replies={
            "a": "You will need it, and it takes an hour in which the credentials work. First take "
            "away what they can do, then look for the hole.",
            "b": "One policy, in force within seconds or a few minutes. Then new environments, the "
            "hole, and what was left behind.",
            "c": "The credentials do not come from the function, but from its role, and outlive "
            "the function by hours.",
        },
    ),
    "09.alone": Quiz(
        question="A new role has a boundary that allows s3:* on the shop's bucket, and no policy "
        "at all. What may it do?",
        options={
            "a": "everything in the bucket",
            "b": "read in the bucket",
            "c": "nothing",
        },
        right="c",
        replies={
            "a": "A boundary is the most that a policy can give. Here no policy gives anything.",
            "b": "There is no such default, neither for buckets nor for boundaries.",
            "c": "A ceiling is no ladder.",
        },
    ),
    "09.month": Quiz(
        question="You make a policy of the trail of a whole month. In that month somebody used the "
        "role's stolen credentials. What is the danger?",
        options={
            "a": "none: the trail tells the function's calls from the stranger's",
            "b": "the policy allows what the stranger did",
            "c": "the trail of that month cannot be used at all",
        },
        right="b",
        replies={
            "a": "Both are sessions of the same role. Only the address and the program that called "
            "differ, and you would have to look at them.",
            "b": "Evidence of a break-in makes a policy for burglars. Leave that time out, and "
            "read what is generated before you attach it.",
            "c": "It can, without the hours of the break-in. But somebody has to know of them.",
        },
    ),
    "09.secure": Quiz(
        question="A bucket's policy shall keep out every request without TLS, whatever other "
        "policies say. Which statement does that?",
        options={
            "a": "Allow, with the condition aws:SecureTransport true",
            "b": "Deny, with the condition aws:SecureTransport false",
            "c": "Deny, with the condition aws:SecureTransport true",
        },
        right="b",
        replies={
            "a": "It allows those with TLS, to everybody it names. What another policy allows "
            "without TLS, it does not take away. Only a Deny takes away.",
            "b": "A Deny wins over every Allow, and the condition limits it to what shall not be.",
            "c": "That keeps out everybody who does it right. A sign that is turned round is the "
            "most frequent slip with conditions.",
        },
    ),
    "09.environments": Quiz(
        question="From notebook 02: a function's sessions were revoked, and its settings changed "
        "right after. Why do its orders work again?",
        options={
            "a": "the change made the old credentials valid again",
            "b": "Lambda asks for new credentials before every invocation",
            "c": "the next invocation starts a new environment, with new credentials",
        },
        right="c",
        replies={
            "a": "Nothing does that. The deny stands, and they are older than its time.",
            "b": "Then the revocation would not have hit the function at all. A warm environment "
            "keeps what it was given, variables and credentials alike.",
            "c": "An environment is made for one version of code and settings. New settings, new "
            "environment, new session.",
        },
    ),
    "09.trust": Quiz(
        question="From notebook 08: the deployer's role may do everything and trusts "
        "lambda.amazonaws.com. The stranger could not assume it. How did she use it all the same?",
        options={
            "a": "she gave it to a function of her own: lambda:CreateFunction and iam:PassRole",
            "b": "AdministratorAccess includes the right to assume every role",
            "c": "a role that Lambda may assume can be assumed by every function's role",
        },
        right="a",
        replies={
            "a": "So iam:PassRole on * is nearly the same as being an administrator. Name the "
            "roles that may be passed on.",
            "b": "A role's trust policy has to agree, and this one trusts Lambda alone.",
            "c": "It trusts the service, which puts the role on for functions that were given it. "
            "A function's role is another principal.",
        },
    ),
}
