"""Words: normalising, cutting and lemmatising Russian and English text.

Everything here is pure and may be called from several threads at once.
"""

import re
import threading
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from pymorphy3 import MorphAnalyzer
from razdel import sentenize

from chains.reply import Language


class Token(NamedTuple):
    """A word or number; `text` is `source[start:end]`, as written."""

    text: str
    start: int
    end: int


# Zero-width and directional marks, the soft hyphen, variation selectors: invisible, they must not part a word.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e007f]"
)
_UNIFIED = str.maketrans(
    {
        **dict.fromkeys("«»„“”‟″〝〞", '"'),
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("‐‑‒–—―−⁃", "-"),
        **dict.fromkeys("™®©", None),  # NFKC would glue "TM" to the word before it
        "ё": "е",
        "Ё": "Е",
    }
)

# A decimal number, or letters and digits with inner hyphens and apostrophes. A hyphen between two digits
# parts numbers («10-15 млн»); next to a letter it belongs to the word («с-класс», «7-местный», c-180).
_TOKEN = re.compile(
    r"""\d+[.,]\d+(?![^\W_])
      | [^\W_]+ (?: (?: (?<=[^\W\d_])[-‐‑–'’](?=[^\W_]) | (?<=\d)[-‐‑](?=[^\W\d_]) ) [^\W_]+ )*""",
    re.VERBOSE,
)
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_LATIN = re.compile("[a-z]", re.IGNORECASE)
_ENGLISH_WORD = re.compile("[a-z]{2,}")

_RU = """
а без бы был быть в ведь весь вместо вот все всего всякий вы где да даже для до его ее если есть еще ж же за
здесь и из или иметь иметься их к как какой какой-то ко когда который кто ли либо мне мой мочь можно мы на
над надо наш не него нее нет ни них но ну о об однако он она они оно от очень по под пожалуйста после потом
почему при про раз с сам свой сейчас сколько со так такой там тем то тоже только тот ты у уже хотеть
хотеться чем что чтобы чей это этот я ваш твой подсказать сказать рассказать здравствуйте привет добрый
здравствовать дать давать взять теперь себя вообще просто нужный нужно че чо шо скока скок
"""
_EN = """
a about after all also am an and any are as at be been being but by can could did do does for from get had
has have hello hi how i if in into is it its just let like me more my no not now of on or our out please
offer provide possible shall she should so some tell than that the their them then there these they this
those to too up us very was we were what when where which while who whom whose why will with would you your
"""
STOPWORDS_RU = frozenset(_RU.split())
STOPWORDS_EN = frozenset(_EN.split())
STOPWORDS = STOPWORDS_RU | STOPWORDS_EN
"""Lemmas that carry no subject, of both languages."""

_IRREGULAR_FORMS = """
am:be is:be are:be was:be were:be been:be has:have had:have does:do did:do done:do bought:buy sold:sell
men:man women:woman children:child people:person better:good best:good cheaper:cheap cheapest:cheap
drove:drive driven:drive went:go gone:go made:make paid:pay said:say told:tell left:leave kept:keep
written:write wrote:write stolen:steal stole:steal forgot:forget forgotten:forget given:give gave:give
this:this us:us his:his its:its bus:bus gas:gas plus:plus lens:lens during:during red:red need:need
speed:speed seed:seed indeed:indeed news:news mercedes:mercedes yes:yes as:as thing:thing nothing:nothing
something:something anything:anything everything:everything evening:evening morning:morning ceiling:ceiling
hundred:hundred towed:tow always:always buses:bus series:series wheels:wheel lenses:lens tyres:tyre photos:photo
videos:video autos:auto logos:logo photo:photo video:video
"""
_IRREGULAR = dict(pair.split(":") for pair in _IRREGULAR_FORMS.split())
# Ends of stems whose dictionary form has a final e: ventilat-, pric-, charg-, leas-, includ-, requir-, ignor-
_LOST_E = re.compile("([^e]at|bl|iz|v|c|[rd]g|[^aeious]s|[aeou]s|lud|quir|ur|gnor|stor|plor)$")


