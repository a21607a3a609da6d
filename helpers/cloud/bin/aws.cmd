@echo off
rem The AWS CLI, always pointed at the cloud that is open: for some services the CLI does not read
rem AWS_ENDPOINT_URL and would call real AWS.
if "%AWS_ENDPOINT_URL%"=="" (
  echo No cloud is open: run aws = cloud.open^(^) first.
  exit /b 1
)
"%COURSE_AWS_CLI%" --endpoint-url "%AWS_ENDPOINT_URL%" %*
