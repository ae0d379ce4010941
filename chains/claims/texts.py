"""A sentence against the texts of the turn: its words must stand together there, each figure with its own words.

A figure is bound to what it is said of: the words around it must be those that stand around the same figure in the
text rather than those around another figure of its unit. A negation or a condition of the text may not be lost.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from rapidfuzz.distance import LCSseq

from chains.claims.evidence import Evidence, Line, stem, stems_of
from chains.claims.figures import Figure, figures_in, words_in
from chains.numerals import Word
from chains.text import STOPWORDS, is_dictionary_word, lemmas

TextFailure = Literal["number", "unsupported"]
_SUPPORTED = 0.8
_VERBATIM = 0.85
_DECISIVE = frozenset(
    """
    не ни нет без больше меньше выше ниже дороже дешевле лучше хуже быстрее медленнее длиннее короче шире уже
    большой маленький высокий низкий дорогой дешевый хороший плохой мощный длинный короткий старший младший
    старше моложе младше дольше чаще реже только нельзя невозможно никогда самый первый последний кроме лишь раньше
    позже
    only not no more less better worse bigger smaller higher lower longer shorter cheaper dearer first last
    cannot never except unless before after most least
    """.split()
)
"""Words that turn a statement round: with them a sentence must be nearly the text's own."""
_SWEEPING = (
    frozenset("весь все всякий любой каждый all every any each whole".split()),
    frozenset("бесплатный бесплатно даром подарок free".split()),
    frozenset("всегда постоянно круглосуточно always".split()),
    frozenset("обязательный обязательно mandatory obligatory".split()),
)
"""Words that widen a statement: the text must say them, or others of their kind, in the same place."""
_DENIALS = frozenset("не not cannot don't doesn't isn't aren't won't".split())
_MILD = frozenset("только более менее меньше больше раньше позже only more less later earlier".split())
"""What may follow «не» without denying anything: «не только», «не менее»."""
_BREAKS = frozenset("а но однако зато если когда который where but if when which while".split())
_DENIED_SHARE = 0.5
_IN_ORDER = 3
_NEGATIVE = frozenset("не ни нет без нельзя невозможно кроме not no cannot without never except".split())
_CONDITIONAL = frozenset("если при когда if when unless provided".split())
_REACH = 2
_SAME_UNIT = 0.5
_TITLE_WEIGHT = 0.5
_JOINS = frozenset("или и - до or and to ,".split())
_SAYING = frozenset("стоить составлять составить цена стоимость действовать cost price valid".split())
"""Words that stand beside any figure and tell none from another."""


def failure_against_texts(sentence: str, evidence: Evidence, *, same_language: bool) -> TextFailure | None:
    """The first thing in which the sentence goes beyond the texts; in another language only figures are weighed."""
    words = words_in(sentence)
    figures = figures_in(words)
    retold = _is_retold(figures, evidence.lines)
    for index in range(len(figures)):
        if not _is_borne_out(
            index, figures, words, evidence.lines, same_language=same_language, retold=retold
        ):
            return "number"
    if same_language and not _is_supported(sentence, evidence.lines):
        return "unsupported"
    return None


def _is_retold(figures: Sequence[Figure], lines: Sequence[Line]) -> bool:
    """Several figures stand in one line of the texts in the order of the sentence: each is what it is there."""
    said = [(figure.value, figure.unit) for figure in figures]
    if len(said) < _IN_ORDER:
        return False
    for line in lines:
        there = iter([(figure.value, figure.unit) for figure in line.figures])
        if all(one in there for one in said):
            return True
    return False


def _is_borne_out(
    index: int,
    figures: Sequence[Figure],
    words: Sequence[Word],
    lines: Sequence[Line],
    *,
    same_language: bool,
    retold: bool,
) -> bool:
    figure = figures[index]
    if figure.difference and not any(figure.value == other.value for line in lines for other in line.figures):
        return False
    around = _around(index, figures, words)
    titles = frozenset[str]().union(*(line.content for line in lines if line.text.startswith("#")))
    claimed = {(other.value, other.unit) for other in figures}
    best, rival = -1.0, -1.0

    def weight(stems: frozenset[str]) -> float:
        return sum(_TITLE_WEIGHT if one in titles else 1 for one in stems)

    for line in lines:
        for place, other in enumerate(line.figures):
            if figure.unit and other.unit and figure.unit != other.unit:
                continue
            near = _around(place, line.figures, line.words)
            score = 2 * weight(around & near) + weight(around & line.content)
            score += _SAME_UNIT if figure.unit == other.unit else 0
            if other.value == figure.value and other.bound == figure.bound:
                best = max(best, score)
            elif (other.value, other.unit) not in claimed or other.value == figure.value:
                rival = max(rival, score)
            elif score > best:
                # another figure of this sentence: its words must not be claimed for this one
                rival = max(rival, score - 0.25)
    if best < 0:
        return False
    return best > rival or (retold and best == rival) if same_language else True


