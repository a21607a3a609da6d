"""The learner's files: there or not, touched or not."""

from __future__ import annotations

import io
import tokenize
from pathlib import Path

from helpers.teach.checking.model import NotAttempted

_LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.ENCODING,
}


def attempted(folder: Path, name: str, starter: str) -> Path:
    """The path of a learner's file, or NotAttempted when it is missing or as it was given."""
    path = folder / name
    if not path.is_file():
        raise NotAttempted(
            f"there is no file {name} yet. Run the cell that begins with %%writefile, "
            "then this one."
        )
    text = path.read_bytes().decode("utf-8", errors="replace")
    if not text.strip():
        raise NotAttempted(f"{name} is empty. Write it in the %%writefile cell and run that cell.")
    if _gist(text) == _gist(starter):
        raise NotAttempted(
            f"{name} is still as it was given. Write your lines in the %%writefile cell, "
            "run that cell, then this one."
        )
    return path


def _gist(text: str) -> list[str]:
    """The text without comments and layout, so that a new comment alone is no attempt."""
    try:
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        return [token.string for token in tokens if token.type not in _LAYOUT]
    except (tokenize.TokenError, SyntaxError):
        return text.split()
