"""Every notebook, run as a learner does: in JupyterLab, in a browser, all cells.

COURSE_SHOTS=folder keeps pictures of every screenful.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser import look
from tests.notebooks import stored

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(look.START_SECONDS + look.RUN_SECONDS + 60),
    pytest.mark.skipif(
        not look.find_chromium(),
        reason="no Chromium for the browser tests; to run them: sudo apt-get install chromium, "
        "or set CHROMIUM to the path of a Chrome",
    ),
]


@pytest.mark.parametrize("notebook", stored.NOTEBOOKS, ids=lambda path: path.stem)
def test_all_cells_run_in_jupyterlab(desk: look.Desk, notebook: Path) -> None:
    with desk.opened(notebook) as seen:
        assert seen.run_all() == []
        if "COURSE_SHOTS" in os.environ:
            assert seen.screenfuls(Path(os.environ["COURSE_SHOTS"]))
        assert seen.failures == []
        assert seen.outside == [], "nothing on the page comes from elsewhere"
        assert not seen.page.get_by_text("Would you like to get notified").count()
