"""Several questions in one message: «Есть GLC и до скольки вы работаете?» → its two questions.

A message is cut where a sentence ends, and at a comma or an «и» after which a question begins; a cut stays only
if what stands on either side is a question by itself, and not the same one continued («белый или чёрный»,
«до 5 млн, полный привод»). All else stays together.
"""

import re
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import NamedTuple

from chains.answers.loan_terms import read_loan_terms
from chains.car_talk import read_talk
from chains.owned import tells_of_own_car
from chains.phrasing import Phrasing
from chains.text import content_lemmas, is_request, lemma, tokens
from chains.understanding import Understood
from chains.vocabulary import CLASS_WORDS

_SURE = 0.6
"""The confidence from which on a part counts as a question by itself."""
_SEVERAL_WORDS = 2
_PIECES = 8
_SEGMENTS = 4
_PASSAGES = {"legend", "wiki"}

_HARD = r"[?!…]+[\s)]*|\.+(?:\s+|$)|\s*[;\n]+\s*"
_SOFT = (
    r"\s*,?\s+(?:и|а)\s+(?:еще|ещё)(?:\s+(?:один|такой))?\s+вопрос\w*\s*[:,—–-]*\s*"
    r"|\s*,?\s+(?:(?:а|и|да)\s+(?:еще|ещё|также|кстати)|плюс|также|кроме того|and also|also|plus)\s+"
    r"|\s*,\s*(?:(?:а|и|но|and|but)\s+)?|\s+(?:и|а|and)\s+|\s+[-–—]\s+"
)
_JOINT = re.compile(rf"(?P<hard>{_HARD})|{_SOFT}", re.IGNORECASE)
# «забудьте прошлый вопрос. GLE есть?»: what is taken back is no wish.
_TAKEN_BACK = re.compile(
    r"^\s*(?:забудь(?:те)?|неважно|не важно|проехали|оставь(?:те)?|забей(?:те)?|forget|never ?mind|ignore|scrap|drop)\b"
    r"(?!\s+(?:меня|обо|о мне|мои|me|my)\b)[^.,;!?\n]*[.,;!]+\s*(?=\S+\s+\S)",
    re.IGNORECASE,
)
_AND = re.compile(r"[\s,–—-]*(?:и|а|да|and|also|plus|плюс|также)\b", re.IGNORECASE)
_CONDITION = re.compile(r"(?:а |ну |но )*(?:если|пока|коли|if|while)\b[^?]*$", re.IGNORECASE)
_BARE = re.compile(r"(?:and )?how \w+\W*$", re.IGNORECASE)
_ASKING = frozenset(
    """
    сколько почем какой каков где когда как куда откуда почему зачем что кто чей есть можно нужно нужный ли хотеть
    хотеться интересовать искать нуждаться мочь телефон адрес
    what which where when who whose why how is are do does can could
    may will would should did have any show tell give book call send
    """.split()
)
_BEFORE_ASKING = frozenset(
    """
    до с со в во на по из за от под для при у о об к без через ну еще ещё а и вы у вас вам нам мне же так
    at in on by for from to of until till with about and so the
    сегодня завтра сейчас послезавтра понедельник вторник среда четверг пятница суббота воскресенье
    today tomorrow now monday tuesday wednesday thursday friday saturday sunday
    """.split()
)
_LEADING_ON = frozenset("ну так да вот а и well so and".split())
_OF_ONESELF = frozenset(
    """
    я мы мне меня нам нас мой моя моей моему наш наша нашей семья дети ребенок жена муж женой мужем
    меняю меняем сменил сменила сменили
    i we my our us me kids children wife husband family moving living
    """.split()
)
_TELLING = frozenset(
    """
    жить ездить возить переезжать переехать работать кататься иметь писать растить водить путешествовать гулять любить
    отдыхать пересаживаться извинить вернуться возвращаться
    """.split()
)
_LEADING = 5
_BEST = re.compile(
    r"\b(?:а |и )?(?:сам(?:ый|ая|ое|ые|ую|ого)|наиболее|the (?:most|least|\w+est))\b", re.IGNORECASE
)
"""«самая дешёвая и самая мощная?» are two winners."""
_BEST_OF = re.compile(rf"{_BEST.pattern}(?<!est) [\w-]+ |{_BEST.pattern}(?<=est) ", re.IGNORECASE)
"""The words before what it is the best of: «самый мощный », "the cheapest "."""
_CLAUSE = re.compile(r"(?:где (?:есть|имеется|стоит)|(?:(?:в|у|с|на) )?котор\w+|чтоб\w*)\b")
_RELATIVE = re.compile(r"(?:of|for|with|to) (?:which|whom|whose)\b", re.IGNORECASE)


