"""What of the dialog so far an answer may use: the last turns within a budget, a running summary of older ones, and
the cars shown last.

All of it is kept with each turn's state, so a restart loses nothing, and none of it needs a language model.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from chains.followup import CarDialog
from chains.summary import Summary
from chains.text import sentences
from chains.texts import Texts
from stores.dialogs import Turn
from stores.lexicon import Lexicon

BUDGET_TOKENS = 220
"""Estimated tokens of the last turns that a model is given: one that runs on a processor reads 40 to 60 a second."""
LOADED_TURNS = 8
"""How many turns a question looks back on; what came before is in the summary that the first of them carries."""
_PIECE = re.compile(r"([а-яё]+)|([a-z]+)|\d|[^\w\s]|\n", re.IGNORECASE)
_LETTERS_A_TOKEN = (3, 5)  # of a Russian and of an English word


class History(NamedTuple):
    """The dialog so far as a model may see it: `turns` are (question, answer), oldest first; `summary` tells in one
    paragraph what came before them, empty where nothing did."""

    summary: str
    turns: list[tuple[str, str]]


def token_count(text: str) -> int:
    """About how many tokens a model makes of the text, without asking one.

    Three letters of a Russian word, five of another, each digit and each sign count as one. On 179 passages of the
    sample salon that is 0.82 to 1.33 times (median 1.02) what the tokeniser of Qwen2.5 counts.
    """
    count = 0
    for piece in _PIECE.finditer(text):
        letters = next((index for index in (1, 2) if piece[index]), None)
        count += 1 if letters is None else -(-len(piece[letters]) // _LETTERS_A_TOKEN[letters - 1])
    return count


def history(turns: Sequence[Turn], texts: Texts, lexicon: Lexicon, budget: int = BUDGET_TOKENS) -> History:
    """The last answered turns that fit into `budget` tokens, and the summary of those before them in words.

    The very last one is always there, its answer cut after the last sentence that fits. Blocked turns are left out.
    """
    kept: list[tuple[str, str]] = []
    first = len(turns)
    for index in range(len(turns) - 1, -1, -1):
        turn = turns[index]
        if not turn.answer or turn.blocked:
            continue
        pair = (turn.question, turn.answer) if kept else _cut(turn.question, turn.answer, budget)
        cost = token_count(pair[0]) + token_count(pair[1])
        if kept and cost > budget:
            break
        kept.insert(0, pair)
        budget -= cost
        first = index
    return History(summary_of(turns[:first]).in_words(texts, lexicon), kept)


def _cut(question: str, answer: str, budget: int) -> tuple[str, str]:
    """A question of at most half of the budget, and as many whole sentences of its answer as the rest holds."""
    question = _fitting(question.split(), budget // 2)
    left = budget - token_count(question)
    return question, answer if token_count(answer) <= left else _fitting(sentences(answer), left)


def _fitting(pieces: Sequence[str], budget: int) -> str:
    taken: list[str] = []
    for piece in pieces:
        budget -= token_count(piece)
        if budget < 0:
            break
        taken.append(piece)
    return " ".join(taken)


def last_state(turns: Sequence[Turn]) -> dict[str, Any]:
    """What the last answered turn left for a follow-up; empty at the start of a dialog."""
    return next((dict(turn.state) for turn in reversed(turns) if turn.answer is not None), {})


def summary_of(turns: Sequence[Turn]) -> Summary:
    """The summary that the last answered turn carries: of itself and of all before it."""
    return Summary.read(last_state(turns).get("summary"))


def car_dialog(state: dict[str, Any]) -> CarDialog | None:
    """The last query about cars and what was shown, or None; a state that an older version left counts as none."""
    if "cars" not in state:
        return None
    try:
        return CarDialog.model_validate(state["cars"])
    except ValidationError:
        return None
