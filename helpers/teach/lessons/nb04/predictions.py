"""What notebook 04 asks before it runs a cell."""

from helpers.teach.questions import Prediction

PREDICTIONS = {
    "04.url": Prediction(
        question="The function has a URL now, and AuthType is NONE. Somebody opens it. What do "
        "they get?",
        right="b",
        replies={
            "a": "You read NONE as “everybody may”. It says that nobody has to prove who they are; "
            "whether they may is another question.",
            "b": "403: nobody has permitted it.",
            "c": "You thought of a server on your own machine. Where a request comes from is not "
            "asked.",
        },
        because="A function's resource policy decides who may call it, and a new one is empty.",
    ),
    "04.inferred": Prediction(
        question='A handler returns {"error": "no such order"}, and nothing else. Which status '
        "does the caller get?",
        right="c",
        replies={
            "a": "You thought that the API reads what a result means. For the API it is a "
            "dictionary like any other.",
            "b": "You thought that a status has to be given. In format 2.0 it may be left out; a "
            "REST API would have answered 502.",
            "c": "200: without a statusCode the whole result is taken for the body.",
        },
        because="An error that arrives with status 200 is taken for a success by every program.",
    ),
    "04.permission": Prediction(
        question="The API has its routes, and the function does not allow it to call. What does "
        "the caller of POST /orders get?",
        right="b",
        replies={
            "a": "That is what the URL said. There the caller was refused; here the caller may, "
            "and it is the API that is refused.",
            "b": "500: from outside it looks like any failure.",
            "c": "The route is there, and the API found it. What comes after it did not work.",
        },
        because="A 500 and an empty log of the function: look at the function's policy.",
    ),
    "04.route": Prediction(
        question="Routes: POST /orders, GET and DELETE /orders/{id}. Somebody sends PUT "
        "/orders/7. What happens?",
        right="a",
        replies={
            "a": "404, from the API itself.",
            "b": "That would say more, and many frameworks do it. An HTTP API knows only whether "
            "a route fits.",
            "c": "You thought that every request comes to the handler. What no route fits goes no "
            "further than the API.",
        },
        because="What is not a route cannot be attacked, costs no invocation, and is not in the "
        "function's log.",
    ),
    "04.base64": Prediction(
        question="The same JSON, sent as a form by curl -d. What does the handler find in "
        "event['body']?",
        right="b",
        replies={
            "a": "The bytes are the same, but the header says that they are a form, and the API "
            "believes the header.",
            "b": "The body as base64, and isBase64Encoded is true.",
            "c": "You thought that API Gateway reads forms. It hands bodies on, and takes none of "
            "them apart.",
        },
        because="The handler answered 400 to an order that was right. Look at isBase64Encoded "
        "before you look at the body.",
    ),
    "04.traceback": Prediction(
        question="The handler raises an error with a card number in its message. What does the "
        "caller of the API read about it?",
        right="c",
        replies={
            "a": "Whoever invokes a function directly reads that. An API's callers are strangers.",
            "b": "That is what notebook 01 showed to whoever may invoke the function. An API's "
            "callers are strangers.",
            "c": "Internal Server Error, and no word more.",
        },
        because="The details are in the log, where only those read who may.",
    ),
    "04.schema": Prediction(
        question="The very same function behind a REST API. A partner asks for an order that is "
        "there. What does the partner get?",
        right="c",
        replies={
            "a": "You thought that an HTTP request is one and the same event, whoever sends it. "
            "Each kind of API has its own.",
            "b": "The partner's request is right, and nobody found fault with it.",
            "c": "502, Internal server error; the log has the reason.",
        },
        because="A REST API sends payload format 1.0, and this handler was written for 2.0.",
    ),
    "04.hostile": Prediction(
        question="Eight JSON bodies that are no order. Which of them does the handler of section "
        "3 refuse with 400?",
        right="c",
        replies={
            "a": "You thought that somebody looks at the types. json.loads takes any JSON, and "
            "DynamoDB any type but one.",
            "b": "Those two, or so one would hope. One became an order, the other a 500.",
            "c": "None of them: six are orders now, two are errors of ours.",
        },
        because="A handler checks what it was told to check, and this one checks that it is JSON.",
    ),
    "04.pydantic": Prediction(
        question='The model says quantity: int. Three bodies have "3" (text), true and 2.5 there. '
        "Which does pydantic refuse?",
        right="b",
        replies={
            "a": "You thought that int means int. Unless it is told to be strict, pydantic turns "
            "into an int what can be turned into one.",
            "b": "2.5 alone.",
            "c": "It is the other way round: those two can be turned into a whole number without "
            "a loss.",
        },
        because='"3" became 3, and true became 1: a customer who sent nonsense has ordered one '
        "print.",
    ),
    "04.cors": Prediction(
        question="The console says “blocked by CORS policy”, and with curl it works. Who blocks?",
        right="b",
        replies={
            "a": "The API answers a browser as it answers curl. It does not even look at Origin "
            "without CORS settings.",
            "b": "The browser. The handler has run, and its answer has arrived.",
            "c": "Then curl would have read a 500 as well.",
        },
        because="The answer has no word about which pages may read it, so the browser keeps it "
        "from the page. curl is no browser, and asks nobody.",
    ),
}
