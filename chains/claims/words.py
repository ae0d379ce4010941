"""The words by which sentences about cars and loans are read."""

from collections.abc import Sequence


def _map(text: str) -> dict[str, str]:
    return {
        word: key
        for key, _, words in (line.partition(":") for line in text.strip().splitlines())
        for word in words.split()
    }


FIELD_WORDS = _map("""
price: цена стоимость стоить обойтись ценник price cost priced
mileage_km: пробег проехать одометр mileage odometer driven drive_n
power_hp: мощность power
engine_l: объем рабочий displacement
seats: место seat seating
year: выпуск год year
""")
"""The field of a car that a lemma names."""

KEYED = _map("""
down_payment: взнос аванс первоначальный deposit down downpayment
rate: ставка rate apr interest
principal: кредит заем principal loan
payment: платеж ежемесячный ежемесячно payment monthly instalment installment
""")
"""The figure of a loan that a lemma names."""

MONTHLY = (
    ("в", "месяц"),
    ("месяц",),
    ("per", "month"),
    ("a", "month"),
    ("ежемесячно",),
    ("monthly",),
    ("мес",),
    ("каждый", "месяц"),
)

MOST = frozenset("самый наиболее most least".split())
EXTREMES: dict[str, tuple[str, int]] = {
    **dict.fromkeys(
        "дешевый доступный недорогой бюджетный cheap affordable inexpensive".split(), ("price", -1)
    ),
    **dict.fromkeys("дорогой expensive dear".split(), ("price", 1)),
    **dict.fromkeys("мощный сильный powerful strong".split(), ("power_hp", 1)),
    **dict.fromkeys("слабый weak".split(), ("power_hp", -1)),
    **dict.fromkeys("новый свежий new recent".split(), ("year", 1)),
    **dict.fromkeys("старый old".split(), ("year", -1)),
    **dict.fromkeys("вместительный roomy spacious".split(), ("seats", 1)),
}
SUPERLATIVES: dict[str, tuple[str, int]] = {
    "cheapest": ("price", -1), "dearest": ("price", 1), "priciest": ("price", 1), "strongest": ("power_hp", 1),
    "newest": ("year", 1), "latest": ("year", 1), "oldest": ("year", -1), "roomiest": ("seats", 1),
}  # fmt: skip
SIZE_WORDS = {
    **dict.fromkeys("маленький малый небольшой низкий small low".split(), -1),
    **dict.fromkeys("большой высокий big large high".split(), 1),
}

_ORDINALS_TEXT = """
первый:0 второй:1 третий:2 четвертый:3 пятый:4 последний:-1 first:0 second:1 third:2 fourth:3 fifth:4 last:-1
"""
ORDINALS = {key: int(value) for key, _, value in (pair.partition(":") for pair in _ORDINALS_TEXT.split())}
CAR_WORDS = frozenset("машина автомобиль авто вариант модель car vehicle option model one".split())

NEGATIONS = frozenset("не нет ни без not no isn't without кроме except".split())
AVAILABLE = (
    ("в", "наличии"),
    ("есть",),
    ("in", "stock"),
    ("available",),
    ("у", "нас", "имеется"),
    ("we", "have"),
    ("имеется",),
)
HAVING = frozenset({("есть",), ("we", "have")})
STATUSES = {
    "reserved": (("забронировать",), ("забронированный",), ("зарезервировать",), ("reserved",), ("reserve",)),
    "in_transit": (("в", "путь"), ("in", "transit"), ("on", "the", "way")),
    "sold": (("продать",), ("проданный",), ("sold",), ("sell",)),
}

NEUTRAL = frozenset(
    """
    стоить цена стоимость ценник обойтись машина автомобиль авто модель вариант наличие год выпуск пробег проехать
    мощность двигатель мотор объем рабочий место цвет кузов привод коробка передача топливо тип комплектация опция
    оснащение новый руб рубль р л с л.с лс г г.в км тыс млн миллион тысяча лошадиный сила салон интерьер отделка
    предложить предлагать обойтись продаваться иметься есть быть являться подойти подходить найтись нет подешевле
    оснастить оборудовать класс показать пример первый второй третий четвертый пятый последний чем на по за от до
    также еще он она оно это этот тот наш при который составлять составить равный равен здесь итак да
    cost price car vehicle model option one stock mileage power engine displacement seat color colour body drive
    transmission gearbox fuel year made built new kilometre kilometer litre liter horsepower ruble rubles km hp rub
    has have priced available equipped with it is comes come offer sell at than the first second third fourth fifth
    last exactly asking just cheaper class petrol who of
    """.split()
)
"""Words that claim nothing by themselves."""


def find_phrase(words: Sequence[str], phrase: Sequence[str]) -> int | None:
    """Where a phrase begins among words; None when it is not there."""
    length = len(phrase)
    return next(
        (at for at in range(len(words) - length + 1) if tuple(words[at : at + length]) == tuple(phrase)), None
    )
