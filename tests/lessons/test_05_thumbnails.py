"""`05.thumbnails`: a pipeline that is right in several ways, and wrong in many."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers.deploy import Function, deploy, ensure_role
from helpers.layer import layer
from helpers.teach import lessons
from helpers.teach.checking import Case, Result
from helpers.teach.lessons.nb05.buckets import empty
from tests.lessons.proof import is_not_attempted, is_right, is_wrong

KEY = "05.thumbnails"
SOLUTION = (lessons.folder(KEY) / "solutions" / "preview.py.txt").read_text(encoding="utf-8")
HANDLER, WIRING = SOLUTION.split("# and in a cell:\n")
[NOTEBOOK] = (Path(__file__).parent.parent.parent / "notebooks").glob("05-*.ipynb")
CELLS = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
Judge = Callable[..., Result]


def given(start: str) -> str:
    """The notebook's own cell that begins like this."""
    [found] = [text for cell in CELLS if (text := "".join(cell["source"])).startswith(start)]
    return found


def but(*changes: tuple[str, str]) -> str:
    """The solution's handler with some things changed."""
    text = HANDLER
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


class Learner:
    """Somebody at work on the exercise, in the notebook as it stands before it."""

    def __init__(self, aws: Any, folder: Path, judge: Judge, imaging: str) -> None:
        self._judge, self.folder = judge, folder
        self.s3, self.lam = aws.client("s3"), aws.client("lambda")
        self.photos = f"shop-window-{aws.account_id}"
        self.small = f"shop-window-small-{aws.account_id}"
        self.names: dict[str, Any] = {
            "aws": aws,
            "boto3": aws,  # it makes clients, too, and keeps what they have read
            "json": json,
            "lam": self.lam,
            "s3": self.s3,
            "deploy": deploy,
            "imaging": imaging,
            "WINDOW": self.photos,
            "SMALL": self.small,
        }
        ensure_role(aws)
        for start in ("allow_role = [", "def allow(", "def notify("):
            exec(given(start), self.names)

    def buckets(self) -> None:
        for bucket in (self.photos, self.small):
            self.s3.create_bucket(Bucket=bucket)

    def function(self, handler: str = HANDLER, **settings: Any) -> Function:
        file = self.folder / "preview.py"
        file.write_text(handler, encoding="utf-8")
        usual: dict[str, Any] = {
            "environment": {"RESULTS": self.small},
            "layers": [self.names["imaging"]],
            "timeout": 30,
            "memory": 1769,
        }
        return deploy("shop-preview", file, **(usual | settings))

    def wire(self, function: Function, **rules: str) -> None:
        self.names["allow"](function, self.photos)
        self.names["notify"](function, self.photos, **rules)

    def build(self, handler: str = HANDLER, **settings: Any) -> None:
        """All of it, with this handler."""
        self.buckets()
        self.wire(self.function(handler, **settings), prefix="photos/")

    def judged(self, more: dict[str, tuple[Case, ...]] | None = None) -> Result:
        return self._judge(KEY, None, more)

    def clear(self) -> None:
        """The desk as it was before the exercise."""
        for function in self.lam.list_functions()["Functions"]:
            self.lam.delete_function(FunctionName=function["FunctionName"])
        for bucket in [one["Name"] for one in self.s3.list_buckets()["Buckets"]]:
            self.names["aws"].wait_until(partial(self._gone, bucket), what=f"{bucket} is gone")

    def _gone(self, bucket: str) -> bool:
        """A handler that still runs may put one more object into it."""
        empty(self.s3, bucket)
        try:
            self.s3.delete_bucket(Bucket=bucket)
        except ClientError:
            return False
        return True


@pytest.fixture
def aws(local_aws: Any) -> Any:
    """Not emptied before each test, which would take the layer away: Learner.clear does it."""
    return local_aws


@pytest.fixture(scope="module")
def imaging(local_aws: Any) -> str:
    return layer("shop-imaging", ["pillow"])


@pytest.fixture
def learner(
    aws: Any, judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, imaging: str
) -> Iterator[Learner]:
    monkeypatch.chdir(tmp_path)
    learner = Learner(aws, tmp_path, judge, imaging)
    yield learner
    learner.clear()


def test_nothing_and_half_of_the_beginning_are_no_attempt(learner: Learner) -> None:
    is_not_attempted(learner.judged(), f"there is no bucket {learner.photos} yet")
    learner.s3.create_bucket(Bucket=learner.photos)
    is_not_attempted(learner.judged(), "calls no function yet", "none for the previews")


# -- right ---------------------------------------------------------------------------------------


