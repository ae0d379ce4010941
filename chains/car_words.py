"""How visitors say what `chains.car_talk` understands: patterns for folded lines, in Russian and English."""

import re
from collections.abc import Mapping
from typing import Literal

from stores.cars import NumberField, Order

CarField = Literal[
    "color",
    "interior",
    "drive",
    "transmission",
    "fuel",
    "engine",
    "mileage",
    "power",
    "seats",
    "year",
    "body",
    "price",
    "options",
    "status",
    "link",
    "missing",
]
Statistic = Literal["range", "mean"]

FIELDS: tuple[tuple[CarField, str], ...] = (
    ("link", r"ссылк\w*|\bлинк\w*|\blinks?\b|\burl\b|\bweb ?page\b|страниц\w+ (машины|авто\w*)"),
    (
        "missing",
        r"расход\w*|запас\w* хода|разгон\w*|до сотни|клиренс\w*|багажник\w*|габарит\w*|(какая"
        r"|какой) (длин|ширин"
        r"|вес|высот)\w*"
        r"|владельц\w*|\bптс\b|\bvin\b(?!-?\d)|вин[- ]?код\w*|\bавари\w*|\bдтп\b|\bбит\w*\b|\bкрашен\w*|фото\w*|видео"
        r"|consumption|acceleration|0-100|\bboot\b|\btrunk\b|\bowners?\b|clearance|\baccidents?\b|photos?\b"
        r"|pictures?\b|dimensions|\bhow long is|\bweigh\w*|максимальн\w+ скорост\w*|top speed|\bналог\w*",
    ),
    ("interior", r"цвет\w* салон\w*|\bсалон\w*|интерьер\w*|обивк\w*|interior|upholstery"),
    ("color", r"\bцвет(а|у|ом|е|ов)?\b|\bколер\w*|\bcolou?rs?\b"),
    (
        "mileage",
        r"пробег\w*|километраж\w*|mileage|сколько (уже )?(она |он )?(уже )?(проехал|прош|накатал|пробежал)\w*"
        r"|how many (km|kilomet\w+|miles)",
    ),
    ("power", r"мощност\w*|лошад\w*|\bсил\b|\bл\.? ?с\b|\bкобыл\w*|\bhorse\w*|\bpower\b|\bb?hp\b"),
    ("seats", r"\bмест(а|о)?\b|\bseats?\b|\bпассажиров\b|how many people"),
    ("drive", r"\bпривод\w*|\bdrive ?train|wheel drive|\bawd\b|\b4wd\b|drive type"),
    ("transmission", r"\bкороб\w*|\bкпп\b|трансмисси\w*|gear ?box|transmission"),
    ("fuel", r"\bтоплив\w*|\bfuel\b|бензин или дизель|дизель или бензин|petrol or diesel|diesel or petrol"),
    ("engine", r"двигател\w*|\bмотор\w*|\bлитр\w*|\bобъем\w*|литраж\w*|\bengine\w*|displacement"),
    ("year", r"\bгод(а|у|ов|ы)?\b|\bвыпуск\w*|\bmodel years?\b|\byears?\b"),
    ("body", r"\bкузов\w*|\bbody\b|\bbodies\b"),
    (
        "options",
        r"\bопци\w*|комплектаци\w*|оснащен\w*|оборудовани\w*|equipment|\boptions?\b|\bfeatures?\b|\btrim\b",
    ),
    ("price", r"\bцен\w*|\bсто(ит|ят|имость\w*)\b|\bпочем\b|\bprices?\b|\bcosts?\b|how much"),
    ("status", r"наличи\w*|\bпродан\w*|\bсвободн\w*|\bжива\b|\bavailable\b|in stock|\bsold\b|ушла\b"),
)
FIELD_PATTERNS = tuple((name, re.compile(pattern)) for name, pattern in FIELDS)
AFTER_PREPOSITION = (
    r"(?<!\bс )(?<!\bсо )(?<!\bбез )(?<!\bдо )(?<!\bот )(?<!\bпо )(?<!\bв )(?<!\bwith )(?<!\d )"
)
COUNTED = {"power", "seats", "mileage", "engine"}
WHAT = r"(?:как(?:ой|ая|ое|ие|ого|ую|ов|ова|ово|им|ом|ими)|what|which)\b"


