"""What single words have to do with names: first name, patronymic, surname; and whether they mean something else."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from chains.text import forms_of, is_dictionary_word
from stores.lexicon import fold

_FOLDER = Path(__file__).parents[2] / "assets" / "privacy"
_NO_ORDINARY = frozenset({"Name", "Surn", "Patr", "Geox", "Orgn", "Trad", "Init", "Poss", "UNKN", "LATN"})
_PATRONYMIC = re.compile(
    r"[а-я]{2,}(?:[ое]вич|[ьи]ич|[ое]вн|ичн|иничн|ыч)(?:а|у|ем|ом|е|ы|ой|ою|и|ей)?|[а-я]{3,}(?:алыч|"
    r"аныч|егыч|сеич|геич|оваыч)(?:а|у|ем|е)?"
)
_SURNAME = re.compile(
    r"[а-я]{2,}(?:(?:[ое]в|[иы]н)(?:а|у|ым|е|ой|ы|ых)?|[сц]к(?:ий|ого|ому|им|ом|ая|ой|ую|их)|енко|"
    r"[^аеиоу]ко|ч?ук(?:а|у|ом|е)?"
    r"|юк(?:а|у|ом|е)?|ян(?:а|у|ом|е)?|янц(?:а|у|ем|е)?|дзе|швили|[иы]х|ец|ман(?:а|у|ом|е)?|берг(?:а|"
    r"у|ом|е)?|штейн(?:а|у|ом|е)?"
    r"|иев(?:а|у|ым|ой)?|ия|уа|ава|ани|аго|яго|ово|улла|оглы|кызы|ич(?:а|у|ем|е)?|ник(?:а|у|ом|е)?)"
)
_MOSTLY = 0.7
# The name has a hyphen: «Анна-Мария», «Римский-Корсаков».
_PARTS = re.compile(r"[-‐‑]")


@dataclass(frozen=True)
class NameWord:
    """What a Russian word may be; `ordinary` tells that it has a meaning besides, `place` that it is one's name,
    `plural` that as a surname it sounds like the genitive of many: Ястребов, Соловейчиков."""

    first: bool = False
    patronymic: bool = False
    surname: bool = False
    ordinary: bool = False
    place: bool = False
    known: bool = False
    verb: bool = False
    nominal: bool = False
    plural: bool = False

    @property
    def any(self) -> bool:
        """It may be part of a person's name."""
        return self.first or self.patronymic or self.surname


class _Names:
    """The word lists of `assets/privacy/names.toml`."""

    def __init__(self) -> None:
        data = tomllib.loads((_FOLDER / "names.toml").read_text(encoding="utf-8"))
        self.russian = frozenset(form for name in data["russian"].split() for form in _declined(fold(name)))
        self.ambiguous = frozenset(
            form for name in data["ambiguous"].split() for form in _declined(fold(name))
        )
        self.plain = frozenset(form for name in data["plain"].split() for form in _declined(fold(name)))
        self.cars = frozenset(data["cars"].split())
        self.common = frozenset(map(fold, data["common"].split()))
        self.english = frozenset(data["english"].split())
        self.english_ambiguous = frozenset(data["english_ambiguous"].split())
        self.surnames = frozenset(data["english_surnames"].split())
        self.places = frozenset(data["english_places"].split())
        self.not_english = frozenset(data["english_ordinary"].split())
        self.history: tuple[str, ...] = tuple(data["history"])


@cache
def word_list(name: str) -> frozenset[str]:
    """A list of `assets/privacy/words.toml`. Raises FileNotFoundError when the installation is broken."""
    return frozenset(_words_file()[name].split())


@cache
def _words_file() -> dict[str, str]:
    return tomllib.loads((_FOLDER / "words.toml").read_text(encoding="utf-8"))


@cache
def names() -> _Names:
    """The lists, read once. Raises FileNotFoundError when the installation is broken."""
    return _Names()


def _declined(name: str) -> Iterator[str]:
    """The cases of a Russian first name, by its ending; some that do not exist are among them and do no harm."""
    yield name
    stem = name[:-1]
    if name.endswith("а"):
        yield from (stem + end for end in ("ы", "и", "е", "у", "ой", "ою", "ей"))
    elif name.endswith("я"):
        yield from (stem + end for end in ("и", "е", "ю", "ей", "ёй"))
    elif name.endswith("й"):
        yield from (stem + end for end in ("я", "ю", "ем", "е", "и"))
    elif name.endswith("ь"):
        yield from (stem + end for end in ("я", "ю", "ем", "е", "и", "ью"))
    elif name[-1] not in "иоуэеы":
        yield from (name + end for end in ("а", "у", "ом", "ем", "е"))
        if len(name) > 4 and name[-2] in "её" and name[-1] == "к":  # Санёк, Санька
            yield from (name[:-2] + "ьк" + end for end in ("а", "у", "ом", "е"))