def solution(learner: Learner) -> None:
    file = Path("work/05/preview.py")
    file.parent.mkdir(parents=True)
    file.write_text(HANDLER, encoding="utf-8")
    exec(WIRING, learner.names)


def by_arithmetic_and_two_rules(learner: Learner) -> None:
    """Another way to resize, /tmp in between, and the wiring in plain boto3."""
    learner.buckets()
    function = learner.function(
        but(
            (
                "        picture.thumbnail((320, 320))\n        result = io.BytesIO()\n",
                "        part = min(1, 320 / max(picture.size))\n"
                "        picture = picture.resize([round(side * part) for side in picture.size])\n"
                "        result = io.BytesIO()\n",
            ),
            ('picture.save(result, "JPEG")', 'picture.convert("RGB").save(result, format="jpeg")'),
        )
    )
    learner.lam.add_permission(
        FunctionName=function.name,
        StatementId="window",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{learner.photos}",
    )
    rules = [
        {
            "LambdaFunctionArn": function.arn,
            "Events": [event],
            "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "photos/"}]}},
        }
        for event in ("s3:ObjectCreated:Put", "s3:ObjectCreated:CompleteMultipartUpload")
    ]
    learner.s3.put_bucket_notification_configuration(
        Bucket=learner.photos, NotificationConfiguration={"LambdaFunctionConfigurations": rules}
    )


@pytest.mark.parametrize(
    "work", [solution, by_arithmetic_and_two_rules], ids=lambda function: function.__name__
)
def test_right_and_nothing_is_left_behind(
    learner: Learner, work: Callable[[Learner], None]
) -> None:
    work(learner)
    is_right(learner.judged())
    for bucket in (learner.photos, learner.small):
        assert "Contents" not in learner.s3.list_objects_v2(Bucket=bucket)


# -- wrong ---------------------------------------------------------------------------------------


def no_bucket_for_previews(learner: Learner) -> None:
    learner.s3.create_bucket(Bucket=learner.photos)
    learner.wire(learner.function(), prefix="photos/")


def no_notification(learner: Learner) -> None:
    learner.buckets()
    learner.function()


def the_function_is_gone(learner: Learner) -> None:
    learner.build()
    learner.lam.delete_function(FunctionName="shop-preview")


def no_layer(learner: Learner) -> None:
    learner.build(layers=[])


def into_the_same_bucket(learner: Learner) -> None:
    learner.build(
        but(
            ('Bucket=os.environ["RESULTS"]', "Bucket=bucket"),
            ("Key=key,\n", 'Key=key + ".small",\n'),
        )
    )


def over_the_original(learner: Learner) -> None:
    learner.build(environment={"RESULTS": learner.photos})


def another_prefix_of_the_same_bucket(learner: Learner) -> None:
    learner.build(
        but(
            ('Bucket=os.environ["RESULTS"]', "Bucket=bucket"),
            ("Key=key,\n", 'Key="small/" + key,\n'),
        )
    )


def into_another_bucket(learner: Learner) -> None:
    learner.s3.create_bucket(Bucket="shop-thumbs")
    learner.build(environment={"RESULTS": "shop-thumbs"})


def into_no_bucket(learner: Learner) -> None:
    learner.build(environment={"RESULTS": "shop-windows"})


def a_setting_forgotten(learner: Learner) -> None:
    learner.build(environment={})


def not_decoded(learner: Learner) -> None:
    learner.build(
        but(('unquote_plus(record["s3"]["object"]["key"])', 'record["s3"]["object"]["key"]'))
    )


def written_encoded(learner: Learner) -> None:
    learner.build(but(("Key=key,\n", 'Key=record["s3"]["object"]["key"],\n')))


def another_key(learner: Learner) -> None:
    learner.build(but(("Key=key,\n", 'Key=key.removeprefix("photos/"),\n')))


def squeezed(learner: Learner) -> None:
    learner.build(but(("picture.thumbnail((320, 320))", "picture = picture.resize((320, 320))")))


def too_large(learner: Learner) -> None:
    learner.build(but(("thumbnail((320, 320))", "thumbnail((500, 320))")))


def as_in_section_3(learner: Learner) -> None:
    learner.build(but(("thumbnail((320, 320))", "thumbnail((200, 200))")))


def enlarged(learner: Learner) -> None:
    bigger = "picture = ImageOps.contain(picture, (320, 320))"
    learner.build(
        but(
            ("picture.thumbnail((320, 320))", bigger),
            ("import Image\n", "import Image, ImageOps\n"),
        )
    )


