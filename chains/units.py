"""Words that say what a number is: units, currencies, comparisons; Russian and English data for `chains.quantities`."""

from typing import Literal, NamedTuple

Sign = Literal["<", ">", "~", "="]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MILLION = _words(
    """
    млн миллион миллиона миллионов миллионами миллионах миллиону лям ляма лямов лямчик лямчика лямчиков лямами
    лимон лимона лимонов мульт мульта мультов мильен мильон мильонов мио mln million millions mil mio m м кк kk
    """
)
MILLION_ALONE = _words("миллион миллиона миллиону лям ляма лямчик лимон лимона мультик million")
"""«до миллиона»: one million, without a number."""
MILLIONS_BEFORE = _words("миллионов лямов лимонов мультов млн")
THOUSAND = _words(
    """
    тыс тысяч тысяча тысячи тысячами тысячах тыщ тыщи тысч косарей косаря кусков k к т thousand thousands grand
    """
)
THOUSANDS_BEFORE = _words("тысяч тыс тыщ")
THOUSAND_ROUBLES = _words("тр т.р т.р. тыр")
THOUSAND_KM = _words("ткм т.км тыс.км")
SIGNS_BEFORE = _words("$ € £ ₽")

_CURRENCIES_TEXT = """
руб:RUB рубль:RUB рубля:RUB рублей:RUB рублями:RUB рублях:RUB р:RUB ₽:RUB rub:RUB rubles:RUB roubles:RUB
ruble:RUB rouble:RUB деревянных:RUB usd:USD $:USD доллар:USD доллара:USD долларов:USD долларах:USD баксов:USD
бакса:USD бакс:USD баксы:USD баксах:USD зеленых:USD dollar:USD dollars:USD bucks:USD eur:EUR €:EUR евро:EUR
euro:EUR euros:EUR юань:CNY юаня:CNY юаней:CNY юанях:CNY cny:CNY yuan:CNY тенге:KZT kzt:KZT фунт:GBP фунта:GBP
фунтов:GBP £:GBP gbp:GBP pounds:GBP дирхам:AED дирхама:AED дирхамов:AED aed:AED
"""
CURRENCIES = {key: value for key, _, value in (pair.partition(":") for pair in _CURRENCIES_TEXT.split())}

KM = _words("км km километр километра километров kilometers kilometres kms")
MILES = _words("mile miles миля мили миль")
KM_IN_MILE = 1.609344
POWER = _words(
    "лс л.с лошадь лошади лошадей лошадок лошадками сил силы сила силами hp bhp horsepower horses horse кобыл"
)
KILOWATTS = _words("квт kw киловатт kilowatts")
HP_IN_KILOWATT = 1.35962
LITRE = _words(
    """
    литр литра литров литровый литровая литровым литровой литрового литровые литра л l liter litre liters litres
    литрах литраж литровик
    """
)
SEATS = _words("место места мест местный местная местные местную местного местной seat seats seater seaters")
PEOPLE = _words("человек человека people persons passengers пассажиров пассажира adults")
CHILDREN = _words("ребенок дети kid kids child children")
"""Lemmas."""
YEAR = _words("год года году годов годы годом г гг г.в гв")
AGE = _words("лет летка летки летку летний летняя летние летнюю летней years year old")

MEASURES = (
    MILLION
    | THOUSAND
    | KM
    | MILES
    | POWER
    | KILOWATTS
    | LITRE
    | SEATS
    | PEOPLE
    | YEAR
    | AGE
    | CURRENCIES.keys()
)
"""Every unit: a number before one of these is no number of cars."""

YEARS_AGO = {
    "прошлый": 1,
    "позапрошлый": 2,
    "этот": 0,
    "этого": 0,
    "текущий": 0,
    "нынешний": 0,
    "last": 1,
    "this": 0,
}
LAST_YEARS = ("прошлогодний", "прошлогодние", "прошлогодняя", "прошлогоднюю", "прошлогоднего", "прошлогодних")

