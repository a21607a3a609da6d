"""`03.parcels`: a layer for two functions and a release; right in several ways, wrong in many."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helpers import RUNTIME
from helpers.deploy import deploy
from helpers.teach import lessons
from helpers.teach.checking import Case, Result
from tests.lessons.proof import is_not_attempted, is_right, is_wrong

KEY = "03.parcels"
LABEL, STAMP = "shop-label", "shop-stamp"
SOLUTION = (lessons.folder(KEY) / "solutions" / "parcels.py.txt").read_text()
[NOTEBOOK] = (Path(__file__).parent.parent.parent / "notebooks").glob("03-*.ipynb")
Judge = Callable[..., Result]


def given() -> dict[str, str]:
    """The files that the notebook's cells write for this exercise, by name."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    found = {}
    for cell in cells:
        first, _, rest = "".join(cell["source"]).partition("\n")
        if first.startswith("%%writefile work/03/"):
            found[first.split()[1]] = rest + "\n"
    wanted = ("library/parcels.py", "label.py", "stamp.py")
    return {f"work/03/{name}": found[f"work/03/{name}"] for name in wanted}


GIVEN = given()
LIBRARY = GIVEN["work/03/library/parcels.py"]


class Learner:
    """Somebody at work on the exercise; each method is a cell that they may run."""

    def __init__(self, aws: Any, folder: Path, judge: Judge) -> None:
        self.lam, self.folder, self._judge = aws.client("lambda"), folder, judge
        for name, text in GIVEN.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        for name in ("label", "stamp"):
            deploy(f"shop-{name}", folder / f"work/03/{name}.py")

    def layer(self, files: dict[str, str] | None = None, name: str = "parcels") -> str:
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            for inside, text in (files or {"python/parcels.py": LIBRARY}).items():
                archive.writestr(inside, text)
        published = self.lam.publish_layer_version(
            LayerName=name, Content={"ZipFile": package.getvalue()}
        )
        return str(published["LayerVersionArn"])

    def use(self, *layers: str, functions: tuple[str, ...] = (LABEL, STAMP)) -> None:
        for name in functions:
            self.lam.update_function_configuration(FunctionName=name, Layers=list(layers))
            self.lam.get_waiter("function_updated_v2").wait(FunctionName=name)

    def publish(self, function: str = LABEL) -> str:
        return str(self.lam.publish_version(FunctionName=function)["Version"])

    def alias(self, version: str, name: str = "prod", function: str = LABEL, **more: Any) -> None:
        self.lam.create_alias(FunctionName=function, Name=name, FunctionVersion=version, **more)

    def code(self, function: str, **files: str) -> None:
        """Upload a zip with these files (label.py is written label)."""
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            for name, text in files.items():
                archive.writestr(f"{name}.py", text)
        self.lam.update_function_code(FunctionName=function, ZipFile=package.getvalue())
        self.lam.get_waiter("function_updated_v2").wait(FunctionName=function)

    def judged(self, more: dict[str, tuple[Case, ...]] | None = None) -> Result:
        return self._judge(KEY, None, more)


@pytest.fixture
def learner(aws: Any, judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Learner:
    monkeypatch.chdir(tmp_path)
    return Learner(aws, tmp_path, judge)


def test_nothing_deployed_and_the_starter_are_no_attempt(aws: Any, judge: Judge) -> None:
    is_not_attempted(judge(KEY, None), "no function shop-label yet", "the cell that deploys both")


def test_the_functions_as_given_are_no_attempt(learner: Learner) -> None:
    is_not_attempted(learner.judged(), "as they were deployed, without a layer")


# -- right ---------------------------------------------------------------------------------------


def solution(learner: Learner) -> None:
    exec(compile(SOLUTION, "parcels.py", "exec"), {})


def mended_after_a_version_too_many(learner: Learner) -> None:
    """Version 1 was published too early; version 2 is right and prod was moved."""
    learner.alias(learner.publish())
    learner.use(learner.layer())
    learner.lam.update_alias(FunctionName=LABEL, Name="prod", FunctionVersion=learner.publish())


def by_way_of_s3_and_beside_another_layer(learner: Learner) -> None:
    """The layer's zip comes from a bucket, with an __init__.py; more layers do no harm."""
    import boto3

    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="shop-code")
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("python/", "")
        archive.writestr("python/parcels/__init__.py", LIBRARY)
    s3.put_object(Bucket="shop-code", Key="layer.zip", Body=package.getvalue())
    arn = learner.lam.publish_layer_version(
        LayerName="packing-table",
        Content={"S3Bucket": "shop-code", "S3Key": "layer.zip"},
        CompatibleRuntimes=[RUNTIME],
    )["LayerVersionArn"]
    learner.use(arn, functions=(STAMP,))
    learner.use(learner.layer({"python/other.py": ""}, "other"), arn, functions=(LABEL,))
    learner.alias(learner.publish(), Description="for the packing table")