def _asking(field: CarField, noun: str) -> re.Pattern[str]:
    """The ways to ask for one field: «какой у неё пробег», «цвет какой?», «сколько в ней мест», «а мощность?»."""
    forms = [
        rf"\b{WHAT}(?: \S+){{0,3}}? {AFTER_PREPOSITION}(?:{noun})",
        rf"{AFTER_PREPOSITION}\b(?:{noun})(?: (?:у|of)(?: \S+){{1,2}})? {WHAT}",
        rf"^(?:а |и |ну |какой |ее |его |у нее |у него |the |its |and )*(?:{noun})(?: (?:у|of"
        rf"|там)(?: \S+){{0,2}})?$",
    ]
    if field in COUNTED:
        forms.append(rf"\b(?:сколько|how many|how much)(?: \S+){{0,3}}? {AFTER_PREPOSITION}(?:{noun})")
        forms.append(rf"{AFTER_PREPOSITION}\b(?:{noun})(?: (?:у|of)(?: \S+){{1,2}})? сколько\b(?! сто)")
    if field in {"link", "missing"}:
        forms.append(rf"(?:{noun})")
    return re.compile("|".join(forms))


ASKING = tuple((name, _asking(name, pattern)) for name, pattern in FIELDS)
STATUS = next(pattern for name, pattern in FIELD_PATTERNS if name == "status")
STATUS_WORDS = 6
POINTER = re.compile(
    r"\b(она|он|оно|у нее|у него|в ней|в нем|на ней|на нем|нее|него|ее|его|ней|нем|ею"
    r"|эт(а|от|ой|ого|у|ом|им|ою)( (машин\w*|авто\w*|автомобил\w*|тачк\w*))?|там|it|its|this( (car"
    r"|one))?|that (car|one))\b"
)
ABOUT_ANOTHER = re.compile(
    r"\bтак(ая|ой|ую|ое|ие|их|ого)\b|\bмодел\w*|\bв (белом|черном|друг\w+|ин\w+)|\bsuch\b"
)

ORDINALS = {
    "перв": 0, "втор": 1, "трет": 2, "четверт": 3, "пят": 4, "шест": 5, "седьм": 6, "восьм": 7, "девят": 8,
    "десят": 9, "последн": -1, "first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1,
}  # fmt: skip
ORDINAL = re.compile(
    r"\b(?:(перв|втор|трет|четверт|пят|шест|седьм|восьм|девят|десят|последн)"
    r"(?:ая|ый|ой|ую|ое|ом|ого|ому|ым|ую|юю|ий|ья|ью|ьей|ьего|ьем|ье|яя|ем|его|ей|ему|им)"
    r"|(first|second|third|fourth|fifth|last))\b"
    r"(?! (взнос|платеж|раз\b|очеред|владел|payment|of all|ряд|год|модельн|выпуск))"
)
NUMBERED = re.compile(r"(?:№|\bномер\w*|\bпод номером|\bnumber|\bno\.|#)\s*(\d{1,2})\b")
BARE_NUMBERS = re.compile(r"(?<![\d.,])(\d{1,2})(?:-?(?:й|я|ю|ая|ый|ую|st|nd|rd|th))?\b(?![.,]?\d)")
FIRST_SOME = re.compile(
    r"\b(?:перв(?:ые|ых|ую)|these|first|эти|этих|last|последн(?:ие|их)) (две|два|двух|три|трех|четыре"
    r"|two|three|four|[2-5])\b"
)
SMALL = {"две": 2, "два": 2, "двух": 2, "two": 2, "три": 3, "трех": 3, "three": 3, "четыре": 4, "four": 4}

