"""The environment variables that a handler sees.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from __future__ import annotations

from helpers.localaws.compute.function import Version

#: Set by Lambda; a function's own configuration may not name them.
RESERVED = {
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}  # fmt: skip


def for_environment(
    version: Version,
    own: dict[str, str],
    *,
    log_stream: str,
    runtime_api: str,
    endpoint: str,
    task_root: str = "/var/task",
    opt: str = "/opt",
    provisioned: bool = False,
) -> dict[str, str]:
    """All variables but the credentials; ``own`` are those of the function's configuration.

    Three are ours, not AWS's: ``AWS_ENDPOINT_URL`` makes plain boto3 inside the handler reach this
    cloud, ``AWS_DISABLE_HOST_PREFIX_INJECTION`` keeps it from putting a word in front of the host,
    and ``AWS_CA_BUNDLE`` names a file that does not exist, so that nothing speaks to AWS.
    """
    config = version.config
    logging = config.get("LoggingConfig", {})
    variables = {
        "_HANDLER": config.get("Handler", ""),
        "AWS_REGION": version.region,
        "AWS_DEFAULT_REGION": version.region,
        "AWS_LAMBDA_FUNCTION_NAME": version.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config["MemorySize"]),
        "AWS_LAMBDA_FUNCTION_VERSION": version.number,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "provisioned-concurrency" if provisioned else "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": logging.get("LogGroup", f"/aws/lambda/{version.name}"),
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1:2000",
        "_AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1",
        "_AWS_XRAY_DAEMON_PORT": "2000",
        "LAMBDA_TASK_ROOT": task_root,
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LANG": "en_US.UTF-8",
        "LC_CTYPE": "C.UTF-8",
        "TZ": ":UTC",
        "PWD": task_root,
        "SHLVL": "0",
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "LD_LIBRARY_PATH": "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:"
        "/var/task:/var/task/lib:/opt/lib",
        "PYTHONPATH": "/var/runtime",
        "_LAMBDA_TELEMETRY_LOG_FD": "1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_CA_BUNDLE": "/a-local-cloud-is-open--real-AWS-is-refused.pem",
    }
    if not config.get("Runtime", "provided").startswith("provided"):
        variables["AWS_EXECUTION_ENV"] = f"AWS_Lambda_{config['Runtime']}"
    if config.get("Runtime", "").startswith("nodejs"):
        release = config["Runtime"].removesuffix(".x").replace("nodejs", "node")
        variables["NODE_PATH"] = (
            f"{opt}/nodejs/{release}/node_modules:{opt}/nodejs/node_modules:"
            f"/var/runtime/node_modules:/var/runtime:{task_root}"
        )
        del variables["PYTHONPATH"]
    if logging.get("LogFormat") == "JSON":
        variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
        variables["AWS_LAMBDA_LOG_LEVEL"] = logging.get("ApplicationLogLevel", "INFO")
    return {**own, **variables}
