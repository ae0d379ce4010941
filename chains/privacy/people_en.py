"""People named in English, and Russian names in Latin letters."""

import re
from collections.abc import Callable, Iterator

from chains.ordinary import ordinary_words
from chains.privacy.name_words import cyrillic_of, is_english_first_name, names, word_list
from chains.privacy.people_signs import certain_names
from chains.privacy.spans import Span
from chains.privacy.words import NameToken, Words
from chains.text import STOPWORDS_EN, is_place

_INTRODUCED = re.compile(
    r"\b(?:my\s+(?:full\s+|first\s+|last\s+)?name(?:\s+is|['’]s|\s*[:=—–-])|the\s+name(?:\s+is|['’]s)|"
    r"name['’]s|(?:first |last |full |your |customer |client )?name\s?[:=]|"
    r"(?:his|her|wife['’]s|husband['’]s|son['’]s|daughter['’]s|manager['’]s|friend['’]s)\s+name(?:\s+is|"
    r"['’]s)|under\s+the\s+name(?:\s+of)?|(?:put|book(?:ed)?|reserved?|reservation|appointment|held|"
    r"hold|order)\s+(?:it\s+|is\s+)?under(?!\s+(?:the|my|a|his|her)\b)|"
    r"(?:please\s+)?call\s+me|they\s+call\s+me|people\s+call\s+me|everyone\s+calls\s+me|i\s+am\s+called|"
    r"i['’]m\s+called|known\s+as|named|"
    r"menya\s+(?:zovut|zvat)|zovut\s+menya|(?:sur|first |last |family |given )name(?:\s+is|['’]s)?|"
    r"mr|mrs|ms|miss|mister|dr|sir|madam|mme|prof|professor|rev)(?!\w)\.?\s*[:,—–-]?\s*(?:just\s+|simply\s+|actually\s+)?",
    re.IGNORECASE,
)
_MENTIONED = re.compile(
    r"(?:\b(?:i\s+am|i['’]m|im|this\s+is|it['’]s|it\s+is|ask\s+for|asked\s+for|speak\s+(?:to|with)|"
    r"spoke\s+(?:to|with)|talk\s+(?:to|with)|talked\s+(?:to|with)|"
    r"contact|tell|told|hi|hello|hey|dear|thanks|thank\s+you|regards|sincerely|cheers|wishes|yours|"
    r"signed|best|for|with|eto|ya|privet|"
    r"wife|husband|son|daughter|mate|pal|buddy|secretary|lawyer|accountant|client|customer|brother|"
    r"sister|mother|father|mum|mom|dad|friend|colleague|partner|"
    r"manager|consultant|salesman|assistant|boss|uncle|aunt|"
    r"neighbou?r|driver|owner|buyer|name|cousin|girlfriend|boyfriend|put|fianc[eé]e?|spouse|niece|"
    r"mechanic|hubby|missus|stepson|stepdaughter|stepdad|stepmum|stepfather|stepmother|nan|gran|coach|tutor|teacher|dentist|"
    r"supervisor|director|(?:lady|man|woman|guy|bloke|lad|girl|chap|someone|somebody)\s+(?:called|named)|"
    r"nephew|grand(?:ma|pa|mother|father|son|daughter)|kid|roommate|"
    r"sales(?:person|woman|lady|guy)|rep|advisor|agent|broker)\b)\s*[,:;—–-]?\s*(?:(?:is|was|a|the|some|one|certain|old)\s+)?",
    re.IGNORECASE,
)
_SURE = re.compile(
    r"^(?:eto|ya|i\s+am|it['’]s|it\s+is|i['’]m|im|this\s+is|asked?\s+for|(?:speak|spoke|talk|talked)\s+(?:to|"
    r"with)|regards|sincerely|cheers|wife|husband|son|daughter|"
    r"brother|sister|friend|mate|yours|mr|fianc|spouse|niece|nephew|grand|mom|mum|dad|mother|father|boss|uncle|aunt|"
    r"mechanic|hubby|missus|step|nan|gran|coach|tutor|teacher|supervisor|lady|man|woman|guy|bloke|lad|girl|chap|some|"
    r"cousin|girlfriend|boyfriend|salesman|sales(?:person|woman|lady|guy)|assistant|secretary|colleague|"
    r"manager|consultant|partner|client|customer|driver|neighbou?r|lawyer|accountant|buddy|roommate)",
    re.IGNORECASE,
)
_NOT_A_NAME = word_list("en_not_a_name")
_ACTIONS = word_list("en_actions")
_PARTICLES = word_list("en_particles")
_PLACES_AND_THINGS = word_list("en_places_and_things")
_ROMAN = re.compile(r"[IVX]{2,5}")
_GREETS = re.compile(r"(?:hi|hello|hey|dear|thanks|tell|told|you|contact)$")
_FROM = frozenset("from in near to at around outside via of".split())
_POSSESSIVE = re.compile(r"['’]s$")
_SPACE = re.compile(r"[ \u00a0\t]{1,2}")
_AFTER_INITIAL = re.compile(r"\.?[ \u00a0]{0,2}")