@lru_cache(maxsize=65_536)
def name_word(word: str) -> NameWord:
    """What a Russian word may be in a name; the parts of one with a hyphen are judged apart."""
    if _PARTS.search(word):
        parts = [name_word(part) for part in _PARTS.split(word) if part]
        if not parts:
            return NameWord()
        return NameWord(
            first=all(part.first for part in parts),
            patronymic=False,
            surname=all(part.surname or part.first for part in parts) or parts[-1].surname,
            ordinary=any(part.ordinary and not part.any for part in parts) or is_dictionary_word(fold(word)),
            known=is_dictionary_word(fold(word)),
            nominal=True,
        )
    low = fold(word)
    forms = forms_of(low)
    # «артема»: dictionaries have the form with ё only, whose lemma they know
    known = is_dictionary_word(low) or any(
        "ё" in form.lemma and is_dictionary_word(form.lemma) for form in forms[:1]
    )
    lists = names()
    named = low in lists.russian or (not known and is_diminutive(low))
    singular = [form for form in forms if "plur" not in form.grammemes]
    first = named or (len(low) > 2 and known and any("Name" in form.grammemes for form in singular))
    patronymic = (known and any("Patr" in form.grammemes for form in singular)) or (
        not known and bool(_PATRONYMIC.fullmatch(low))
    )
    meanings = [form for form in forms if known and form.score >= 0.01 and not form.grammemes & _NO_ORDINARY]
    surname = any("Surn" in form.grammemes for form in singular) or (
        not meanings and bool(_SURNAME.fullmatch(low))
    )
    return NameWord(
        first=first,
        patronymic=patronymic,
        surname=surname,
        ordinary=low in lists.ambiguous or (bool(meanings) and not (first and _mostly_a_name(low))),
        place=low not in lists.plain
        and known
        and any("Geox" in form.grammemes and form.score >= 0.05 for form in forms),
        known=known,
        verb=bool(forms) and known and "VERB" in forms[0].grammemes,
        nominal=any(form.grammemes & {"NOUN", "ADJF"} for form in forms),
        plural=known
        and low.endswith(("ов", "ев"))
        and any({"plur", "gent"} <= form.grammemes for form in forms),
    )


# «Мадиночка», «Рустамчик», «Аминулечка»: what is left before the suffix is a name's stem.
_DIMINUTIVE = re.compile(
    r"(?P<stem>[а-я]{3,}?)(?:(?:ул|ун|юш|уш)?(?:[еоа]ч|ень|онь|юш|уш|ш)к[аиеу]|(?:ул|юл|ун|юн|ус|"
    r"юс)(?:я|и|е|ю|ей)|[еоа]чкой|енькой|"
    r"(?:ч|ш)ик(?:а|у|ом|е)?|к(?:а|и|е|у|ой))"
)


@lru_cache(maxsize=16_384)
def is_diminutive(low: str) -> bool:
    """Whether a word, folded, is a pet form of a first name: a suffix of such forms after the stem of a name."""
    match = _DIMINUTIVE.fullmatch(low)
    if match is None:
        return False
    bases = [match["stem"] + end for end in ("", "а", "я", "й", "ь", "ия", "ий")]
    # «Тимурчик»: a long name with such a suffix means nobody else, though Timur alone may be another thing
    long = len(match["stem"]) > 3 and not is_dictionary_word(low)
    return any(_is_given(base) or (long and base in names().russian) for base in bases)


def _is_given(low: str) -> bool:
    """A first name in the nominative, by the project's list or the dictionary."""
    if low in names().ambiguous:
        return False
    forms = forms_of(low) if is_dictionary_word(low) else ()
    return low in names().russian or any({"Name", "nomn", "sing"} <= form.grammemes for form in forms)


@lru_cache(maxsize=16_384)
def is_patronymic(low: str) -> bool:
    """Whether a word no dictionary has, folded, is a patronymic of a first name: «вадимыч»."""
    match = re.fullmatch(r"(?P<stem>[а-я]{3,}?)(?:[оеё]?в?[иы]ч)(?:а|у|ем|е)?", low)
    return match is not None and any(_is_given(match["stem"] + end) for end in ("", "й", "ий", "а", "я"))