NOT_PRICES = _words(
    "взнос аванс платеж скидка скинуть торг уступить доплата доплатить депозит задаток payment"
)
"""Lemmas before an amount of money that is not the price of a car."""
PAYING = _words("платить")
"""Lemmas of those that may be the price when it is one of a car."""
MILEAGE_WORDS = _words("пробег mileage накатать проехать пробежать километраж наездить odometer")
MILEAGE_AFTER = _words("пробега километража mileage")
PRICE_WORDS = _words(
    "бюджет budget цена стоимость price дорогой дорого дешевый дешево cheap cheaper сумма стоить ценник costing"
)
POWER_WORDS = _words("мощность power лошадка лошадь сила horsepower")
SEATS_WORDS = _words("место мест местный seat")
ENGINE_WORDS = _words("объем двигатель мотор engine displacement движок")

COUNTED = _words(
    """
    лет год года месяц месяца месяцев мес день дня дней неделя недели недель час часа часов минут минуты секунд
    секунды раз раза штук штуки машин машины машину автомобилей автомобиля авто вариант варианта вариантов модели
    моделей ключа ключей метр метра метров см м² мм кг тонн процент процента процентов дверей двери зон cars
    options months month days day hours hour minutes times years percent doors утра вечера am pm ночи класс
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря градусов цилиндров
    """
)
"""Words after a number that is no amount of money, whatever stands before it."""

NOT_AGES = _words(
    "кредит рассрочка лизинг гарантия срок стаж опыт вождение владение водительский loan credit lease warranty licence"
)
"""Lemmas in a message whose years are no age of a car."""

PER_MONTH = _words("месяц мес месячно month мясяц ежемесячно monthly")


class Comparator(NamedTuple):
    """What stands beside an amount. `strict` leaves out the limit itself where it is a small whole number; `kind` is
    what the comparison is about («мощнее»); `length` how many words it takes."""

    sign: Sign | None
    strict: bool = False
    kind: str | None = None
    length: int = 0


_COMPARATORS_TEXT = """
<  : не больше | не более | не выше | не превышает | не превышая | не свыше | максимум | макс | до | в пределах
   | ниже | under | below | up to | at most | max | within | maximum | no more than | not more than | not over
   | потолок | предел | лимит | не выходя за | up till | менее чем до | по
<price : не дороже | дешевле | cheaper than | не дороже чем за | no dearer than
<! : менее | меньше | less | less than | fewer than
<year : не новее | не позже | не позднее | не моложе | не свежее | не младше | not newer than
<!year : раньше | старше | older | older than | before | ранее
<power : не мощнее | не сильнее
<!power : слабее | weaker than
>  : не меньше | не менее | не ниже | минимум | мин | от | начиная с | начиная от | с | со | from | at least | min
   | since | no less than | not less than | minimum | starting from | starting at | не меньше чем
>price : не дешевле | дороже | dearer than | more expensive than
>! : более | больше | свыше | выше | over | above | more | more than
>year : не старше | не старее | не раньше | не ранее | not older than | no older than
>!year : новее | newer | younger | свежее | моложе | младше | позже | позднее | newer than | after | younger than
   | fresher than
>power : не слабее
>!power : мощнее | сильнее | stronger than | more powerful than
~  : около | примерно | порядка | в районе | где-то | где то | приблизительно | ориентировочно | плюс минус
   | around | about | approximately | roughly | circa | плюс-минус | типа | в районе до
   | примерно за | где-то за | приблизительно за | порядка за
=  : ровно | точно | именно | exactly | precisely | just
"""


def _comparators() -> dict[str, Comparator]:
    found: dict[str, Comparator] = {}
    head = Comparator(None)
    for line in _COMPARATORS_TEXT.strip().splitlines():
        before, colon, after = line.partition(" : ")
        if colon:
            name = before.strip()
            kind = name[1:].lstrip("!") or None
            head = Comparator(name[0], name[1:2] == "!", kind)  # type: ignore[arg-type]  # the signs of the table
        for phrase in (after if colon else line).split("|"):
            words = phrase.split()
            if words:
                found[" ".join(words)] = head._replace(length=len(words))
    return found


COMPARATORS = _comparators()
FILLERS_BEFORE = _words("чем than then the a цена цену ценой стоимостью price $ € £ ₽ где-то примерно суммы")
"""Words between a comparison and its amount."""
TRAILING = {
    **{
        word: Comparator("<", length=1)
        for word in _words("максимум макс max maximum потолок предел tops лимит")
    },
    **{word: Comparator(">", length=1) for word in _words("минимум мин min minimum +")},
    **{word: Comparator("~", length=1) for word in _words("примерно приблизительно approximately roughly")},
}
"""After an amount: «5 млн максимум», «2020+»."""