COMPARE = re.compile(
    r"\bсрав(н|ь)\w*|\bсопостав\w*|\bcompar\w*|\bversus\b|\bvs\b|\bagainst\b|\bпротив\b|чем\b.{0,60}\b(отлича\w*|лучше|хуже)"
    r"|\bразниц\w*|\bотличи[ея]\w*"
    r"|difference|\bdiffer\w*"
)
STRICT_COMPARE = re.compile(
    r"\bсрав(н|ь)\w*|\bсопостав\w*|\bcompar\w*|^(а |и )?(кто|как(ая|ой|ую)|что) (из (н|эт)их )?лучше$"
    r"|^which (one )?(of them )?is better$"
)
RELATIVES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "cheaper",
            r"\bеще (по)?дешевле\b|^(это |ну |но |слишком |очень |все равно )*(дорого|дороговато)( очень)?$"
            r"|^(that is |it s |too )*(too )?expensive$|\beven cheaper\b",
        ),
        ("dearer", r"\bеще (по)?дороже\b"),
        ("newer", r"\bеще (по)?(новее|свежее)\b"),
        ("stronger", r"\bеще (по)?мощнее\b"),
    )
)
STARTS_ANEW = re.compile(r"\b(покаж\w*|есть|какие|какая|какой|ищу|хочу|нуж\w+|show|any|what|which|looking)\b")
TAKES = re.compile(
    r"^(а |ну |хорошо |тогда )*(давай|покаж\w*|расскаж\w*|хочу|беру|возьму|бер[её]м|show|tell me about)\b"
)
THEM = re.compile(r"\b(они|их|ними|них|эти|этих|между собой|друг от друга|they|them|these|the two)\b")
AMONG = re.compile(
    r"\b(из|среди) ((н|эт)их|тех)\b|\bмежду (ними|этими)\b|\bиз (этих |показанн\w+ )?(двух|трех|пяти"
    r"|показанн\w+|перечисленн\w+|списка)\b"
    r"|\b(of|among) (them|these|those)\b|\b(of|between) the (two|three)\b"
)
WHICH = re.compile(
    r"\b(как(ая|ой|ое|ие|ую)|у как(ой|ого|их)|кто|что|котор(ая|ый|ое)|which|what)\b(?!-| ?-? ?(?:то|нибудь|либо)\b)"
)
ORDER_TEXTS: tuple[tuple[Order, str], ...] = (
    (
        "-mileage",
        r"(больш\w+|максимальн\w+|наибольш\w+|высок\w+) пробег|пробег\w*( \w+)? (больше|выше)"
        r"|больше всех (пробежал|прош)|(highest|most|higher|more|biggest) mileage",
    ),
    (
        "mileage",
        r"(меньш\w*|минимальн\w+|маленьк\w+|наименьш\w+|низк\w+|поменьше) пробег"
        r"|пробег\w*( \w+)? (поменьше|меньше|ниже)"
        r"|меньше всех (пробежал|прош)|(lowest|least|lower|less|smallest) mileage|fewest (km|miles)",
    ),
    ("price", r"дешевл\w*|\bдешев(ая|ый|ое|ую)\b|доступнее|бюджетнее|\bcheap(er|est)\b|less expensive|lowest price"),
    ("-price", r"дорож(е|ей)\b|\bдорог(ая|ой|ое|ую)\b|more expensive|most expensive|\bpric(ier|iest)\b|dearer"),
    (
        "-power",
        r"мощнее|\bмощн(ая|ый|ую|ое)\b|сильнее|быстрее|больше (сил|лошад\w*|мощност\w*)|power(ful)?\b.*\bmost"
        r"|(more|most) (powerful|power)|stronge(r|st)|fast(er|est)",
    ),
    ("power", r"слабее|\bслаб(ая|ый|ую)\b|меньше (сил|лошад\w*|мощност\w*)|(less|least) powerful|weake(r|st)"),
    ("-year", r"новее|свежее|моложе|\bнов(ая|ый|ую|ое)\b|свеж(ая|ий|ую)|\bnew(er|est)\b|youngest|latest"),
    ("year", r"старше|старее|\bстар(ая|ый|ую|ое)\b|\bold(er|est)\b"),
    ("-seats", r"вместительн\w+|просторн\w+|больше мест|more seats|most seats|room(ier|iest)"),
    ("-engine", r"(больше|больш\w+) (объем|двигател|мотор)\w*|(bigger|biggest|larger|largest) engine"),
)  # fmt: skip
ORDERS = tuple((order, re.compile(pattern)) for order, pattern in ORDER_TEXTS)
LIMIT = re.compile(
    r"\bне (?:стар|нов|молож|дорож|дешевл|мощн|слаб|свеж)\w*|\bno (?:older|newer|cheaper)\b"
    r"|\b(?:старше|новее|моложе|дороже|дешевле|мощнее|слабее|свежее|older than|newer than|cheaper than) (?:чем )?(?=\d)"
)
"""Comparisons that set a limit («не старше трёх лет», «дешевле 5 млн») and ask for no order."""
SUPERLATIVE = re.compile(
    r"\bсам(ая|ый|ое|ую|ого|ой|ые|ых)\b|наимен|наибол|минимал|максимал|\bmost\b|\bleast\b|est\b"
    r"|всех\b|всего\b"
)