@lru_cache(maxsize=16_384)
def is_vocative(word: str) -> bool:
    """Whether a word is a first name cut off as one calls somebody: «Танюш», «Кать», «Ирин»."""
    low = fold(word)
    if len(low) < 3 or low[-1] in "аеиоуыэюяй":
        return False
    word_too = name_word(low).ordinary and low == word  # «мир, май»; «дим» is hardly any word
    if word_too and sum(form.score for form in forms_of(low) if "Name" in form.grammemes) < 0.5:
        return False
    return _is_called(f"{low[:-1]}я" if low.endswith("ь") else f"{low}а")


def _is_called(low: str) -> bool:
    return _is_given(low) or is_diminutive(low) or low in names().plain


def _mostly_a_name(low: str) -> bool:
    """Other meanings of a first name are so rare that they do not count: Аркадий is hardly ever an Arcadia's."""
    if low in names().plain:
        return True
    return sum(form.score for form in forms_of(low) if form.grammemes & {"Name", "Geox"}) > _MOSTLY


@lru_cache(maxsize=16_384)
def is_nominative_name(word: str) -> bool:
    """Whether a first name stands in the case in which one is addressed."""
    low = fold(word)
    nominative = any({"Name", "nomn", "sing"} <= form.grammemes for form in forms_of(low))
    return nominative or (low in names().russian and not is_dictionary_word(low))


@lru_cache(maxsize=16_384)
def is_adjective(word: str) -> bool:
    """Whether a Russian word is an adjective or a pronoun most of the time: «серый», «чё»."""
    forms = forms_of(fold(word))
    return bool(forms) and bool(forms[0].grammemes & {"ADJF", "ADJS", "NPRO", "PRCL", "INTJ"})


@lru_cache(maxsize=16_384)
def is_english_first_name(word: str) -> bool:
    """Whether an English word, in any case, is a first name."""
    low = word.lower()
    known = names().english | names().english_ambiguous
    return low in known or ("-" in low and all(part in known for part in low.split("-")))


@lru_cache(maxsize=16_384)
def cyrillic_of(word: str) -> tuple[str, ...]:
    """The Russian words that a word in Latin letters may be meant as: Sergey → сергей, Kuznetsova → кузнецова."""
    low = word.lower()
    found = {low}
    for latin, cyrillic in _TRANSLITERATION:
        found = {text.replace(latin, one) for text in found for one in cyrillic.split("|")}
        if len(found) > 24:
            break
    return tuple(text for text in found if re.fullmatch("[а-яё]+", text))


_TRANSLITERATION = tuple(
    (pair.partition(":")[0], pair.partition(":")[2])
    for pair in """
    shch:щ sch:щ|ш sh:ш ch:ч zh:ж kh:х ts:ц|тс ks:кс yu:ю iu:ю ju:ю ya:я ia:ия|я ja:я yo:ё ey:ей ei:ей|еи iy:ий
    ij:ий yi:ый ay:ай oy:ой ee:ее ye:е|ье x:кс w:в q:к a:а b:б c:к d:д e:е f:ф g:г
    h:х i:и j:й|дж k:к l:л|ль m:м n:н o:о p:п r:р s:с
    t:т u:у v:в z:з ':ь ’:ь
    """.split()
)


@lru_cache(maxsize=16_384)
def latin_name_word(word: str) -> NameWord:
    """What a word in Latin letters may be in a Russian name: Ivan, Petrovna, Kuznetsova."""
    low = word.lower()
    texts = list(cyrillic_of(low))
    if low.endswith("y"):
        texts += [text for base in (f"{low[:-1]}iy", f"{low[:-1]}i") for text in cyrillic_of(base)]
    elif "y" in low:
        texts += [text for one in ("ы", "й", "и") for text in _with_y(low, one)]
    found = [
        name_word(text)
        for text in dict.fromkeys(texts)
        if any({"nomn", "sing"} <= form.grammemes for form in forms_of(text)) or text in names().russian
    ]
    found = [
        one for one in found if (one.first and one.known) or (one.surname and one.known) or one.patronymic
    ]
    return NameWord(
        first=any(one.first for one in found),
        patronymic=any(one.patronymic for one in found),
        surname=any(one.surname for one in found)
        or bool(re.search(r"(?:[eo]v|in|sky|skiy|ski|enko|chuk|yan|shvili|dze)a?y?a?$", low)),
        known=bool(found),
        ordinary=any(one.ordinary for one in found),
        place=any(one.place for one in found),
    )


def _with_y(low: str, letter: str) -> Iterable[str]:
    return (text.replace("#", letter) for text in _cyrillic_keeping(low.replace("y", "#")))


def _cyrillic_keeping(low: str) -> Iterator[str]:
    found = low
    for latin, cyrillic in _TRANSLITERATION:
        found = found.replace(latin, cyrillic.split("|")[0])
    if re.fullmatch("[а-яё#]+", found):
        yield found
