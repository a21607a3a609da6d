"""What a code cell means: plain Python as IPython reads it, and the few magics a notebook needs.

Own, and not IPython, because starting IPython costs 80 ms of the 500 ms that a submission may take,
and because what it adds (shell commands, more magics) has no place in a judged notebook anyway.
"""

import ast
import asyncio
import inspect
import linecache
import re
import sys
import traceback

IGNORED = {
    "load_ext", "reload_ext", "unload_ext", "autoreload", "matplotlib", "config", "pdb", "xmode",
    "who", "whos", "lsmagic", "precision", "html", "HTML", "svg", "SVG", "latex", "markdown",
    "javascript", "js",
}  # fmt: skip
#: Magics whose cell is run as if they were not there.
AROUND = {"time", "timeit", "capture", "prun", "memit", "mprun"}
MOST_SHOWN = 2000  # characters of a value that stands in a cell's last line


class Refused(Exception):
    """A line that the judge does not run."""


class Shell:
    """The names that a notebook's cells share, and what is told about them."""

    def __init__(self, names):
        self.names = names
        self.notes = []
        self._loop = None
        names.setdefault("display", self.display)

    def run(self, source, label):
        """Run one cell; raises whatever it raises."""
        self.notes = []
        source = self._cell_magic(inspect.cleandoc("\n" + source) if _indented(source) else source)
        if source is None:
            return
        tree = self._parse(source, label)
        linecache.cache[label] = (len(source), None, source.splitlines(True), label)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr) and not _silenced(source):
            last = ast.Expression(tree.body.pop().value)
        self._execute(tree, label, "exec")
        if last is not None:
            self.display(self._execute(last, label, "eval"))

    def display(self, *values, **_options):
        for value in values:
            if value is not None:
                print(repr(value)[:MOST_SHOWN])

    def _parse(self, source, label):
        try:
            return ast.parse(source, label)
        except SyntaxError as first:
            plain = self._line_magics(source)
            if plain is None:
                raise
            try:
                return ast.parse(plain, label)
            except SyntaxError:
                raise first from None

    def _execute(self, tree, label, mode):
        code = compile(tree, label, mode, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        if not code.co_flags & inspect.CO_COROUTINE:
            return eval(code, self.names)
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        return self._loop.run_until_complete(eval(code, self.names))

    def _cell_magic(self, source):
        """The Python that is left of a cell when its %%magic has been dealt with, or None."""
        found = re.match(r"\s*%%(\S+)[ \t]*([^\n]*)\n?", source)
        if not found:
            return source
        name, words, body = found[1], found[2].strip(), source[found.end() :]
        if name in ("writefile", "file"):
            append = re.match(r"(?:-a|--append)\s+(.*)", words)
            path = (append[1] if append else words).strip().strip("\"'")
            with open(path, "a" if append else "w", encoding="utf-8") as file:
                file.write(body if body.endswith("\n") else body + "\n")
            return None
        if name in AROUND:
            return body
        if name not in IGNORED:
            self.notes.append(f"%%{name} was not run: a judged notebook runs Python only")
        return None

    def _line_magics(self, source):
        """The source with its magic lines taken out, or None where there are none."""
        lines, found = [], False
        for line in source.split("\n"):
            indent = line[: len(line) - len(line.lstrip())]
            text = line.strip()
            magic = re.match(r"%(\w+)\s*(.*)", text)
            if magic and magic[1] in AROUND and magic[2]:
                found, line = True, indent + magic[2]
            elif magic or text.startswith("!") or re.fullmatch(r"\??[\w.]+\?{1,2}|\?[\w.]+", text):
                found, line = True, indent + "pass"
                if not magic or magic[1] not in IGNORED:
                    shown = text if len(text) <= 60 else text[:59] + "…"
                    self.notes.append(f"“{shown}” was not run: a judged notebook runs Python only")
            elif re.match(r"[\w\s,]+=\s*[!%]", text):
                raise Refused(f"“{text[:60]}” needs a shell, which a judged notebook has not")
            lines.append(line)
        return "\n".join(lines) if found else None


def is_file(source):
    """Whether a cell does nothing but write a file, the same one each time it runs."""
    return re.match(r"%%(writefile|file)[ \t]+[^-\s]", source) is not None


def explain(error):
    """An error in two texts: its last line, and where in the notebook it came from."""
    kind = type(error).__name__
    try:
        said = " ".join(str(error).split())[:500]
    except BaseException:
        said = "(an error that cannot be printed)"
    where = ""
    for frame in traceback.extract_tb(error.__traceback__)[::-1]:
        if frame.filename.startswith("cell "):
            where = f"{frame.filename}, line {frame.lineno}"
            break
    if isinstance(error, SyntaxError) and str(error.filename).startswith("cell "):
        where = f"{error.filename}, line {error.lineno}"
    return (f"{kind}: {said}" if said else kind), where


def _indented(source):
    first = next((line for line in source.split("\n") if line.strip()), "")
    return first[:1] in " \t" and not first.lstrip().startswith("%%")


def _silenced(source):
    return source.rstrip().endswith(";")


assert sys.version_info >= (3, 11)
