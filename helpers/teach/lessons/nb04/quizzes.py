"""The questions of notebook 04."""

from helpers.teach.questions import Quiz

QUIZZES = {
    "04.empty-log": Quiz(
        question="Every request to your new HTTP API gets 500 Internal Server Error. The "
        "function's log has no line from today. Where do you look first?",
        options={
            "a": "at the handler's code",
            "b": "at the function's resource policy",
            "c": "at the function's execution role",
        },
        right="b",
        replies={
            "a": "A handler that runs leaves a START line, whatever it does. This one has not run.",
            "b": "The API is not allowed to call. From outside that looks like any other 500.",
            "c": "The role is what the function may do once it runs. It has not run.",
        },
    ),
    "04.retry": Quiz(
        question="A program gets 500 for an order with quantity -3, and tries again every minute. "
        "What should your API have said?",
        options={
            "a": "400, with the field and the rule",
            "b": "200, with an error in the body",
            "c": "429, so that it waits",
        },
        right="a",
        replies={
            "a": "4xx says: yours to mend. A program that reads it stops trying.",
            "b": "Then it stops trying, and believes that it has ordered.",
            "c": "429 says: right, but too often. It would wait, and then send the same again.",
        },
    ),
    "04.inside": Quiz(
        question="A colleague answers every error with the text of the exception, “so that people "
        "can help themselves”. What do you say?",
        options={
            "a": "good, as long as the stack trace stays out",
            "b": "good, as long as the status is 500",
            "c": "the exception goes to the log, and the caller gets words that we have chosen",
        },
        right="c",
        replies={
            "a": "One message is enough: it can hold a table's name, a query, or the card number "
            "of section 5.",
            "b": "The status does not make the text any less readable.",
            "c": "And the request id is in both, so that support finds the one by the other.",
        },
    ),
    "04.page": Quiz(
        question="You allow only https://shop.example in the API's CORS settings. Who can no "
        "longer read your orders?",
        options={
            "a": "everybody but the shop's page",
            "b": "other web pages, in the browsers of their visitors",
            "c": "nobody, it only sends headers",
        },
        right="b",
        replies={
            "a": "curl, a script or a phone app does not ask about CORS. To keep those out, you "
            "need an authorizer or IAM.",
            "b": "That is all it does, and all it is meant for.",
            "c": "It only sends headers, and browsers obey them.",
        },
    ),
    "04.invoke": Quiz(
        question="From notebook 01: a colleague tests the API's function with lam.invoke and "
        "reads StatusCode 200. Does the API answer 200?",
        options={
            "a": "yes, it is the same function",
            "b": "yes, unless the permission is missing",
            "c": "nobody knows: that 200 is Lambda's own",
        },
        right="c",
        replies={
            "a": "The payload that came with it may say statusCode 404, or FunctionError may be "
            "set.",
            "b": "The payload that came with it may say statusCode 404, whatever the permission.",
            "c": "It says that Lambda has invoked the function. What the caller of the API gets "
            "stands in the payload.",
        },
    ),
    "04.memory": Quiz(
        question="From notebook 02: a handler keeps its orders in a dictionary outside of the "
        "handler. POST, then GET: 200. An hour later, GET: 404. Why?",
        options={
            "a": "the order has expired",
            "b": "another environment has answered",
            "c": "the API has lost the route",
        },
        right="b",
        replies={
            "a": "Nothing expires in a dictionary. The dictionary is gone.",
            "b": "The first one went when it was idle. With two requests at once it would have "
            "happened within a second.",
            "c": "Then it would be 404 for every order, and from the API itself.",
        },
    ),
    "04.layer": Quiz(
        question="From notebook 03: shop-parsed answers every request with 500, and the log says "
        "No module named 'aws_lambda_powertools'. On your machine it works. What is missing?",
        options={
            "a": "the function's configuration does not name the layer",
            "b": "the runtime is too old for it",
            "c": "the import belongs into the handler",
        },
        right="a",
        replies={
            "a": "deploy(…, layers=[tools]) names it. What is not sent with a deploy is not there "
            "any more.",
            "b": "It is in no runtime of Python. It comes with your package or with a layer.",
            "c": "It would only fail later, at the first request instead of at the start.",
        },
    ),
}
