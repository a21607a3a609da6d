"""Changing a module when it is imported, and not before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from helpers.cloud import opening
from helpers.localaws import settings
from helpers.localaws.on_import import when_imported


def test_when_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "late_module_of_a_test.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    seen: list[str] = []

    def change(module: object) -> None:
        seen.append("after")
        module.value = 2  # type: ignore[attr-defined]

    when_imported("late_module_of_a_test", change, before=lambda: seen.append("before"))
    assert seen == []
    import late_module_of_a_test  # type: ignore[import-not-found]

    assert (seen, late_module_of_a_test.value) == (["before", "after"], 2)
    when_imported("late_module_of_a_test", lambda module: seen.append("at once"))
    assert seen[-1] == "at once"
    del sys.modules["late_module_of_a_test"]


def test_api_gateway_is_imported_late_and_without_a_grammar() -> None:
    """Its import takes long, most of it for a grammar that nobody here needs."""
    script = (
        "import sys\n"
        "from types import SimpleNamespace\n"
        "from helpers.localaws import moto_hooks\n"
        "moto_hooks.install()\n"
        "moto_hooks.apigateway.connect_rest_apis()\n"
        "moto_hooks.apigateway.connect_http_apis(SimpleNamespace(endpoint='http://here'))\n"
        "assert not any(name.startswith('moto.apigateway') for name in sys.modules)\n"
        "import moto.apigateway.models\n"
        "assert 'rfc3987_syntax' not in sys.modules\n"
        "assert moto.apigateway.models.APIGatewayBackend.put_method.__wrapped__\n"
        "assert moto.apigateway.models.RestAPI.create_deployment.__wrapped__\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_both_sides_know_the_learners_keys() -> None:
    """The rooms do not import each other, so the made-up keys stand in both."""
    assert settings.LEARNER_ACCESS_KEY == opening.ACCESS_KEY
    assert settings.LEARNER_SECRET_KEY == opening.SECRET_KEY
