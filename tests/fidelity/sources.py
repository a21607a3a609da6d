"""Where AWS says, or was recorded saying, what the tests hold the local AWS to."""

GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg/"
API = "https://docs.aws.amazon.com/lambda/latest/api/"

INVOKE = f"{API}API_Invoke.html"
QUOTAS = f"{GUIDE}gettingstarted-limits.html"
LIFECYCLE = f"{GUIDE}lambda-runtime-environment.html"
PYTHON_ERRORS = f"{GUIDE}python-exceptions.html"
PYTHON_CONTEXT = f"{GUIDE}python-context.html"
PYTHON_LOGGING = f"{GUIDE}python-logging.html"
PYTHON_HANDLER = f"{GUIDE}python-handler.html"
TROUBLE_INVOKE = f"{GUIDE}troubleshooting-invocation.html"
TROUBLE_DEPLOY = f"{GUIDE}troubleshooting-deployment.html"
VARIABLES = f"{GUIDE}configuration-envvars.html"
MEMORY = f"{GUIDE}configuration-memory.html"
ROLE = f"{GUIDE}lambda-intro-execution-role.html"
ASYNC = f"{GUIDE}invocation-async-error-handling.html"
RUNTIMES = f"{GUIDE}lambda-runtimes.html"
STATES = f"{GUIDE}functions-states.html"
RUNTIME_API = f"{GUIDE}runtimes-api.html"
STORAGE = f"{GUIDE}configuration-ephemeral-storage.html"

#: AWS's own runtime client for Python: the shape of its errors and log lines.
RIC = "https://pypi.org/project/awslambdaric/4.2.2/"
#: Answers recorded from real AWS (2023 to 2026) by another project's test suite.
RECORDED = (
    "https://github.com/localstack/localstack/blob/main/tests/aws/services/lambda_/"
    "test_lambda.snapshot.json"
)
RECORDED_API = (
    "https://github.com/localstack/localstack/blob/main/tests/aws/services/lambda_/"
    "test_lambda_api.snapshot.json"
)
#: AWS's open part of the sandbox.
RIE = "https://github.com/aws/aws-lambda-runtime-interface-emulator"
