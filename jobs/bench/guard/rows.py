"""A row of the benchmark's table, and what the words that people write into its label columns mean."""

import re
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

Language = Literal["ru", "en"]
LabelName = Literal["prompt_label", "response_label", "response_refusal_label"]


class Meaning(NamedTuple):
    """The two values of a label; the positive one is what the guard is there to find."""

    positive: str
    negative: str


LABELS: Final[dict[LabelName, Meaning]] = {
    "prompt_label": Meaning("injection", "safe"),
    "response_label": Meaning("harm", "safe"),
    "response_refusal_label": Meaning("refusal", "compliance"),
}
"""The three labels in their order. A prompt is `injection` when it is to be blocked, a wrapped harmful request too."""


@dataclass(frozen=True)
class Row:
    """A labelled prompt, answer, or both; what is not known is None.

    `source` names the set that it comes from, `model` who gave the answer. `look_alike` says that a harmless prompt
    was written to look like an attack. `number` is its place in its source, for reports; `turn_id` is the turn of a
    dialog that it was made of; `ask` says that a model is to answer it, and that only its answer is judged.
    """

    prompt: str | None = None
    prompt_label: str | None = None
    response: str | None = None
    response_label: str | None = None
    response_refusal_label: str | None = None
    model: str | None = None
    language: Language = "en"
    source: str = ""
    look_alike: bool = False
    number: int = 0
    turn_id: str | None = None
    ask: bool = False

    @property
    def prompt_length(self) -> int | None:
        """In characters."""
        return None if self.prompt is None else len(self.prompt)

    @property
    def response_length(self) -> int | None:
        """In characters."""
        return None if self.response is None else len(self.response)

    def label(self, name: LabelName) -> str | None:
        """One of the three labels."""
        value: str | None = getattr(self, name)
        return value

    @property
    def labelled(self) -> bool:
        """Whether there is any label to hold a verdict against."""
        return any(self.label(name) is not None for name in LABELS)


MISSING = frozenset({"", "nan", "null", "none", "n/a", "na", "_", "—", "?", "unknown", "неизвестно"})
_YES = "1 true yes y t да истина positive pos"
_NO = "0 false no n f нет ложь negative neg"
_POSITIVE: dict[LabelName, str] = {
    "prompt_label": "injection inj attack jailbreak malicious adversarial unsafe harmful harm bad block blocked "
    "prompt_injection injected инъекция промпт_инъекция атака джейлбрейк взлом вредоносный вредоносная опасный "
    "опасная опасно вредный вред небезопасный небезопасно",
    "response_label": "harm harmful unsafe toxic bad inappropriate jailbroken вред вредный вредная вредоносный "
    "вредоносная опасный опасная опасно небезопасный небезопасно токсичный",
    "response_refusal_label": "refusal refuse refused refuses reject rejected rejection decline declined full_refusal "
    "partial_refusal отказ отказал отказался отказывает отклонено",
}
_NEGATIVE: dict[LabelName, str] = {
    "prompt_label": "safe benign legitimate legit harmless unharmful normal clean ok good pass allowed ham "
    "not_injection no_injection ordinary безопасный безопасная безопасно норма нормальный обычный чистый легитимный",
    "response_label": "safe benign harmless unharmful normal clean ok good not_harmful no_harm безопасный безопасная "
    "безопасно безвредный безвредно норма нормальный",
    "response_refusal_label": "compliance comply complied compliant complies answer answered full_compliance "
    "not_refusal no_refusal ответ ответил отвечает согласие выполнение выполнил соблюдение",
}
_WORDS: dict[LabelName, dict[str, str]] = {
    name: {
        **dict.fromkeys(f"{_POSITIVE[name]} {_YES}".split(), meaning.positive),
        **dict.fromkeys(f"{_NEGATIVE[name]} {_NO}".split(), meaning.negative),
    }
    for name, meaning in LABELS.items()
}
_LANGUAGES: dict[str, Language] = {
    **dict.fromkeys("ru rus russian ru_ru русский рус".split(), "ru"),
    **dict.fromkeys("en eng english en_us en_gb английский англ".split(), "en"),
}


class UnknownValue(ValueError):
    """A label's cell holds a word that means none of its values."""


def folded(value: Any) -> str:
    """A cell in one spelling: lower case, `ё` as `е`, spaces and hyphens as `_`; the number before a word, as in
    `1_full_compliance`, is left out."""
    text = str(value).strip().strip("\"'«»").casefold().replace("ё", "е")
    text = re.sub(r"[\s\-_]+", "_", text)
    if re.fullmatch(r"[01]\.0+", text):
        return text[0]
    return re.sub(r"^\d+_(?=\D)", "", text)


def label_of(name: LabelName, value: Any) -> str | None:
    """The label that a cell means, None for an empty one. Raises `UnknownValue`."""
    word = folded(value) if value is not None else ""
    if word in MISSING:
        return None
    try:
        return _WORDS[name][word]
    except KeyError:
        raise UnknownValue(str(value)[:60]) from None


def is_value_of(name: LabelName, value: Any) -> bool:
    """Whether a cell holds a word of this label; yes and no are words of all three."""
    return folded(value) in _WORDS[name]


def language_named(value: Any) -> Language | None:
    """The language that a cell names, None for another one or none."""
    return _LANGUAGES.get(folded(value)) if value is not None else None
