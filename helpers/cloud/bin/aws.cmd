@echo off
rem The AWS CLI, always pointed at the cloud that is open: for some services the CLI does not read
rem AWS_ENDPOINT_URL and would call real AWS.
if not "%COURSE_ACCOUNT_RUN%"=="" goto account
if "%AWS_ENDPOINT_URL%"=="" goto closed
if "%COURSE_PYTHON%"=="" goto closed
"%COURSE_PYTHON%" -P -m awscli --endpoint-url "%AWS_ENDPOINT_URL%" %*
exit /b %ERRORLEVEL%
:account
"%COURSE_PYTHON%" -P -m helpers.cloud.account.cli %*
exit /b %ERRORLEVEL%
:closed
echo No cloud is open. Open one first, in Python: aws = cloud.open() 1>&2
exit /b 1