class _Piece(NamedTuple):
    """A stretch of the message; `hard` says that a sentence begins with it."""

    start: int
    end: int
    hard: bool


class _Part(NamedTuple):
    """A stretch of the message as it is understood by itself."""

    start: int
    end: int
    understood: Understood

    @property
    def intent(self) -> str:
        return self.understood.decision.intent

    @property
    def stands_alone(self) -> bool:
        if self.understood.decision.confidence < _SURE or self.intent in {"smalltalk", "unknown"}:
            return False
        text, plain = self.understood.question.message, self.understood.question.plain
        if plain != text and not content_lemmas(plain):
            return False  # «почта buyer@mail.example, вышлите брошюру» asks for nobody's address
        reading = self.understood.question.reading
        if "all" in read_talk(text).dropped and not reading.has_constraints:
            return False  # «сбрось фильтр» goes with the wish after it
        if reading.names_a_car and tells_of_own_car(text):
            return False
        if not reading.has_constraints and _only_tells(text, self.intent):
            return False
        brief = reading.words < _SEVERAL_WORDS
        if brief and (
            self.intent in _PASSAGES
            or (self.intent == "off_topic" and "?" not in text and not begins_asking(text))
        ):
            return False  # «хочу …, продаёте?»
        # «У меня BMW. Возьмёте в трейд-ин?» begins with no question about another brand
        weather = self.understood.decision.detail == "answer" and self.understood.decision.confidence == 1
        return self.intent != "off_topic" or weather or text.endswith("?") or begins_asking(text)


def _only_tells(text: str, intent: str) -> bool:
    """«живём за городом», «двое детей, собака»: the visitor tells of themselves and asks nothing."""
    if "?" in text:
        return False
    words = [token.text.lower() for token in tokens(text)]
    has = words[:2] in (["i", "have"], ["we", "have"], ["i've", "got"])  # and does not ask whether there is
    if any(_is_asking(word) for word in words[2 * has :]):
        return False
    told = intent in {*_PASSAGES, "off_topic"}
    return intent == "inventory" or (
        told and any(word in _OF_ONESELF or lemma(word) in _TELLING for word in words)
    )


def _is_asking(word: str) -> bool:
    base = lemma(word)
    return (
        base in _ASKING
        or word in _ASKING
        or (is_request(word) and base not in _TELLING and word not in _OF_ONESELF)
    )


class Segments(NamedTuple):
    """The questions of a message in their order; `left_out` says that there were more than can be answered at once."""

    texts: tuple[str, ...]
    left_out: bool = False


def split(message: str, understand: Callable[[str], Understood]) -> Segments:
    """The questions of a message, at most four; the whole message where it is one.

    `understand` tells which question a part would be by itself; it is called only where a joint was found.
    """
    message = _TAKEN_BACK.sub("", message, count=1)
    pieces = _pieces(message)
    if len(pieces) < 2:
        return Segments((message,))
    parts: list[_Part] = []
    for piece in pieces:
        text = message[piece.start : piece.end]
        part = _Part(piece.start, piece.end, understand(text.strip()))
        if not parts or (len(parts) == 1 and _is_courtesy(parts[0])):
            parts = [part]
        elif _is_courtesy(part):
            continue
        elif _separate(parts[-1], part, asks=piece.hard or _asks_anew(text)):
            parts.append(part)
        else:
            parts[-1] = _glued(message, parts[-1], part, understand)
    texts = tuple(
        _of_the_same(message[part.start : part.end].strip(), part, parts) for part in parts[:_SEGMENTS]
    )
    return Segments(texts, left_out=len(parts) > _SEGMENTS)


