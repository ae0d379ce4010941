"""People named in Russian: names after words that announce them, names of several parts, and first names alone.

A dictionary says what may be a name; capitals, neighbours and set phrases say whether it is one; where they leave it
open, natasha's tagger is asked (`natasha_names`).
"""

import re
from collections.abc import Callable, Iterator, Sequence

from chains.privacy.cues import INTRODUCED, MENTIONED, SURE_MENTION
from chains.privacy.name_words import (
    is_adjective,
    is_diminutive,
    is_nominative_name,
    is_patronymic,
    names,
    word_list,
)
from chains.privacy.people_signs import certain_names, may_be_surname, with_dot
from chains.privacy.spans import Span
from chains.privacy.words import NameToken, Words
from chains.text import lemma

Tagger = Callable[[str], Sequence[tuple[int, int]]]
"""Where a text names people, by statistics: start and end of each."""

_STREETS_AND_THINGS = word_list("ru_streets_and_things")
_TYPE_AFTER = word_list("ru_type_after")
_INTO = word_list("ru_into")
_NOT_AFTER_FIRST = word_list("ru_not_after_first")
_ACTIONS = word_list("ru_actions")
_STOP = word_list("ru_stop")
_ROLES = word_list("ru_roles")
_INITIAL = re.compile(r"[А-ЯЁ]")
_SPACE = re.compile(r"[ \u00a0\t]{1,2}")
_DOT = re.compile(r"\.[ \u00a0]{0,2}")
_LONGEST = 3
_ABBREVIATION = 3  # «АИ», «ООО»
_DESCENT = frozenset({"оглы", "кызы", "оглу", "заде", "улы"})
_HOUSE = re.compile(r",?\s(?:д(?:ом)?\.?\s?)?\d{1,4}(?![\d.,]*\d)")
_JOINED = re.compile(r"[-‐‑]\d")


class RussianPeople:
    """Finds people in Russian text. `tagger` is asked only where dictionary and rules leave it open."""

    def __init__(self, tagger: Tagger, is_thing: Callable[[str], bool]) -> None:
        """`is_thing` tells of a folded word that it is a car's name, no matter who bears it too."""
        self._tagger = tagger
        self._is_thing = is_thing

    def find(self, words: Words) -> Iterator[Span]:
        """The names in their order; each as one span with surname and patronymic."""
        text = words.text
        introduced = dict.fromkeys(words.after(INTRODUCED))
        mentioned: dict[int, bool] = {}
        for match in MENTIONED.finditer(text):
            place = words.at(match.end())
            if place is not None:
                mentioned[place] = mentioned.get(place, False) or bool(SURE_MENTION.match(match.group()))
        view = _View(words, self._is_thing)
        certain = certain_names(words, self._is_thing)
        tagged: list[tuple[int, int]] | None = None
        place = 0
        taken: list[tuple[int, int]] = []
        while place < len(words):
            if (after := view.after_a_street(place)) is not None:
                taken.append((place, after))
                place = after
                continue
            end = view.structured(place, place in mentioned or place in introduced)
            if place in introduced:
                end = max(filter(None, (end, view.introduced(place))), default=None)
            if end is None and words[place].is_cyrillic:
                verdict = place in certain or view.alone(
                    place, place in mentioned, mentioned.get(place, False)
                )
                if verdict is None:
                    if tagged is None:
                        tagged = list(self._tagger(text))
                    token = words[place]
                    verdict = any(start <= token.start and token.end <= stop for start, stop in tagged)
                if verdict:
                    end = place + 1
            if end is None:
                place += 1
                continue
            end = view.with_descent(end)
            taken.append((place, end))
            yield Span("name", words[place].start, with_dot(words, end))
            place = end
        for start, stop in view.foreign(taken):
            if tagged is None:
                tagged = list(self._tagger(text))
            if any(one <= words[start].start and words[stop - 1].end <= other for one, other in tagged):
                yield Span("name", words[start].start, words[stop - 1].end)

    def introduced(self, words: Words) -> Iterator[Span]:
        """Only the names by which people introduce themselves or fill in a form."""
        view = _View(words, self._is_thing)
        for place in words.after(INTRODUCED):
            end = max(filter(None, (view.structured(place, True), view.introduced(place))), default=None)
            if end is not None:
                yield Span("name", words[place].start, with_dot(words, end))