SORT = re.compile(
    r"от?сорт\w*|\bупоряд\w*|\bрасстав\w*|\bранжир\w*|\bsort\w*|\border(ed)? by\b|по (возраст|убыван)\w*"
)
SORT_BY: tuple[tuple[Order, str], ...] = (
    (
        "-price",
        r"(сначала|сперва|с самых|начиная с( самых)?|начни с( самых)?|первыми) (подороже|дорог\w+|дороже)"
        r"|по убыванию( цен\w*| стоимост\w*)?$"
        r"|по цене.{0,3}(по убыванию|вниз)|most expensive first|expensive first"
        r"|от дорог\w+ к дешев\w+|цен\w* по убыванию",
    ),
    (
        "price",
        r"(сначала|сперва|с самых|начиная с( самых)?|начни с( самых)?|первыми) (подешевле|дешев\w+"
        r"|доступн\w+|недорог\w+)"
        r"|по возрастанию( цен\w*)?$|cheap(est)? first|от дешев\w+ к дорог\w+|цен\w* по возрастанию",
    ),
    (
        "-year",
        r"(сначала|сперва) (нов\w+|свеж\w+|поновее)|по (году|новизне|годам|дате)|new(est)? first|by year",
    ),
    ("year", r"(сначала|сперва) (стар\w+|постарше)|old(est)? first"),
    ("mileage", r"(сначала|сперва) с (меньшим|маленьким|небольшим) пробегом|по пробегу|by mileage"),
    ("-power", r"(сначала|сперва) мощн\w+|по (мощности|лошадям|силам)|by (horse)?power|powerful first"),
    ("price", r"по (цене|стоимости|ценам)|by price"),
    ("-seats", r"по (числу|количеству) мест|by seats"),
)
SORTS = tuple((order, re.compile(pattern)) for order, pattern in SORT_BY)
SORT_WORDS = 5

LET_GO = (
    r"забуд\w*( про| о)?|не важ(ен|на|но|ны)|неваж(ен|на|но|ны)|без разниц\w*|все равно|пофиг\w*"
    r"|не принципиал\w*"
    r"|непринципиал\w*|люб(ой|ая|ое|ого|ую|ым|ом|ые|ых)|убер\w*|сними\w*|отмен\w*|не имеет значени\w*"
    r"|не нужн[аоы]?|не обязател\w*"
    r"|необязател\w*|не волнует|any(?= (colou?r|drive|gear|body|year|price|fuel|model|mileage))"
    r"|forget|ignore|doesn't matter|does not matter|don't care|drop"
    r"|remove|whatever|no matter"
)
LETTING_GO = re.compile(rf"\b(?:{LET_GO})\b")
WISHES: tuple[tuple[str, str], ...] = (
    ("colors", r"\bцвет\w*|\bокрас\w*|\bcolou?rs?\b"),
    ("drives", r"привод\w*|\bdrive\b|wheel drive|\b4matic\b"),
    ("transmissions", r"короб\w*|\bкпп\b|gear ?box|transmission|\bавтомат\w*|механик\w*"),
    ("fuels", r"топлив\w*|двигател\w*|мотор\w*|\bfuel\b|\bengine\b|дизел\w*|бензин\w*|diesel|petrol"),
    ("bodies", r"кузов\w*|\bbody\b|\btype\b"),
    ("options", r"опци\w*|комплектац\w*|оснащен\w*|\boptions?\b|equipment|панорам\w*|\bлюк\w*"),
    (
        "price",
        r"\bцен\w*|бюджет\w*|стоимост\w*|\bденьг\w*|\bденег\b|\bprices?\b|\bbudget\b|\bмлн\b|миллион\w*",
    ),
    ("year", r"\bгод(а|у|ы|ов)?\b|возраст\w*|\byears?\b|\bage\b"),
    ("mileage", r"пробег\w*|mileage"),
    ("power", r"мощност\w*|лошад\w*|\bсил\w*|\bpower\b|horse\w*"),
    ("seats", r"\bмест\w*|\bseats?\b"),
    ("names", r"модел\w*|класс\w*|\bmodel\b|\bclass\b"),
)
WISH_PATTERNS = tuple((name, re.compile(pattern)) for name, pattern in WISHES)
ALL_WISHES = re.compile(
    r"(сброс|очист|обнул)\w* (все |мои )?(все|фильтр\w*|поиск\w*|параметр\w*|запрос\w*)"
    r"|clear (the |all )?filters?|начн(и|ем) (все )?(сначала|заново)|забудь все|убери (все )?фильтр\w*"
    r"|start over|reset"
)
SHOW_ALL = re.compile(
    r"^(ну |тогда |а |давай |и |ок,? )*(покаж\w*|выведи|перечисли|давай|show)( мне)? (тогда )?(все"
    r"|всех|весь список|полный список|them all|all)"
    r"( (их|машины|автомобили|варианты|подходящие|of them|cars))*$|^(весь|полный) список$"
    r"|^(а |тогда |давай )*(все|всех) (покаж\w*|выведи|давай)$"
)
MORE = re.compile(
    r"^(ну |а |и |так |давай |тогда )*(покаж\w*|дай\w*|давай\w*|выведи|еще|дальше|далее|следующ\w+"
    r"|show|next|more|остальн\w+|друг\w+)"
    r"( (мне|покаж\w*|дай\w*|еще|дальше|далее|следующ\w+|остальн\w+|друг\w+|машин\w*|авто\w*|вариант\w*|парочк\w*"
    r"|пару|пять|штук\w*|ее"
    r"|more|next|others?|the|rest|page|cars|options|please|пожалуйста|страниц\w*|список))*$"
)
ONLY_SHOW = re.compile(r"(ну |а |и |так |давай )*(покаж\w*|дай\w*|давай\w*|show)( мне| please| пожалуйста)*")
COUNT_SHOWN = re.compile(
    r"^(а |и |ну |so |and |ok )*(сколько|скока|скок|how many|(the )?number of|количество)( \w+){0,3}$"
    r"|^(а |и )?(всего|в общем|итого) сколько( \w+)?$"
)
OF_THESE = re.compile(
    r"\b(их|таких|всего|подходящих|вариантов|машин\w*|авто\w*|штук|there|of them|in total"
    r"|such|those|these)\b|\bis that$"
)
CORRECTION = re.compile(
    r"^(нет|не|ой|точнее|вернее|то есть|в смысле|no|sorry)\b.*|имел\w* в виду|\bя про\b|i mean\w*"
    r"|ошиб\w*|опечат\w*"
)