def _of_the_same(text: str, part: _Part, parts: Sequence[_Part]) -> str:
    """«самый дешёвый и самый мощный седан» asks for the cheapest saloon, too: what both are named last."""
    last = parts[-1]
    reading, others = part.understood.question.reading, last.understood.question
    named_last = _BEST_OF.match(others.message)
    bare = _wins(reading.phrasing) and not (reading.values or reading.quantities or reading.phrasing.any_car)
    if (
        part is last
        or not bare
        or named_last is None
        or not (others.reading.values or others.reading.quantities)
    ):
        return text
    return f"{text} {others.message[named_last.end() :]}"


def _glued(message: str, one: _Part, other: _Part, understand: Callable[[str], Understood]) -> _Part:
    """Both parts as one; only the later where the earlier says nothing that helps («У меня двое детей. Есть …?»)."""
    both = _Part(one.start, other.end, understand(message[one.start : other.end].strip()))
    idle = not one.stands_alone and not one.understood.question.reading.has_constraints
    told_sum = any(char.isdigit() for char in one.understood.question.message)
    helps = other.stands_alone and other.intent != "off_topic"  # «обещайте, что банк одобрит» needs both
    alone = _names_a_car(other) and not told_sum  # «сменили работу, ищем GLC до 6 млн» is about the car
    return other if idle and helps and (alone or not both.stands_alone) else both


def _pieces(message: str) -> list[_Piece]:
    """The message cut at its joints; one without letters belongs to the piece before it."""
    pieces: list[_Piece] = []
    start, hard = 0, True
    joints = [*_JOINT.finditer(message)][:_PIECES]
    for joint, later in zip_longest(joints, joints[1:]):
        is_hard = joint["hard"] is not None
        end = joint.end() if is_hard else joint.start()
        if not _has_words(message[start:end]) or not _has_words(message[joint.end() :]):
            continue
        following = message[joint.end() :]
        if not is_hard and (_is_class_word(following) or _leads_on(message[start:end])):
            continue  # «есть а класс?», «ну и погода»
        stretch = message[joint.end() : later.start() if later else None]
        begins = (
            is_hard
            or begins_asking(following)
            or (_AND.match(joint[0]) and _ends_asking(stretch))
            or (_BEST.match(following) and _BEST.search(message[start:end]))
        )
        if not begins and not _is_greeting_like(message[start:end]):
            continue
        pieces.append(_Piece(start, end, hard))
        start, hard = joint.end(), is_hard
    pieces.append(_Piece(start, len(message), hard))
    return pieces


def _asks_anew(text: str) -> bool:
    return begins_asking(text) or _ends_asking(text) or bool(_BEST.match(text))