class _View:
    """The rules for one text."""

    def __init__(self, words: Words, is_thing: Callable[[str], bool]) -> None:
        self._words = words
        self._is_thing = is_thing

    def introduced(self, place: int) -> int | None:
        """The end of the name told at a place: up to three words that may be one."""
        end = place
        while end < min(place + 3, len(self._words)):
            token = self._words[end]
            if end > place and not self._adjacent(end - 1):
                break
            name = token.name
            known = name.any and not name.verb
            if token.low in _STOP and not (name.first and end == place and token.capital):
                break
            if not token.is_cyrillic and not token.capital:
                break
            if len(token.text) == 1 and not (token.text.isupper() and self._dotted(end)):
                break
            rare = not name.known and token.is_cyrillic and end == place and len(token.text) > 2
            if not (token.capital or known or rare):
                break
            if end > place and name.ordinary and not token.capital and not (name.patronymic or name.surname):
                break
            if end > place and token.capital and name.verb and not name.any:
                break
            end += 1
        return end if end > place else None

    def after_a_street(self, place: int) -> int | None:
        """The place after a street's or a thing's name: «улица Карла Маркса»; None where no such name begins."""
        if not (self._of_a_thing(place) or self._is_house(place)) or not self._namely(place):
            return None
        end = place + 1
        while (
            end < len(self._words)
            and self._adjacent(end - 1)
            and self._namely(end)
            and self._words[end].capital
        ):
            end += 1
        return end

    def _is_house(self, place: int) -> bool:
        """«вы на Карла Маркса, 96?»: a house follows the name, and one is on it, not with him."""
        if self._previous(place) not in {"на", "по"} or not self._words[place].capital:
            return False
        end = place
        while self._adjacent(end) and self._words[end + 1].capital:
            end += 1
        return bool(_HOUSE.match(self._words.gap(end)))

    def foreign(self, taken: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Two or three capitalised words side by side that no dictionary has: a tagger may know «Пак Чен Ир»."""
        done = {place for start, stop in taken for place in range(start, stop)}
        place = 0
        while place + 1 < len(self._words):
            end = place
            while end < len(self._words) and end not in done and self._is_foreign(end):
                end += 1
                if end < len(self._words) and not self._adjacent(end - 1):
                    break
            if 2 <= end - place <= _LONGEST and not self._of_a_thing(place):
                yield place, end
            place = max(end, place + 1)

    def _is_foreign(self, place: int) -> bool:
        token = self._words[place]
        rare = (
            not token.name.known
            or token.name.any
            or (len(token.text) <= _ABBREVIATION and not token.name.verb)
        )
        return (
            token.is_cyrillic
            and token.capital
            and rare
            and not self._is_thing(token.low)
            and token.low not in _STOP
        )

    def with_descent(self, end: int) -> int:
        """The end of a name with «оглы» or «кызы» after it."""
        more = end < len(self._words) and self._adjacent(end - 1) and self._words[end].low in _DESCENT
        return end + 1 if more else end

    def structured(self, place: int, mentioned: bool) -> int | None:
        """The end of a name of two parts or more that begins at a place; also of a patronymic alone."""
        if self._of_a_thing(place) or not self._words[place].is_cyrillic:
            return None
        end = place + 1
        while end < min(place + _LONGEST, len(self._words)) and self._adjacent(end - 1) and self._namely(end):
            end += 1
        if not self._namely(place):
            return None
        for stop in range(end, place, -1):
            if self._is_full_name(place, stop, mentioned) and not self._of_a_thing_after(stop):
                return stop
        return None

    def _is_full_name(self, place: int, stop: int, mentioned: bool) -> bool:
        tokens = self._words.between(place, stop)
        names = [token.name for token in tokens]
        if any(self._is_thing(token.low) for token in tokens):
            return False
        capital = all(token.capital for token in tokens)
        initials = [len(token.text) == 1 for token in tokens]
        if any(initials):
            return capital and self._with_initials(place, stop, tokens, initials)
        patronymics = sum(
            name.patronymic and not (name.first and position == 0) for position, name in enumerate(names)
        )
        if len(tokens) == 1:
            only = names[0]
            return (
                only.patronymic
                and not only.surname
                and not only.ordinary
                and tokens[0].is_cyrillic
                and (only.known or tokens[0].capital or is_patronymic(tokens[0].low))
            )
        if patronymics == 1:
            others = [(token, name) for token, name in zip(tokens, names, strict=True) if not name.patronymic]
            if not others:
                return names[0].first or names[0].surname
            return any(name.first or name.surname for _, name in others) and all(
                name.any or may_be_surname(token, len(tokens)) for token, name in others
            )
        if len(tokens) > 3 or patronymics > 1:
            return False
        return self._first_and_surname(tokens, capital, mentioned)

    def _first_and_surname(self, tokens: Sequence[NameToken], capital: bool, mentioned: bool) -> bool:
        names = [token.name for token in tokens]
        if not any(name.first for name in names):
            return False
        if len(tokens) == 3:
            return capital and all(name.any or not name.known for name in names)
        one, two = names
        if capital:
            if one.first and two.first and not (one.surname or two.surname):
                return not (one.ordinary and two.ordinary) and not (tokens[0].begins and one.ordinary)
            if one.first and (two.surname or not two.known):
                return not (one.ordinary and two.ordinary and tokens[0].begins)
            if (one.first and not one.ordinary and two.plural) or (two.first and one.plural):
                return tokens[0].low not in _STOP and tokens[1].low not in _STOP
            if two.first and (one.surname or not one.known):
                return not one.ordinary or not two.ordinary
            if one.first and two.ordinary and two.nominal and not two.verb and tokens[1].low not in _STOP:
                return (not one.ordinary or not tokens[0].begins) and not two.place
            return False
        if tokens[0].capital != tokens[1].capital and not mentioned and not tokens[0].begins:
            return False
        if one.first and two.surname:
            return (mentioned or not one.ordinary) and not two.ordinary and not two.first
        return one.surname and two.first and not one.ordinary and not two.ordinary and not one.first

    def _with_initials(
        self, place: int, stop: int, tokens: Sequence[NameToken], initials: Sequence[bool]
    ) -> bool:
        whole = [token for token, initial in zip(tokens, initials, strict=True) if not initial]
        if len(whole) == 2 and initials == [False, True, False]:
            return whole[0].name.first and self._dotted(place + 1)
        if len(whole) != 1 or len(whole[0].text) < 3 or not whole[0].is_cyrillic:
            return False
        if (len(initials) > 1 and initials[0] and not initials[-1]) or not initials[0]:
            name = whole[0].name
            dots = sum(self._dotted(place + position) for position, initial in enumerate(initials) if initial)
            if whole[0].low in _STOP or name.verb or whole[0].low in _ROLES:
                return False
            if not initials[0] and not name.any and stop < len(self._words) and self._adjacent(stop - 1):
                following = self._words[stop]  # «Заказчик В. П. Сомов»
                if following.capital and len(following.text) > 1 and following.is_cyrillic:
                    return False
            if sum(initials) == 2:
                return dots == 2 or (dots == 1 and name.surname)
            return dots == 1 and (name.surname or name.first) and not (name.ordinary and whole[0].begins)
        return False

    def alone(self, place: int, mentioned: bool, surely: bool) -> bool | None:
        """Whether a single word is a name; None where only a tagger can tell."""
        token = self._words[place]
        name = token.name
        if self._is_thing(token.low) or token.low in _STOP or len(token.text) < 2:
            return False
        if (len(token.text) <= _ABBREVIATION and token.text.isupper() and not token.shouted) or _JOINED.match(
            self._words.gap(place)
        ):
            return False
        of_a_car = place and self._adjacent(place - 1) and self._is_thing(self._words[place - 1].low)
        if of_a_car and not (token.capital and name.first):  # «тойота карина», «Королла Филдер»
            return False
        if token.low in _DESCENT:
            return False
        rare = token.capital and not name.known
        if not name.any and not (
            rare and (mentioned or (not token.begins and len(token.text) > _ABBREVIATION))
        ):
            return False
        if self._of_a_thing(place) or self._of_a_thing_after(place + 1):
            return False
        if self._words.are_one():
            return name.first and is_nominative_name(token.low) and not is_adjective(token.low)
        if name.first and not name.ordinary and not name.place:
            if self._previous(place) in _INTO and not mentioned:
                return None if token.capital else False
            listed = name.known or token.low in names().russian or is_diminutive(token.low)
            return True if token.capital or listed or mentioned else None
        if name.first:
            return self._ambiguous(place, mentioned, surely)
        if name.plural and token.capital and not token.begins and not name.place:  # «это снова Белов»
            return True if mentioned or self._acts(place) else None
        if not token.capital or name.ordinary or name.place:
            return False
        if name.surname:
            if mentioned and name.known:
                return True
            return None
        return None if mentioned or rare else False

    def _acts(self, place: int) -> bool:
        return self._adjacent(place) and lemma(self._words[place + 1].text) in _ACTIONS

    def _ambiguous(self, place: int, mentioned: bool, surely: bool) -> bool | None:
        """A first name that is a word besides: Роза, Лев, Вера."""
        token = self._words[place]
        following = self._words[place + 1] if self._adjacent(place) else None
        if not token.capital:
            return surely
        if token.begins and not mentioned and following is not None and following.low in _NOT_AFTER_FIRST:
            return False
        before = self._previous(place)
        if not token.begins and self._acts(place):  # «за Надежду заплатит муж»
            return True
        if before in _INTO or self._words.after_a_number(place) or self._words.quoted(place):
            return False
        if not token.begins:
            return True
        if self._acts(place):
            return True
        if ("," in self._words.gap(place)[:2] and is_nominative_name(token.low)) or mentioned:
            return True
        return None if following is not None and not following.name.ordinary else False

    def _namely(self, place: int) -> bool:
        token = self._words[place]
        if len(token.text) == 1:
            return bool(_INITIAL.fullmatch(token.text))
        if not token.is_cyrillic:
            return False
        if token.low in _STOP and not token.name.first:
            return False
        return token.name.any or (token.capital and token.is_cyrillic)

    def _adjacent(self, place: int) -> bool:
        """A word and the next one stand side by side, initials with their full stops."""
        if place + 1 >= len(self._words):
            return False
        gap = self._words.gap(place)
        if _SPACE.fullmatch(gap):
            return True
        return len(self._words[place].text) == 1 and bool(_DOT.fullmatch(gap))

    def _dotted(self, place: int) -> bool:
        return self._words.gap(place).startswith(".")

    def _previous(self, place: int) -> str:
        beside = place and _SPACE.fullmatch(self._words.before(place))
        return self._words[place - 1].low if beside else ""

    def _of_a_thing(self, place: int) -> bool:
        """The name is a street's, a ship's, a company's: the word before says so."""
        if not place:
            return False
        before = self._words.before(place)
        if (
            self._words[place - 1].low == "зовут"
            and place > 1
            and self._words[place - 2].low in {"тебя", "вас"}
        ):
            return True  # the assistant's name is nobody's
        return (
            bool(re.fullmatch(r"\.?\s{0,2}[«\"“„]?", before))
            and self._words[place - 1].low in _STREETS_AND_THINGS
        )

    def _of_a_thing_after(self, stop: int) -> bool:
        return self._adjacent(stop - 1) and self._words[stop].low in _TYPE_AFTER
