"""What a layer holds can be imported by a handler, with walls around it and without."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from helpers import cloud
from helpers.deploy import deploy
from helpers.layer import layer

HANDLER = """
import importlib.metadata
import io

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.parser import BaseModel, event_parser
from PIL import Image

logger = Logger(service="shop")


class Order(BaseModel):
    prints: int


@event_parser(model=Order)
def handler(event, context):
    logger.info("an order", extra={"prints": event.prints})
    picture = io.BytesIO()
    Image.new("RGB", (400, 300), "navy").save(picture, "JPEG")
    small = Image.open(picture)
    small.thumbnail((100, 100))
    version = importlib.metadata.version("pillow")
    return {"prints": event.prints, "size": small.size, "pillow": version}
"""


@pytest.fixture(params=["auto", "off"], ids=["walls where possible", "without walls"])
def aws(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[cloud.Cloud]:
    if request.param == "off":
        monkeypatch.setenv("LOCALAWS_SANDBOX", "off")
    opened = cloud.open()
    yield opened
    opened.close()


def test_pillow_and_powertools(aws: cloud.Cloud, tmp_path: Path) -> None:
    source = tmp_path / "app.py"
    source.write_text(HANDLER, encoding="utf-8")
    both = [
        layer("shop-imaging", ["pillow"]),
        layer("shop-tools", ["aws-lambda-powertools[parser]"]),
    ]
    function = deploy("with-layers", source, layers=both, timeout=30, memory=1024)
    reply = function.invoke({"prints": 20})
    assert reply["prints"] == 20
    assert reply["size"] == [100, 75]
    assert reply["pillow"] == metadata.version("pillow")
    assert any('"prints":20' in line for line in function.logs())
    error = function.invoke({"prints": "many"}, on_error="return")
    assert error["errorType"] == "ValidationError"
