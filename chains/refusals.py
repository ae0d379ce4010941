"""Limits that a visitor will not go over though they name what lies beyond: «дороже 3 млн не потяну»,
"would rather not spend more than 12 million", «если больше пяти — жена убьёт».

Pure: words in, yes or no out.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from chains.numerals import Word
from chains.units import Comparator, Sign

_NEGATORS = frozenset(
    """
    не not never нельзя нежелательно вряд ни cannot cant hate unwilling refuse нет nothing ничего don't won't
    """.split()
)
# What may stand between a negation and the comparison that it denies: «не хотел бы тратить больше …».
_SPENDING = frozenset(
    """
    тратить потратить платить заплатить отдать отдавать стоить хотеть хотеться хотелось мочь готов готовый
    рассматривать смотреть брать взять покупать купить выходить выйти вылезать вылезти превышать должен быть
    чтобы бы за искать планировать собираться нужно надо предлагать показывать я мы он она и на то как ни ли
    выложить потянуть осилить позволить себе вложить вкладывать укладываться ехать spend spending pay paying go
    going cost be want wanting to rather like looking able willing likely planning i we it that should would
    could will can do afford stretch anything the a is interested in exceed
    """.split()
)
_WISHES = frozenset(
    "хотеть хотеться нужный нужно нужен надо интересовать искать рассматривать want need".split()
)
# After the amount, with a negation before them: «дороже пяти не потянем», "over 5 is not an option".
_REFUSED = frozenset(
    """
    потянуть тянуть хотеть хотеться мочь рассматривать надо нужный нужно нужен предлагать предложить показывать
    показать интересовать интересно смотреть посмотреть брать взять купить покупать потратить тратить заплатить
    платить готовый готов пойти подойти подходить вариант дать давать отдать осилить мой наш бюджет позволить
    позволять вписываться понять одобрить разрешить простить пускать вылезать выходить желательно советовать
    имеет want need option afford go pay spend consider interested affordable show work fit possible allowed
    happy approve
    """.split()
)
# What is said to come of going beyond the limit, in place of a refusal.
_BAD_ENDS = frozenset(
    """
    убить убивать прибить прибивать оторвать отрывать зарезать задушить придушить съесть сожрать сожрет выгнать
    закопать пилить ругать ругаться разводиться развестись развод скандал перебор многовато дороговато нельзя
    жаба душить задавить нереально нежелательно бессмысленно закрыть выселить прикончить повесить растерзать
    kill kills murder divorce divorces furious angry strangle unaffordable mad forbidden
    """.split()
)
_PHRASES_OF_BAD_ENDS = (
    "too much",
    "out of",
    "no way",
    "no go",
    "не по карману",
    "для нас дорого",
    "уже дорого",
)
_BEYOND = frozenset(
    """
    дороже больше более выше свыше дешевле меньше менее ниже старше раньше ранее мощнее сильнее слабее новее
    моложе over above more below less fewer older newer under dearer cheaper
    """.split()
)
_IF = frozenset("если if когда when".split())
_OPPOSITE: dict[Sign | None, Sign] = {"<": ">", ">": "<"}
_WORDS_BEFORE, _WORDS_BETWEEN, _WORDS_AFTER = 6, 4, 7


class Meant(NamedTuple):
    """The comparator of an amount as the clause around it means it, and the words that say so."""

    comparator: Comparator
    words: frozenset[int] = frozenset()


def as_meant(comparator: Comparator, words: Sequence[Word], start: int, end: int) -> Meant:
    """A comparator turned round where the visitor refuses what it names; else as it is.

    Args:
        start: where the comparison begins («дороже»).
        end: the first word after the amount.
    """
    said = " ".join(word.text for word in words[start : start + comparator.length])
    if comparator.sign not in _OPPOSITE or said.partition(" ")[0] not in _BEYOND:
        return Meant(comparator)  # «до» and «не дороже» are limits as they stand
    by = _denied(words, start) | _refused(words, end)
    if comparator.sign == ">":
        by |= _ends_badly(words, start, end)
    turned = comparator._replace(sign=_OPPOSITE[comparator.sign], strict=False)
    return Meant(turned, by) if by else Meant(comparator)


def limits_what_is_wished(words: Sequence[Word], negation: int) -> bool:
    """«не хочу GLC дороже 5 млн», «не нужны машины старше 2020 года»: what is denied is the limit, not the car.

    `negation` is where «не» stands: a verb of wishing follows it, and a comparison with its number in the same clause.
    """
    if negation + 1 >= len(words) or not _is_one_of(words[negation + 1], _WISHES):
        return False
    for index in range(negation + 2, min(negation + 3 + _WORDS_BETWEEN, len(words) - 1)):
        if words[index].text in {",", *_NEGATORS}:
            return False
        if words[index].text in _BEYOND:
            return any(word.number is not None for word in words[index + 1 : index + 3])
    return False


def _denied(words: Sequence[Word], start: int) -> frozenset[int]:
    """A negation before the comparison, verbs of spending and wishing or what is wished for between them."""
    for index in range(start - 1, max(-1, start - 3 - _WORDS_BETWEEN), -1):
        if words[index].text in _NEGATORS and limits_what_is_wished(words, index):
            spending = {at for at in range(index, start) if _is_one_of(words[at], _SPENDING)}
            return frozenset({index, index + 1} | spending)
    conditional = False
    for index in range(start - 1, max(-1, start - 1 - _WORDS_BEFORE), -1):
        word = words[index]
        if word.text in _NEGATORS:
            return frozenset(range(index, start))
        conditional |= word.text in _IF
        if conditional and (word.text == "," or _is_one_of(word, _REFUSED)):
            continue  # «муж не поймёт, если больше …»
        if not _is_one_of(word, _SPENDING) and word.text not in _IF:
            break
    return frozenset()


def _refused(words: Sequence[Word], end: int) -> frozenset[int]:
    """«… не потянем», «…, это мне не подходит», "… is not an option" right after the amount."""
    for index in range(end, min(end + _WORDS_BETWEEN, len(words))):
        if words[index].number is not None:
            break
        if words[index].text in _NEGATORS:
            verbs = [
                at for at in range(index + 1, min(index + 4, len(words))) if _is_one_of(words[at], _REFUSED)
            ]
            return frozenset(range(index, verbs[0] + 1)) if verbs else frozenset()
    return frozenset()


def _ends_badly(words: Sequence[Word], start: int, end: int) -> frozenset[int]:
    near = (*range(max(0, start - _WORDS_BEFORE), start), *range(end, min(end + _WORDS_AFTER, len(words))))
    found = frozenset(index for index in near if _is_one_of(words[index], _BAD_ENDS))
    after = " ".join(word.text for word in words[end : end + _WORDS_AFTER])
    return found | frozenset({end} if any(phrase in after for phrase in _PHRASES_OF_BAD_ENDS) else ())


def _is_one_of(word: Word, forms: AbstractSet[str]) -> bool:
    return word.lemma in forms or word.text in forms
