"""A question about what has been learned, with a reply to every option."""

from __future__ import annotations

from helpers.teach import lessons, progress
from helpers.teach.chooser import Chooser, as_text, ask, letter
from helpers.teach.output import wrap


def quiz(key: str, answer: str | None = None) -> None:
    """Ask, and reply to whatever is chosen. Try as many options as you like.

    Choose with the radio buttons, or by typing: `quiz("01.q1", answer="b")`.
    """
    question = lessons.quiz(key)
    call = f'quiz("{key}"'

    def choose(option: str) -> str:
        first = progress.entry("quizzes", key).get("first", option)
        progress.record("quizzes", key, first=first, answer=option)
        mark = "✓ Right." if option == question.right else "✗ Not quite."
        return f"{option}: {mark} {question.replies[option]}"

    ask(
        as_text("Question", question.question, question.options, call),
        lambda: Chooser(question.question, question.options, choose),
    )
    if answer is not None:
        print(wrap(choose(letter(answer, question.options, call))))