def deployed_once_more_and_published_with_the_update(learner: Learner) -> None:
    arn = learner.layer()
    for name in ("label", "stamp"):
        deploy(f"shop-{name}", f"work/03/{name}.py", layers=[arn], timeout=5)
    code = {"ZipFile": _zip("label.py", GIVEN["work/03/label.py"] + "\n# released\n")}
    version = learner.lam.update_function_code(FunctionName=LABEL, Publish=True, **code)["Version"]
    learner.lam.get_waiter("function_updated_v2").wait(FunctionName=LABEL)
    learner.alias(version)


def in_the_folder_of_the_runtimes_version(learner: Learner) -> None:
    """AWS's other place for Python layers; the runtime's name counts, not this interpreter."""
    learner.use(learner.layer({f"python/lib/{RUNTIME}/site-packages/parcels.py": LIBRARY}))
    learner.alias(learner.publish())


def _zip(name: str, text: str) -> bytes:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr(name, text)
    return package.getvalue()


@pytest.mark.parametrize(
    "work",
    [
        solution,
        mended_after_a_version_too_many,
        by_way_of_s3_and_beside_another_layer,
        deployed_once_more_and_published_with_the_update,
        in_the_folder_of_the_runtimes_version,
    ],
    ids=lambda function: function.__name__,
)
def test_right(learner: Learner, work: Callable[[Learner], None]) -> None:
    work(learner)
    is_right(learner.judged())
    is_right(learner.judged())  # asking changes nothing


# -- wrong ---------------------------------------------------------------------------------------


def released(learner: Learner, layer: str) -> None:
    learner.use(layer)
    learner.alias(learner.publish())


def published_before_the_layer(learner: Learner) -> None:
    learner.alias(learner.publish())
    learner.use(learner.layer())


def prod_is_latest(learner: Learner) -> None:
    learner.use(learner.layer())
    learner.alias("$LATEST")


def no_folder_python(learner: Learner) -> None:
    released(learner, learner.layer({"parcels.py": LIBRARY}))


def the_folder_of_this_machine(learner: Learner) -> None:
    released(learner, learner.layer({"work/03/library/parcels.py": LIBRARY}))


def the_wrong_file(learner: Learner) -> None:
    released(learner, learner.layer({"python/money.py": "x = 1"}))


def an_older_library(learner: Learner) -> None:
    released(learner, learner.layer({"python/parcels.py": LIBRARY.replace("+ 30", "+ 20")}))


def a_library_without_grams(learner: Learner) -> None:
    released(learner, learner.layer({"python/parcels.py": "def weight(prints): return 1\n"}))


def only_the_label(learner: Learner) -> None:
    learner.use(learner.layer(), functions=(LABEL,))
    learner.alias(learner.publish())


def only_the_stamp(learner: Learner) -> None:
    learner.use(learner.layer(), functions=(STAMP,))


def a_layer_each(learner: Learner) -> None:
    learner.use(learner.layer(name="label"), functions=(LABEL,))
    learner.use(learner.layer(name="stamp"), functions=(STAMP,))


def one_function_left_at_the_old_version(learner: Learner) -> None:
    learner.use(learner.layer(), functions=(LABEL,))
    learner.use(learner.layer(), functions=(STAMP,))


def copied_into_both_zips(learner: Learner) -> None:
    for name in ("label", "stamp"):
        learner.code(f"shop-{name}", **{name: GIVEN[f"work/03/{name}.py"], "parcels": LIBRARY})
    learner.alias(learner.publish())