def _has_words(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _is_class_word(text: str) -> bool:
    return any(token.text.lower() in CLASS_WORDS for token in tokens(text[:20])[:1])


def _is_greeting_like(text: str) -> bool:
    return len(tokens(text)) <= 2


def begins_asking(text: str) -> bool:
    """Whether a text begins like a question or a request: «до скольки …», «есть ли …», «посчитайте …», "how …"."""
    words = [token.text.lower() for token in tokens(text[:80])]
    if "ли" in words[:3]:
        return True
    for word in words[:_LEADING]:
        if _is_asking(word):
            return True
        if word not in _BEFORE_ASKING and lemma(word) not in _BEFORE_ASKING:
            return False
    return False


def _ends_asking(text: str) -> bool:
    """Whether the question word or the request comes last: «доставка в Сочи есть», «кредит посчитайте»."""
    last = [token.text.lower() for token in tokens(text)][-1:]
    return any(lemma(word) in _ASKING or word in _ASKING or is_request(word) for word in last)


def _leads_on(text: str) -> bool:
    """Nothing but words that lead to what follows: «ну», «так»."""
    return all(token.text.lower() in _LEADING_ON for token in tokens(text))


def _is_courtesy(part: _Part) -> bool:
    """A greeting, thanks or farewell, which may be left out beside a question; what holds a number is none."""
    if any(char.isdigit() for char in part.understood.question.message):
        return False
    return part.intent == "smalltalk" and part.understood.decision.detail in {"hello", "thanks", "bye"}


def _separate(one: _Part, other: _Part, *, asks: bool) -> bool:
    """Whether two neighbouring parts are two questions."""
    if not (asks and one.stands_alone and other.stands_alone):
        return False
    asked = other.understood.question.message
    bare = other.intent in {*_PASSAGES, "inventory"} and not content_lemmas(asked)
    if bare or _RELATIVE.match(asked) or _BARE.match(asked):
        return False  # "warranty for new cars, how long"
    if _CONDITION.match(one.understood.question.message):
        return False  # «если не понравится, можно вернуть»
    if _names_a_car(one) and not _asks(one) and _CLAUSE.match(other.understood.question.message.lower()):
        return False  # «GLS, где есть массаж сидений»
    if _is_subject(one) and other.intent == "wiki" and not _names_a_car(other):
        return False  # "CLS or E-Class, which one suits whom"
    if {one.intent, other.intent} == {"credit", "inventory"} and not _asks(one) and _one_purchase(one, other):
        return False
    if one.intent != other.intent:
        first, second = (part.understood.question.reading for part in (one, other))
        if (
            one.intent in _PASSAGES
            and first.phrasing.any_car
            and _wins(second.phrasing)
            and not second.has_values
        ):
            return False  # «у какой машины бешеная мощность, самая мощная какая»
        return not _points_back(other) or (other.intent != "wiki" and _names_a_car(one))
    if one.intent == "inventory":
        return _other_cars(one, other)
    if one.intent in _PASSAGES:
        return not _points_back(other) and _best_passage(one) != _best_passage(other)
    return False


def _asks(part: _Part) -> bool:
    """The part is a question of its own, rather than what the question after it is about."""
    text = part.understood.question.message
    phrasing = part.understood.question.reading.phrasing
    return "?" in text or begins_asking(text) or phrasing.ask in {"count", "availability", "details"}


def _is_subject(part: _Part) -> bool:
    """Cars are named and nothing is asked of them."""
    reading = part.understood.question.reading
    return _names_a_car(part) and not _asks(part) and not reading.unknown


def _one_purchase(one: _Part, other: _Part) -> bool:
    """«машина за 4 миллиона, вношу 1 млн. Сколько в месяц?», "up to 50 thousand a month, any SUV?": a car and how it
    is paid for."""
    if other.intent == "credit":
        return not _names_a_car(other)
    return not _names_a_car(one) and read_loan_terms(one.understood.question.plain).monthly is not None


def _points_back(part: _Part) -> bool:
    """«сколько она стоит», «есть ли он»: by itself it says nothing of what it is about."""
    return part.intent in {*_PASSAGES, "inventory"} and (
        part.understood.question.reading.phrasing.points_back and not _names_a_car(part)
    )


def _names_a_car(part: _Part) -> bool:
    return part.understood.question.reading.names_a_car


def _best_passage(part: _Part) -> str | None:
    hits = [hit for hit in part.understood.question.hits if hit.passage.kind == part.intent]
    return hits[0].passage.id if hits else None


def _other_cars(one: _Part, other: _Part) -> bool:
    """Two questions on the stock are two if they are about different cars or ask for different winners."""
    first, second = one.understood.question.reading, other.understood.question.reading
    for fields in (("classes", "models"), ("bodies",)):
        named = [
            {value for name in fields for value in reading.values.get(name, ())}
            for reading in (first, second)
        ]
        if all(named):
            return named[0].isdisjoint(named[1])
    return (
        (_asks(one) or _wins(first.phrasing))
        and _wins(second.phrasing)
        and (first.phrasing.order, first.phrasing.superlative)
        != (
            second.phrasing.order,
            True,
        )
    )


def _wins(phrasing: Phrasing) -> bool:
    return phrasing.superlative and phrasing.order is not None