def a_png(learner: Learner) -> None:
    learner.build(but(('picture.save(result, "JPEG")', 'picture.save(result, "PNG")')))


def no_content_type(learner: Learner) -> None:
    learner.build(but(('            ContentType="image/jpeg",\n', "")))


def every_key_calls(learner: Learner) -> None:
    learner.buckets()
    learner.wire(learner.function())


def the_slash_forgotten(learner: Learner) -> None:
    learner.buckets()
    learner.wire(learner.function(), prefix="photos")


def a_prefix_that_nothing_has(learner: Learner) -> None:
    learner.buckets()
    learner.wire(learner.function(), prefix="/photos/")


def any_bucket_may(learner: Learner) -> None:
    learner.build()
    learner.lam.remove_permission(FunctionName="shop-preview", StatementId=learner.photos)
    learner.lam.add_permission(
        FunctionName="shop-preview",
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
    )


def the_permission_taken_away(learner: Learner) -> None:
    learner.build()
    learner.lam.remove_permission(FunctionName="shop-preview", StatementId=learner.photos)


def skipping_errors(learner: Learner) -> None:
    body = HANDLER[HANDLER.index("        picture = ") :].rstrip("\n")
    tried = body.replace("\n        ", "\n            ")
    learner.build(
        HANDLER.replace(
            body, f"        try:\n    {tried}\n        except Exception:\n            pass"
        ).replace("unquote_plus(record", "str(record")
    )


def only_the_small_ones(learner: Learner) -> None:
    learner.build(
        but(
            (
                "        picture.thumbnail",
                "        if picture.width < 1000:\n            continue\n        picture.thumbnail",
            )
        )
    )


WRONG = {
    no_bucket_for_previews: ("no bucket", "shop-window-small-", "letter by letter"),
    no_notification: ("no notification", "calls no function", "add_permission"),
    the_function_is_gone: ("no function", "which is not there"),
    no_layer: ("no layer", "No module named 'PIL'", "layers=[imaging]"),
    into_the_same_bucket: ("loop", "more objects appeared", "RecursiveInvocationsDropped"),
    over_the_original: ("overwritten", "the original is gone"),
    another_prefix_of_the_same_bucket: ("same bucket", '"small/photos/', "no loop"),
    into_another_bucket: ("other bucket", "shop-thumbs"),
    into_no_bucket: ("no such bucket", "not there"),
    a_setting_forgotten: ("raised KeyError", "RESULTS"),
    not_decoded: ("not decoded", "section 4 once more"),
    written_encoded: ("written encoded", "Decode the key once"),
    another_key: ("other key", "under the key of the photo"),
    squeezed: ("squeezed", "1200 × 800", "320 × 320", "keeps the proportions"),
    too_large: ("too large", "480 × 320", "At most 320"),
    as_in_section_3: ("too small", "200 × 133", "As large as fits"),
    enlarged: ("enlarged", "160 × 120", "320 × 240", "gets no better"),
    a_png: ("not a JPEG", "a PNG picture"),
    no_content_type: ("content type", "octet-stream", 'ContentType="image/jpeg"'),
    every_key_calls: ("too wide", "drafts/cake.jpg", "photos/"),
    the_slash_forgotten: ("too wide", "photos-old/cake.jpg", "slash included"),
    a_prefix_that_nothing_has: ("not called", "the filter does not fit"),
    any_bucket_may: ("any bucket", "whoever owns it", "SourceArn"),
    the_permission_taken_away: ("no permission", "S3 may not call", "add_permission"),
    skipping_errors: ("nothing written", "without an error and without a preview"),
    only_the_small_ones: ("nothing written", "Omas"),
}


@pytest.mark.parametrize(("work", "expected"), WRONG.items(), ids=[work.__name__ for work in WRONG])
def test_wrong(
    learner: Learner, work: Callable[[Learner], None], expected: tuple[str, ...]
) -> None:
    work(learner)
    slip, *said = expected
    is_wrong(learner.judged(), slip, *said)


def test_points_are_given_for_what_is_met(learner: Learner) -> None:
    learner.build(but(('            ContentType="image/jpeg",\n', "")))
    result = learner.judged()
    assert (result.points, result.of) == (6, 7)


def test_a_hidden_key_is_judged_and_not_told(learner: Learner) -> None:
    learner.build(
        but(
            (
                "        picture.thumbnail",
                '        if "Z" in key:\n            continue\n        picture.thumbnail',
            )
        )
    )
    is_right(learner.judged())
    result = learner.judged({"any key": (Case("Zürich.jpg", hidden=True),)})
    is_wrong(result, "nothing written")
    assert "rich" not in result.text()