def copied_and_a_layer(learner: Learner) -> None:
    learner.code(STAMP, stamp=GIVEN["work/03/stamp.py"], parcels=LIBRARY)
    released(learner, learner.layer())


def without_the_import(learner: Learner) -> None:
    for name in ("label", "stamp"):
        text = LIBRARY + GIVEN[f"work/03/{name}.py"].replace("import parcels", "")
        learner.code(f"shop-{name}", **{name: text.replace("parcels.", "")})
    learner.alias(learner.publish())


def nothing_published(learner: Learner) -> None:
    learner.use(learner.layer())


def a_version_without_a_name(learner: Learner) -> None:
    learner.use(learner.layer())
    learner.publish()


def capital_letters(learner: Learner) -> None:
    learner.use(learner.layer())
    learner.alias(learner.publish(), name="Prod")


def prod_of_the_stamp(learner: Learner) -> None:
    learner.use(learner.layer())
    learner.alias(learner.publish(STAMP), function=STAMP)


def a_split(learner: Learner) -> None:
    early = learner.publish()
    learner.use(learner.layer())
    weights = {"AdditionalVersionWeights": {early: 0.5}}
    learner.alias(learner.publish(), RoutingConfig=weights)


def another_handler(learner: Learner) -> None:
    learner.use(learner.layer())
    learner.code(LABEL, label="import parcels\n")


WRONG = {
    published_before_the_layer: ("too early", "prod points to version 1", "move prod to it"),
    prod_is_latest: ("latest", "prod points to $LATEST", "update_alias moves prod"),
    no_folder_python: ("place", 'In the layer it is "parcels.py"', "/opt/python"),
    the_folder_of_this_machine: ("place", "work/03/library/parcels.py", "python/parcels.py"),
    the_wrong_file: ("empty layer", "python/money.py", "no parcels.py"),
    an_older_library: ("reply", '"grams": 100', "not", "as it is"),
    a_library_without_grams: ("library", "no attribute 'grams'", "another one"),
    only_the_label: ("no layer", "shop-stamp failed", "It uses no layer"),
    only_the_stamp: ("no layer", "shop-label failed", "FunctionName='shop-label'"),
    a_layer_each: ("two layers", "a layer of its own", "name its ARN in both"),
    one_function_left_at_the_old_version: ("two versions", "1 and 2", "the newer one"),
    copied_into_both_zips: ("copied", "shop-label carries parcels.py", "let the layer bring"),
    copied_and_a_layer: ("copied", "shop-stamp carries parcels.py"),
    without_the_import: ("no layer", "shop-label uses no layer"),
    nothing_published: ("no alias", "no published version", "publish_version first"),
    a_version_without_a_name: ("no alias", "shop-label has no alias prod.", "create_alias"),
    capital_letters: ("other name", '"Prod"', "letter by letter"),
    prod_of_the_stamp: ("other function", "belongs to shop-stamp"),
    a_split: ("split", "to another version", "One version is enough"),
    another_handler: ("broken", "Runtime.HandlerNotFound", "as they were given"),
}


@pytest.mark.parametrize(("work", "expected"), WRONG.items(), ids=[work.__name__ for work in WRONG])
def test_wrong(
    learner: Learner, work: Callable[[Learner], None], expected: tuple[str, ...]
) -> None:
    work(learner)
    slip, *said = expected
    is_wrong(learner.judged(), slip, *said)


def test_points_are_given_for_what_is_met(learner: Learner) -> None:
    nothing_published(learner)
    result = learner.judged()
    assert (result.points, result.of) == (3, 4)


def test_a_hidden_case_is_judged_and_not_shown(learner: Learner) -> None:
    guess = "def grams(prints): return {20: 110, 300: 1230, 12: 78}.get(prints, 0)\n"
    released(learner, learner.layer({"python/parcels.py": guess}))
    is_right(learner.judged())
    event = {"order": "Z-99", "prints": 7}
    hidden = Case(event, {"order": "Z-99", "grams": 58}, hidden=True)
    result = learner.judged({"prod answers": (hidden,)})
    is_wrong(result, "reply")
    assert "Z-99" not in result.text()
