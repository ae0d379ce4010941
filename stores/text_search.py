"""Looking for a piece of text whatever the case of its letters, «ё» and «е» being one.

SQLite's own lower() and LIKE fold the Latin letters only, and PostgreSQL's depend on how the database was made. So
SQLite is lent a function of Python's, and PostgreSQL gets a regular expression with a class for each letter («[кК]»).
"""

from typing import Any

from sqlalchemy import ColumnElement, func, or_

SQLITE_FUNCTION = "salon_holds"
_WORDS = 8


def words_of(text: str) -> list[str]:
    """What is looked for, word by word; more than eight are left out."""
    return text.split()[:_WORDS]


def holds(question: str | None, answer: str | None, word: str) -> bool:
    """SQLite's function: whether the word, folded already, stands in one of the two."""
    return word in folded(question or "") or word in folded(answer or "")


def folded(text: str) -> str:
    """The text as it is compared."""
    return text.casefold().replace("ё", "е")


def regex_of(word: str) -> str:
    """PostgreSQL's regular expression for a text that holds the word; no character of it has a meaning of its own."""
    return "".join(_class(char) for char in word)


def either_holds(
    question: ColumnElement[Any], answer: ColumnElement[Any], word: str, dialect: str
) -> ColumnElement[bool]:
    """That one of two columns holds the word."""
    if dialect == "sqlite":
        found: ColumnElement[bool] = getattr(func, SQLITE_FUNCTION)(question, answer, folded(word)) == 1
        return found
    pattern = regex_of(word)
    return or_(*(column.op("~", is_comparison=True)(pattern) for column in (question, answer)))


def _class(char: str) -> str:
    """A letter in all its cases, anything else as it is."""
    if not char.isalpha():
        return char if char.isdecimal() or char == "_" or ord(char) > 127 else f"\\{char}"
    group = "её" if char.casefold() in "её" else char
    cases = {one for each in group for one in (each, each.lower(), each.upper()) if len(one) == 1}
    return f"[{''.join(sorted(cases))}]"
