"""The authored messages: reading them, filling in what they leave open, grouping those that are alike."""

import csv
import hashlib
import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from chains.intents import BRAND, CAR, OTHER

COLUMNS = ("text", "language", "intent", "note")
# What stands in {braces}. A car, the salon's brand and another brand are one word each to the model.
_FILLINGS = {
    "model": (CAR,),
    "class": (CAR,),
    "class2": (CAR,),
    "brand": (BRAND,),
    "other": (OTHER,),
    "other2": (OTHER,),
    "body": ("кроссовер", "седан", "универсал"),
    "bodies": ("кроссоверы", "седаны"),
    "bodies_en": ("suvs", "sedans"),
    "money": ("5 млн", "3 миллиона", "4500000"),
    "money2": ("7 млн",),
    "money_en": ("50k", "3 million"),
    "money2_en": ("70k",),
    "year": ("2021", "2019"),
    "city": ("Казань", "Сочи", "Самару"),
}
_OPENINGS = {
    "ru": ("здравствуйте, ", "подскажите пожалуйста ", "добрый день! ", "скажите, ", "а ", "интересно, "),
    "en": ("hello, ", "hi! ", "excuse me, ", "could you tell me, ", "so ", "please tell me "),
}
_ALIKE = 0.5  # the share of three-letter runs from which on two messages are one with other words


class Message(NamedTuple):
    """One authored message with its label: a route, or a route and its sub-intent (`legend:payment`)."""

    text: str
    language: str
    intent: str
    note: str = ""


def load_messages(path: Path) -> list[Message]:
    """The messages of a data file. Raises ValueError naming the line of a bad one."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{path}: the columns must be {', '.join(COLUMNS)}")
        messages = [Message(row["text"], row["language"], row["intent"], row["note"]) for row in rows]
    for number, message in enumerate(messages, 2):
        unknown = set(re.findall(r"\{(\w+)\}", message.text)) - _FILLINGS.keys()
        if not message.text or message.language not in _OPENINGS or not message.intent or unknown:
            raise ValueError(f"{path}, line {number}: {message}")
    return messages


def data_version(assets: Path) -> str:
    """A hash over the authored data that the model is made from: the messages and the patterns."""
    parts = ("router/messages.csv", "router.toml")
    digest = hashlib.sha256()
    for part in parts:
        digest.update((assets / part).read_bytes())
    return digest.hexdigest()[:12]


def filled(text: str, turn: int) -> str:
    """The text with its braces filled in; `turn` chooses among the fillings."""
    return re.sub(r"\{(\w+)\}", lambda found: _FILLINGS[found[1]][turn % len(_FILLINGS[found[1]])], text)


def disturbed(text: str, message: Message, chance: random.Random) -> str:
    """The text as another visitor might have typed it: a letter lost or swapped, a greeting before it."""
    if len(text) > 6:
        at = chance.randrange(1, len(text) - 2)
        if text[at : at + 2].isalpha():
            swapped = text[at + 1] + text[at]
            text = text[:at] + (text[at + 1] if chance.random() < 0.5 else swapped) + text[at + 2 :]
    if not message.intent.startswith("smalltalk") and chance.random() < 0.5:
        text = chance.choice(_OPENINGS[message.language]) + text
    return text


def groups_of(texts: Sequence[str]) -> list[int]:
    """A number for each text, the same for those that are alike: such must not be in training and test at once."""
    parent = list(range(len(texts)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    runs = [{text[at : at + 3] for at in range(max(1, len(text) - 2))} for text in texts]
    holders: dict[str, list[int]] = defaultdict(list)
    for place, own in enumerate(runs):
        shared = Counter(other for run in own for other in holders[run])
        for other, count in shared.items():
            if count / (len(own) + len(runs[other]) - count) >= _ALIKE:
                parent[root(place)] = root(other)
        for run in own:
            holders[run].append(place)
    return [root(place) for place in range(len(texts))]


def folds_of(groups: Sequence[int], labels: Sequence[str], count: int) -> list[int]:
    """The fold of each message: whole groups, every label spread evenly over the folds."""
    members: dict[int, list[int]] = defaultdict(list)
    for place, group in enumerate(groups):
        members[group].append(place)
    order = list(members)
    random.Random(0).shuffle(order)  # noqa: S311  # a repeatable order, no secret
    order.sort(key=lambda group: -len(members[group]))
    held = [Counter[str]() for _ in range(count)]
    fold = [0] * len(groups)
    for group in order:
        own = [labels[place] for place in members[group]]
        best = min(range(count), key=lambda at: (sum(held[at][label] for label in own), held[at].total()))
        held[best].update(own)
        for place in members[group]:
            fold[place] = best
    return fold
