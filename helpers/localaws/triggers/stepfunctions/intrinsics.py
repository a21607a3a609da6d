"""Intrinsic functions that moto computes otherwise than AWS: texts that are not ASCII, and braces
in States.Format. The functions are the ``_eval_body`` of moto's components.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

MAX_TEXT = 10_000


def _arguments(self: Any, env: Any) -> list[Any]:
    self.argument_list.eval(env=env)
    arguments: list[Any] = env.stack.pop()
    return arguments


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"Expected a string, but got: '{value}'")
    if len(value) > MAX_TEXT:
        raise ValueError(f"The string has more than {MAX_TEXT} characters")
    return value


def encode_base64(self: Any, env: Any) -> None:
    """``States.Base64Encode('é')``: the text's UTF-8."""
    text = _text(_arguments(self, env)[0])
    env.stack.append(base64.b64encode(text.encode()).decode())


def decode_base64(self: Any, env: Any) -> None:
    text = _text(_arguments(self, env)[0])
    env.stack.append(base64.b64decode(text, validate=True).decode())


def format_text(self: Any, env: Any) -> None:
    r"""``States.Format('{} of {}', …)``: each ``{}`` is filled; ``\{`` is a brace."""
    template, *values = _arguments(self, env)
    left = [self._to_str_repr(value) for value in values]

    def fill(found: re.Match[str]) -> str:
        if found[0] != "{}":
            return found[0][1:]
        if not left:
            raise ValueError("States.Format has more {} than arguments")
        return left.pop(0)

    text = re.sub(r"\\[{}'\\]|\{\}", fill, template)
    if left:
        raise ValueError("States.Format has more arguments than {}")
    env.stack.append(text)


#: Stands for a quotation mark inside a text while moto's grammar reads it, which has no ``\'``.
_QUOTE = "\ue000"


def parse_written(source: str) -> tuple[Any, Any]:
    """In place of moto's parser, which is given the text as it is written in JSON."""
    return parse(json.loads(f'"{source}"'))


def parse(source: str) -> tuple[Any, Any]:
    r"""The function that a text calls, and its syntax tree. Knows ``\'`` in a text.

    Raises ValueError for what cannot be read.
    """
    from antlr4 import CommonTokenStream, InputStream
    from moto.stepfunctions.parser.asl.antlr.runtime.ASLIntrinsicLexer import ASLIntrinsicLexer
    from moto.stepfunctions.parser.asl.antlr.runtime.ASLIntrinsicParser import ASLIntrinsicParser
    from moto.stepfunctions.parser.asl.parse.asl_parser import SyntaxErrorListener
    from moto.stepfunctions.parser.asl.parse.intrinsic.preprocessor import Preprocessor

    problems = SyntaxErrorListener()
    lexer = ASLIntrinsicLexer(InputStream(source.replace("\\'", _QUOTE)))
    tokens = CommonTokenStream(lexer)
    parser = ASLIntrinsicParser(tokens)
    for part in (lexer, parser):
        part.removeErrorListeners()
        part.addErrorListener(problems)
    tree = parser.func_decl()
    if problems.errors or tokens.LA(1) != -1:  # the second: something follows the function
        raise ValueError(f"'{source}' is no intrinsic function")
    return Preprocessor().visit(tree), tree


def text_of(parse_tree: Any) -> str:
    r"""A text among the arguments. ``\{`` and ``\\`` are left for States.Format to read."""
    return str(parse_tree.getText())[1:-1].replace(_QUOTE, "'")