def normalise(text: str) -> str:
    """The text in one spelling for matching: NFKC, no invisible characters, ё as е, plain quotes and hyphens.

    Case and line breaks stay; offsets may differ from those in `text`.
    """
    visible = _INVISIBLE.sub("", text).translate(_UNIFIED)
    # NFKC turns № into "No", which is an English word
    composed = "№".join(unicodedata.normalize("NFKC", part) for part in visible.split("№"))
    return composed.translate(_UNIFIED)


def tokens(text: str) -> list[Token]:
    """Words and numbers in order, punctuation left out; model names stay whole: c180, с-класс, 4matic."""
    return [Token(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]


_morph_lock = threading.Lock()


@cache
def _morph() -> MorphAnalyzer:
    return MorphAnalyzer()


@lru_cache(maxsize=262_144)
def lemma(word: str) -> str:
    """The dictionary form of one word in lower case, ё as е; a number or a model name is only lower-cased."""
    low = normalise(word).lower()
    if _CYRILLIC.search(low):
        return _russian_lemma(low)
    return _english_lemma(low) if low.isascii() and low.isalpha() else low


@lru_cache(maxsize=16_384)
def is_command(word: str) -> bool:
    """Whether a verb may tell or ask to do something: «забудь» and «забыть» do, «забыли» and “forgot” do not.

    An English word counts unless it ends in -ed or in the -s of the third person, since its base form is both.
    """
    low = normalise(word).lower()
    if not _CYRILLIC.search(low):
        return low == lemma(low) or low.endswith("ing")
    with _morph_lock:
        parsed = _morph().parse(low)
    return any("impr" in form.tag or "INFN" in form.tag for form in parsed)


@lru_cache(maxsize=16_384)
def is_request(word: str) -> bool:
    """Whether a Russian verb addresses «вы» or tells to do something: «работаете», «посчитайте»; also «хочу», «ищу»."""
    low = normalise(word).lower()
    if not _CYRILLIC.search(low):
        return False
    with _morph_lock:
        parsed = _morph().parse(low)
    tag = parsed[0].tag if parsed else ""
    return "impr" in tag or ("VERB" in tag and ("1per" in tag or {"2per", "plur"} in tag))


class Form(NamedTuple):
    """One way to understand a word's form: its lemma, its grammemes (OpenCorpora's) and how likely that is."""

    lemma: str
    grammemes: frozenset[str]
    score: float


@lru_cache(maxsize=65_536)
def forms_of(word: str) -> tuple[Form, ...]:
    """The ways to understand a Russian word, the likeliest first; guessed for one that no dictionary has."""
    with _morph_lock:
        parsed = _morph().parse(word.lower())
    return tuple(Form(form.normal_form, frozenset(form.tag.grammemes), form.score) for form in parsed)


def inflected(word: str) -> frozenset[str]:
    """The forms of a Russian word in lower case, ё as е: of a noun or adjective all, of a verb no participles."""
    with _morph_lock:
        parsed = _morph().parse(word.lower())[0]
        kept = {"PRTF", "PRTS", "GRND"}
        forms = {str(form.word) for form in parsed.lexeme if form.tag.POS not in kept}
    return frozenset(form.replace("ё", "е") for form in {word.lower(), *forms})


@lru_cache(maxsize=16_384)
def is_name(word: str) -> bool:
    """Whether the dictionary knows the Russian word as a first name, patronymic or surname, whatever its case."""
    with _morph_lock:
        parsed = _morph().parse(word.lower())
    return any(tag in form.tag for form in parsed[:3] for tag in ("Name", "Surn", "Patr"))


@lru_cache(maxsize=16_384)
def is_place(word: str) -> bool:
    """Whether the Russian word is most likely a town, a country or another place's name."""
    with _morph_lock:
        return "Geox" in _morph().parse(word.lower())[0].tag


@lru_cache(maxsize=16_384)
def is_noun(word: str) -> bool:
    """Whether the Russian word is most likely a noun; words in Latin letters are not judged and count as nouns."""
    with _morph_lock:
        return bool(_LATIN.search(word)) or "NOUN" in _morph().parse(word.lower())[0].tag


@lru_cache(maxsize=16_384)
def is_numeral(word: str) -> bool:
    """Whether the Russian word is a numeral («семидесяти»); words in Latin letters are not judged."""
    with _morph_lock:
        return not _LATIN.search(word) and "NUMR" in _morph().parse(word.lower())[0].tag


def _russian_lemma(low: str) -> str:
    head, hyphen, tail = low.rpartition("-")
    if hyphen and (any(char.isdigit() for char in head) or _LATIN.search(head)):  # «7-местного», «C-класса»
        return f"{head}-{lemma(tail)}"
    if any(char.isdigit() for char in low) or _LATIN.search(low):
        return low
    with _morph_lock:  # pymorphy3 does not promise thread safety; the cache above keeps the lock rarely taken
        parsed = _morph().parse(low)
    if not parsed:
        return low
    # «белые» and «легковая» are nouns of their own to the dictionary; beside cars they are the adjectives
    base = str(parsed[0].normal_form)
    adjectives = [form for form in parsed if form.tag.POS == "ADJF"] if parsed[0].tag.POS == "NOUN" else []
    if any(form.normal_form == "данные" for form in parsed):  # rarely the participle of «дать»
        base = "данные"
    elif adjectives:
        base = str(adjectives[0].normal_form)
    return base.replace("ё", "е")


def _english_lemma(low: str) -> str:
    """Plural, -ing and -ed taken off by the rules of Porter's steps 1a and 1b, with the final e put back."""
    if low in _IRREGULAR:
        return _IRREGULAR[low]
    if len(low) < 4:
        return low
    if low.endswith("ies") and len(low) > 4:
        return low[:-3] + "y"
    if low.endswith(("sses", "shes", "ches", "xes", "zes")):
        return low[:-2]
    if low.endswith("s") and not low.endswith(("ss", "us", "is", "os")):
        return low[:-1]
    for suffix in ("ing", "ed"):
        stem = low.removesuffix(suffix)
        if stem != low and len(stem) > 1 and re.search("[aeiouy]", stem):
            return _with_final_e(stem)
    return low


def _with_final_e(stem: str) -> str:
    if re.search(r"([^aeioulszy])\1$", stem):  # planning → plan
        return stem[:-1]
    one_syllable = re.fullmatch(
        "[^aeiouy]*[aeiouy][^aeiouywx]", stem
    )  # hir-ing → hire, not book-ing, show-ing
    if one_syllable or _LOST_E.search(stem):
        return stem + "e"
    return stem[:-1] + "y" if stem.endswith("i") else stem


@lru_cache(maxsize=65_536)
def is_dictionary_word(word: str) -> bool:
    """Whether Russian dictionaries know the word; a word in Latin letters is not one."""
    with _morph_lock:
        return bool(_morph().word_is_known(word.lower()))


def lemmas(text: str) -> list[str]:
    """The lemmas of all words and numbers, in their order, stop words included."""
    return [lemma(token.text) for token in tokens(normalise(text))]


def content_lemmas(text: str) -> list[str]:
    """`lemmas` without stop words: what the text is about."""
    return [word for word in lemmas(text) if word not in STOPWORDS]


def language_of(text: str, default: Language = "ru") -> Language:
    """The language that the text is written in, by its letters.

    Latin names inside Russian do not matter («есть Mercedes-Benz GLE Coupe?» is Russian), nor a Russian word
    inside an English sentence. A text without words (none at all, or upper-case model names only: «C 180»,
    «GLE 450 4MATIC») says nothing about its author: `default`.
    """
    words = [token.text for token in tokens(text)]
    cyrillic = [word for word in words if _CYRILLIC.search(word)]
    english = [word for word in words if _ENGLISH_WORD.search(word) and not re.search(r"\d", word)]
    if not cyrillic:
        return "en" if english else default
    functional = sum(word.lower() in STOPWORDS_EN for word in words if len(word) > 1)
    letters_en, letters_ru = sum(map(len, english)), sum(map(len, cyrillic))
    return "en" if functional > len(cyrillic) or (functional and letters_en > 2 * letters_ru) else "ru"


def sentences(text: str) -> list[str]:
    """The sentences in their order, stripped; a line break always ends one, so list items stay apart."""
    return [found.text for line in text.splitlines() if line.strip() for found in sentenize(line.strip())]


def plural(n: int, one: str, few: str, many: str) -> str:
    """The Russian form that goes with the number: plural(21, "машина", "машины", "машин") is «машина»."""
    tens, units = abs(n) % 100 // 10, abs(n) % 10
    if tens == 1 or units == 0 or units > 4:
        return many
    return one if units == 1 else few