# "and blue?" is «а синие?», another colour in the place of the first
ADDS = re.compile(r"^(и|или|плюс|also|or)\b|\b(тоже|также|еще и|и еще|в придачу|as well|too|also)\b")
LESS_MILEAGE = re.compile(
    r"пробег\w* (поменьше|меньше)|(поменьше|меньше|с меньшим|с небольшим|пониже) пробег|(lower|less"
    r"|fewer) mileage"
)

BACK = re.compile(
    r"\b(назад|обратно|верн\w+)\b.{0,12}\b(спис\w*|вариант\w*|машин\w*|подбор\w*)"
    r"|^(а )?(покажи )?(список|их) (еще раз|снова|заново)"
    r"|back to (the )?(list|cars|options)|(show )?the list again"
)
EACH = re.compile(
    r"\b(кажд(ого|ой|ый|ая)|по (классам|моделям|цветам|кузовам|годам|приводу|топливу)|разбивк\w*|each"
    r"|per|by)\b"
)
GROUP_NOUNS: tuple[tuple[str, str], ...] = (
    ("color", r"цвет\w*|\bрасцвет\w*|\bcolou?rs?\b"),
    ("body", r"кузов\w*|\bbod(y|ies)\b|body (types?|styles?)"),
    ("class", r"класс\w*|линейк\w*|\bclass(es)?\b|\brange\b"),
    (
        "model",
        r"модел\w*|модификаци\w*|верси\w*|исполнени\w*|комплектаци\w*|\bmodels?\b|\bversions?\b|\btrims?\b",
    ),
    ("year", r"\bгод(а|ов|ам|ы)\b|\byears?\b"),
    ("fuel", r"топлив\w*|\bfuels?\b"),
    ("engine", r"двигател\w*|мотор\w*|\bобъем\w*|\bengines?\b"),
    ("drive", r"привод\w*|\bdrives?\b|drivetrains?"),
    ("transmission", r"короб\w*|трансмисси\w*|gearboxe?s?|transmissions?"),
    ("interior", r"\bсалоны\b|обивк\w*|interiors?\b"),
)
GROUPS = tuple((name, re.compile(pattern)) for name, pattern in GROUP_NOUNS)
WHICH_ONES = re.compile(r"\b(как(ие|их|ими)|что за|what|which|in what|в каких|перечисли\w*|список|каких)\b")
STOCKED = re.compile(
    r"\bесть\b|наличи\w*|бывают|доступн\w*|у вас|имеются|представлен\w*|продает\w*|\bhave\b|available"
    r"|in stock|are there"
    r"|\bdo you\b|\bcome\b|выбор"
)
RANGE = re.compile(
    r"\bот и до\b|(от )?(скольки|скольких) (и )?до (скольки|скольких)|диапазон\w*|разброс\w*"
    r"|в каких пределах|\brange\b"
    r"|вилк[аиу]\b|минимальн\w+ и максимальн\w+|от какой (и )?до какой|от сколько до сколько"
)
MEAN = re.compile(
    r"\bсредн(яя|ий|ее|ей|юю|его|ем)\b|\bв среднем\b|\baverage\b|\bmean (price|mileage|power|year)\b"
)
NUMBER_FIELDS: Mapping[str, NumberField] = {
    "price": "price", "mileage": "mileage_km", "power": "power_hp", "year": "year", "engine": "engine_l",
    "seats": "seats",
}  # fmt: skip