class EnglishPeople:
    """Finds people in English text, and those whose names stand in Latin letters in a Russian one."""

    def __init__(self, is_thing: Callable[[str], bool]) -> None:
        """`is_thing` tells of a folded word that it is a car's name."""
        self._is_thing = is_thing

    def find(self, words: Words) -> Iterator[Span]:
        """The names in their order, each as one span."""
        introduced = set(self._places_after(_INTRODUCED, words))
        mentioned: dict[int, bool] = {}
        for match in _MENTIONED.finditer(words.text):
            place = words.at(match.end())
            if place is not None and not words[place].is_cyrillic:
                mentioned[place] = mentioned.get(place, False) or bool(_SURE.match(match.group()))
        certain = certain_names(words, self._is_thing)
        place = 0
        while place < len(words):
            if words[place].is_cyrillic:
                place += 1
                continue
            end = self._introduced(words, place) if place in introduced else None
            if end is None:
                end = self._named(words, place, place in mentioned, mentioned.get(place, False))
            if end is None and place in certain:
                end = self._rest(words, place)
            if end is None:
                place += 1
                continue
            yield Span("name", words[place].start, _end(words, end))
            place = end

    def introduced(self, words: Words) -> Iterator[Span]:
        """Only the names by which people introduce themselves or fill in a form."""
        for place in self._places_after(_INTRODUCED, words):
            if (end := self._introduced(words, place)) is not None:
                yield Span("name", words[place].start, _end(words, end))

    @staticmethod
    def _places_after(pattern: re.Pattern[str], words: Words) -> Iterator[int]:
        for match in pattern.finditer(words.text):
            place = words.at(match.end())
            if place is not None and not words[place].is_cyrillic:
                yield place

    def _introduced(self, words: Words, place: int) -> int | None:
        """The end of the name told at a place: a word that may be one, and what is capitalised after it."""
        first = words[place]
        if first.low in _NOT_A_NAME or (first.low in STOPWORDS_EN and not first.capital):
            return None
        known = is_english_first_name(first.text) or first.name.any
        if first.text.isupper() and len(first.text) < 5 and not first.shouted and not known:
            return None
        if not first.capital and not known and first.low in ordinary_words():
            return None
        if len(first.text) == 1 and not (first.text.isupper() and words.gap(place).startswith(".")):
            return None
        return self._rest(words, place, lower=not first.capital)

    def _rest(self, words: Words, place: int, *, lower: bool = False) -> int:
        """The end of a name that begins at a place: surname, initials and particles."""
        end = place + 1
        while end < min(place + 5, len(words)):
            token = words[end]
            gap = words.gap(end - 1)
            apart = (
                _AFTER_INITIAL
                if len(words[end - 1].text) <= 2 and words[end - 1].text[0].isupper()
                else _SPACE
            )
            if not apart.fullmatch(gap) or token.is_cyrillic or token.low in _NOT_A_NAME:
                break
            if re.match("i['’]", token.low):
                break
            particle = (
                token.low in _PARTICLES and end + 1 < len(words) and words[end + 1].capital and end > place
            )
            initial = len(token.text) == 1 and token.text.isupper() and token.low != "i"
            surname = token.capital and not self._is_thing(token.low) and len(token.text) > 1
            surname = surname and not _ROMAN.fullmatch(token.text)
            plain = (
                lower
                and end == place + 1
                and token.low not in STOPWORDS_EN
                and token.low not in ordinary_words()
                and not self._is_thing(token.low)
                and token.text.isalpha()
            )
            if not (particle or initial or surname or plain):
                break
            if surname and not particle and words[end].low in STOPWORDS_EN:
                break
            end += 1
        while end > place + 1 and words[end - 1].low in _PARTICLES and not words[end - 1].capital:
            end -= 1
        return end

    def _named(self, words: Words, place: int, mentioned: bool, surely: bool) -> int | None:
        token = words[place]
        low = _POSSESSIVE.sub("", token.low)
        if low in _NOT_A_NAME and not (
            low in names().english_ambiguous and token.capital and not token.begins
        ):
            return None
        if low in names().not_english and not is_english_first_name(low):
            return None  # “Many thanks”
        initial = self._initial(words, place, mentioned)
        if initial is not None:
            return initial
        if self._is_no_name(words, place, low):
            return None
        russian = token.name
        first = is_english_first_name(low) or russian.first
        ambiguous = low in names().english_ambiguous or (
            low not in names().english and (russian.ordinary or russian.place)
        )
        town = low in names().places
        if town and place and words[place - 1].low in _FROM:
            return None
        ambiguous = ambiguous or town
        if place + 1 < len(words) and _ROMAN.fullmatch(words[place + 1].text):
            return None  # «Mark II»
        end = self._rest(words, place)
        parts = words.between(place, end)
        if any(self._is_thing(part.low) for part in parts):
            return None
        if end < len(words) and words[end].low in _PLACES_AND_THINGS and _SPACE.fullmatch(words.gap(end - 1)):
            return None
        if len(words) <= 2 and self._whole_message(words):
            return end if token.capital else len(words)
        if not token.capital:
            alone = first and not ambiguous and low not in ordinary_words() and low not in STOPWORDS_EN
            sure = alone and (surely or (mentioned and low in names().english))
            return self._rest(words, place, lower=True) if sure else None
        if len(parts) > 1:
            if ambiguous and not mentioned and parts[1].low in names().not_english:
                return None  # “Crystal White”
            if first and not (ambiguous and token.begins and not mentioned and low in STOPWORDS_EN):
                return end
            if russian.surname and any(part.name.first for part in parts[1:]):
                return end
            if russian.surname and all(len(part.text) == 1 for part in parts[1:]):
                return end
            return end if surely and not any(part.low in ordinary_words() for part in parts) else None
        if first and not ambiguous:
            return end
        if first and ambiguous:
            return end if surely or (mentioned and not token.begins) or self._acts(words, place) else None
        greeted = mentioned and bool(_GREETS.match(words[place - 1].low if place else ""))
        if (surely or greeted) and self._rare(token):
            return end
        if russian.patronymic or (russian.surname and russian.known and mentioned):
            return end
        return None

    def _is_no_name(self, words: Words, place: int, low: str) -> bool:
        """Whether the word is a thing, a function word, an abbreviation or a part of a model's or a place's name."""
        token = words[place]
        if self._is_thing(low) or len(token.text) < 2 or low in STOPWORDS_EN - names().english_ambiguous:
            return True
        if len(token.text) <= 2 and token.text.isupper() and not token.shouted:
            return True
        if re.match(r"[-‐‑]\d", words.gap(place)):
            return True
        after_place = place > 0 and words[place - 1].low in _PLACES_AND_THINGS
        return after_place and bool(_SPACE.fullmatch(words.before(place)))

    def _initial(self, words: Words, place: int, mentioned: bool) -> int | None:
        """The end of «D. Wallace» or «J. R. Smith» where a person is mentioned."""
        end = place
        while (
            end < len(words)
            and len(words[end].text) == 1
            and words[end].text.isupper()
            and not words[end].is_cyrillic
        ):
            if not re.match(r"\.[ \u00a0]?", words.gap(end)):
                return None
            end += 1
        if end == place or end == len(words) or not words[end].capital or self._is_thing(words[end].low):
            return None
        known = words[end].name.surname and words[end].name.known
        known = known or words[end].low in names().surnames or end - place > 1
        fits = words[end].low not in _NOT_A_NAME and words[end].low not in ordinary_words()
        return end + 1 if fits and (mentioned or known) else None

    def _whole_message(self, words: Words) -> bool:
        """The message is nothing but a name: «kevin», «Mark Johnson»."""
        first = words[0]
        fits = is_english_first_name(first.text) or (
            first.name.first and first.name.known and not first.name.ordinary
        )
        ordinary = first.low in STOPWORDS_EN or (first.low in ordinary_words() and not first.capital)
        if not fits or ordinary or any(map(str.isdigit, words.text)) or "?" in words.text:
            return False
        return len(words) == 1 or (
            words[1].low not in _NOT_A_NAME
            and words[1].low not in ordinary_words()
            and not words[1].is_cyrillic
            and bool(_SPACE.fullmatch(words.gap(0)))
            and (words[1].capital or not first.capital)
            and words[1].low not in STOPWORDS_EN
            and not self._is_thing(words[1].low)
        )

    @staticmethod
    def _rare(token: NameToken) -> bool:
        """A capitalised word that no list has, nor is it a nationality or a place: “I'm Siobhan”."""
        low = token.low
        if low in ordinary_words() or low in STOPWORDS_EN or token.name.place or token.text.isupper():
            return False
        if low in names().not_english or low in names().places:
            return False
        return not re.search(r"(?:ian|ish|ese|ean|day|ed)$", low) and not any(map(is_place, cyrillic_of(low)))

    @staticmethod
    def _acts(words: Words, place: int) -> bool:
        """What follows is what a person does: “Rose will pick up the car”, “Faith and I”."""
        if place + 1 >= len(words) or not _SPACE.fullmatch(words.gap(place)):
            return False
        following = words[place + 1].low
        return following in _ACTIONS or (
            following == "and" and place + 2 < len(words) and words[place + 2].text in {"I", "me"}
        )


def _end(words: Words, end: int) -> int:
    """The end of the name, without the possessive «'s»; an initial keeps its full stop."""
    last = words[end - 1]
    cut = re.search(r"['’]s$", last.text)
    if cut:
        return last.end - 2
    dotted = len(last.text) == 1 and words.text[last.end : last.end + 1] == "."
    return last.end + 1 if dotted else last.end