def _around(index: int, figures: Sequence[Figure], words: Sequence[Word]) -> frozenset[str]:
    """The stems that stand between the figure before and the figure after; «36 или 48 месяцев» stand in one place."""
    figure = figures[index]
    between = [word.lemma for word in words[figures[index - 1].end : figure.start]] if index else []
    if between and all(word in _JOINS for word in between):
        return _around(index - 1, figures, words)
    start = figures[index - 1].end if index else 0
    end = figures[index + 1].start if index + 1 < len(figures) else len(words)
    before = [word.lemma for word in words[start : figure.start]]
    after: list[str] = []
    for word in words[figure.end : end]:
        if word.text in {",", ";"}:
            break
        after.append(word.lemma)
    return frozenset(
        stem(word) for word in (*before, *after) if word[0].isalpha() and word not in STOPWORDS | _SAYING
    )


def _is_supported(sentence: str, lines: Sequence[Line]) -> bool:
    """Whether one place of the texts has most of the sentence's words; the negations and conditions there count."""
    said = lemmas(sentence)
    words = words_in(sentence)
    figured = {at for figure in figures_in(words) for at in range(figure.start, figure.end)}
    said_words = [word for at, word in enumerate(words) if at not in figured and word.lemma not in _SAYING]
    content = set(stems_of(said_words))
    told = frozenset[str]().union(*(line.content for line in lines))
    if any(_is_garbled(word) and stem(word.lemma) not in told for word in words):
        return False
    # A heading names what is told below it, and tells nothing: «Берта Бенц и первое путешествие»
    statements = [line for line in lines if not line.text.startswith("#")]
    decisive = _DECISIVE.intersection(said)
    if decisive:
        return any(
            _denied(said) == _denied(line.lemmas) & content_of(said)
            and (
                LCSseq.similarity(said, line.lemmas) >= _VERBATIM * len(said)
                or (decisive <= _DENIALS and content <= line.content)
            )
            for line in statements
        )
    if not content:
        return True
    if any(_tells_what_is_denied(line, content) for line in lines) or _is_widened(said, content, lines):
        return False
    spoken = set(map(stem, said))
    titles = [word.lemma for line in lines if line.text.startswith("#") for word in line.words]
    named = {one for one in content if any(one in title for title in titles)}  # «кредит» of «автокредит»
    for one, other in zip(statements, [*statements[1:], None], strict=True):
        window = one.content | (other.content if other else frozenset())
        if len(content & (window | named)) < _SUPPORTED * len(content):
            continue
        parts = [line for line in (one, other) if line is not None and content & line.content]
        if not any(_turns_round(line, content) or _drops_condition(line, spoken, content) for line in parts):
            return True
    return False


def _is_garbled(word: Word) -> bool:
    """A Russian word that no dictionary has: small models make up forms such as «предпринимательом»."""
    russian = word.text.isalpha() and not word.text.isascii()
    return russian and not word.upper and not is_dictionary_word(word.text)


def _is_widened(said: Sequence[str], content: set[str], lines: Sequence[Line]) -> bool:
    """«Все», «бесплатно», «всегда» are said of what the texts do not say so of: not in the place that is nearest."""
    for kind in _SWEEPING:
        if kind.isdisjoint(said):
            continue
        rest = content - content_of(list(kind))
        shared = [len(rest & line.content) for line in lines]
        nearest = [line for line, count in zip(lines, shared, strict=True) if count == max(shared)]
        if not any(kind.intersection(line.lemmas) for line in nearest):
            return True
    return False


def content_of(said: Sequence[str]) -> frozenset[str]:
    """The stems of a sentence's lemmas."""
    return frozenset(map(stem, said))


def _denied(said: Sequence[str]) -> frozenset[str]:
    """The stems that a denial stands right before: «не сохраняется», «не старше»."""
    return frozenset(stem(after) for word, after in pairwise(said) if word in _DENIALS)


def _turns_round(line: Line, content: set[str]) -> bool:
    """The text denies what the sentence (which has no negation) says."""
    for index, word in enumerate(line.lemmas):
        if word not in _NEGATIVE:
            continue
        reach = (
            line.lemmas[max(0, index - _REACH - 1) : index + _REACH + 1]
            if word in {"нельзя", "невозможно", "нет", "cannot"}
            else line.lemmas[index + 1 : index + 1 + _REACH]
        )
        if any(stem(near) in content for near in reach if near not in STOPWORDS):
            return True
    return False


def _tells_what_is_denied(line: Line, content: set[str]) -> bool:
    """Most of the sentence stands in a clause that denies its verb: «шины под гарантию не попадают»."""
    clause: set[str] = set()
    denies = False
    lemmas_ = [word.lemma for word in line.words]
    for index, word in enumerate([*lemmas_, ";"]):
        if word in _BREAKS or word in {";", "-"}:
            if denies and len(content & clause) > _DENIED_SHARE * len(content):
                return True
            clause, denies = set(), False
        elif word in _DENIALS:
            denies |= index + 1 < len(lemmas_) and lemmas_[index + 1] not in _MILD
        elif word[0].isalpha() and word not in STOPWORDS:
            clause.add(stem(word))
    return False


def _drops_condition(line: Line, spoken: set[str], content: set[str]) -> bool:
    """The sentence takes what the text says under a condition and leaves the condition out."""
    condition: list[str] = []
    rest: list[str] = []
    inside = False
    for word in line.words:
        if word.text == ",":
            inside = False
        elif word.text in _CONDITIONAL:
            inside = True
        elif word.lemma not in STOPWORDS and word.text[0].isalpha():
            (condition if inside else rest).append(stem(word.lemma))
    return bool(condition) and bool(content & set(rest)) and spoken.isdisjoint(condition)
