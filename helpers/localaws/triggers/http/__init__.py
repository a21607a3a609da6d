"""HTTP requests that call functions: REST APIs, HTTP APIs and function URLs.

On AWS each has a host name of its own. Here all are served on the cloud's port, below a path that
no bucket's name can have, or under a host name that begins as on AWS:

    http://localhost:PORT/_aws/execute-api/API_ID/STAGE/orders     API_ID.execute-api.localhost:PORT
    http://localhost:PORT/_aws/lambda-url/URL_ID/orders            URL_ID.lambda-url.localhost:PORT

API Gateway's own API (create_rest_api, create_route, …) is moto's, checked and completed by
``rest_checks`` and ``http_api_management``.
"""
