"""What a trigger costs the producer: PutObject into a bucket with one, and into one without."""

from __future__ import annotations

import tempfile

from helpers import cloud
from helpers.deploy import deploy
from tests.bench.measure import Row, interleaved
from tests.bench.queues import TAKER
from tests.bench.scaling import write

ROUNDS = 300
BODY = b"x" * 10_000


def measure() -> list[Row]:
    with cloud.open() as aws, tempfile.TemporaryDirectory() as folder:
        function = deploy("bench-taker", write(folder, "taker.py", TAKER), memory=1769)
        aws.client("lambda").add_permission(
            FunctionName=function.name,
            StatementId="s3",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
        )
        s3 = aws.client("s3")
        for bucket in ("with-trigger", "without"):
            s3.create_bucket(Bucket=bucket)
        rule = {"LambdaFunctionArn": function.arn, "Events": ["s3:ObjectCreated:*"]}
        s3.put_bucket_notification_configuration(
            Bucket="with-trigger",
            NotificationConfiguration={"LambdaFunctionConfigurations": [rule]},
        )
        with_trigger, without = interleaved(
            lambda: s3.put_object(Bucket="with-trigger", Key="photo.jpg", Body=BODY),
            lambda: s3.put_object(Bucket="without", Key="photo.jpg", Body=BODY),
            rounds=ROUNDS,
            warm_up=20,
        )
    return [Row("PutObject with a trigger / without one", with_trigger, without, goal=1.2)]
