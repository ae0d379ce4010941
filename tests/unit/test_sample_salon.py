"""The sample salon's files keep their promises: enough of everything, and nothing absurd in a customer's eyes."""

import csv
import re
import tomllib
from collections import Counter, defaultdict
from datetime import date, time
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from chains.text import lemmas
from stores.lexicon import load_lexicon

SALON = Path(__file__).parents[2] / "assets" / "salon"
CURRENT_YEAR = 2026
FIELDS = (
    "stock_id,model,class,body,year,price,mileage_km,fuel,transmission,drive,color,interior,engine_l,power_hp,"
    "seats,options,status,url"
).split(",")
CLASSES = {
    *"A B C CLA CLE CLS E S G GLA GLB GLC GLE GLS EQA EQB EQC EQE EQS SL V Vito X".split(),
    *("Maybach S", "Maybach GLS", "EQE SUV", "EQS SUV", "AMG GT"),
}
BODIES = {
    *"седан купе внедорожник универсал кабриолет родстер хэтчбек лифтбек минивэн фургон пикап".split(),
}
FUELS = {"бензин", "дизель", "подключаемый гибрид", "электро"}
STATUSES = {"available", "reserved", "in_transit", "sold"}


class Row(NamedTuple):
    """A row of the show-case with its numbers read."""

    stock_id: str
    model: str
    car_class: str
    body: str
    year: int
    price: int
    mileage_km: int
    fuel: str
    drive: str
    transmission: str
    color: str
    engine_l: float | None
    power_hp: int
    seats: int
    options: list[str]
    status: str
    url: str


def _salon() -> dict[str, Any]:
    with (SALON / "salon.toml").open("rb") as file:
        return tomllib.load(file)


def _rows() -> list[Row]:
    with (SALON / "inventory.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert list(reader.fieldnames or ()) == FIELDS
        return [_row(raw) for raw in reader]


def _row(raw: dict[str, str]) -> Row:
    return Row(
        stock_id=raw["stock_id"],
        model=raw["model"],
        car_class=raw["class"],
        body=raw["body"],
        year=int(raw["year"]),
        price=int(raw["price"]),
        mileage_km=int(raw["mileage_km"]),
        fuel=raw["fuel"],
        drive=raw["drive"],
        transmission=raw["transmission"],
        color=raw["color"],
        engine_l=float(raw["engine_l"]) if raw["engine_l"] else None,
        power_hp=int(raw["power_hp"]),
        seats=int(raw["seats"]),
        options=raw["options"].split(";"),
        status=raw["status"],
        url=raw["url"],
    )


def _sections() -> dict[str, str]:
    text = (SALON / "legend.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    titles = parts[::2]
    assert len(set(titles)) == len(titles), "two sections share one heading"
    return dict(zip(titles, (body.strip() for body in parts[1::2]), strict=True))


def _topics() -> list[dict[str, Any]]:
    loaded = yaml.safe_load((SALON / "topics.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, list)
    return loaded


ROWS = _rows()


def test_the_show_case_is_large_and_every_car_has_its_own_id_and_page() -> None:
    assert len(ROWS) >= 170
    assert len({row.stock_id for row in ROWS}) == len(ROWS)
    for row in ROWS:
        assert re.fullmatch(r"[A-Z0-9]+-\d{3}", row.stock_id), row
        assert row.url == f"https://zvezda-avto.example/cars/{row.stock_id}"


def test_the_show_case_covers_the_line_up_new_and_used() -> None:
    assert {row.car_class for row in ROWS} == CLASSES
    assert {row.body for row in ROWS} == BODIES
    assert {row.fuel for row in ROWS} == FUELS
    new = sum(row.mileage_km == 0 for row in ROWS)
    assert new >= 60
    assert len(ROWS) - new >= 100


def test_the_lexicon_knows_every_word_a_car_is_described_with() -> None:
    lexicon = load_lexicon(SALON.parent, "Mercedes-Benz", SALON)
    for row in ROWS:
        assert lexicon.class_of(row.model) == row.car_class, row
        for field in ("body", "fuel", "drive", "transmission", "color"):
            assert lexicon.code(field, getattr(row, field)), f"{field} of {row}"


def test_most_cars_can_be_bought_today_and_every_status_occurs() -> None:
    counted = Counter(row.status for row in ROWS)
    assert set(counted) == STATUSES
    assert counted["available"] >= 0.75 * len(ROWS)
    assert min(counted.values()) >= 5


def test_several_c_180_are_available_both_new_and_used() -> None:
    cars = [row for row in ROWS if row.model == "C 180" and row.status == "available"]
    assert sum(row.mileage_km == 0 for row in cars) >= 2
    assert sum(row.mileage_km > 0 for row in cars) >= 2


def test_every_car_is_believable() -> None:
    for row in ROWS:
        assert 2017 <= row.year <= CURRENT_YEAR, row
        assert 1_000_000 <= row.price <= 50_000_000, row
        assert row.price % 10_000 == 0, row
        assert 100 <= row.power_hp <= 810, row
        assert 2 <= row.seats <= 9, row
        assert 3 <= len(row.options) <= 8, row
        assert len(set(row.options)) == len(row.options), row
        assert all(option == option.strip() != "" for option in row.options), row


def test_a_new_car_is_of_this_year_or_the_last_and_a_used_one_was_driven_as_people_drive() -> None:
    for row in ROWS:
        age = CURRENT_YEAR - row.year
        if row.mileage_km == 0:
            assert age <= 1, row
        else:
            assert age >= 1, row
            assert 3_000 * age <= row.mileage_km <= 25_000 * age, row
            assert row.status != "in_transit", row


def test_model_fuel_and_drive_fit_together() -> None:
    for row in ROWS:
        words = set(row.model.split())
        assert (row.fuel == "электро") == (row.engine_l is None), row
        if row.car_class.startswith("EQ"):
            assert row.fuel == "электро", row
        assert bool({"d", "CDI"} & words) == (row.fuel == "дизель"), row
        assert bool({"e", "PERFORMANCE", "HYBRID"} & words) == (row.fuel == "подключаемый гибрид"), row
        if "4MATIC" in row.model or row.car_class == "G":
            assert row.drive == "полный", row
        if row.transmission == "робот":
            assert row.car_class in {"A", "B", "CLA", "GLA", "GLB", "AMG GT"}, row


def test_seats_and_options_fit_the_body() -> None:
    for row in ROWS:
        named = [int(option.split()[0]) for option in row.options if option.endswith(" мест")]
        assert named == ([row.seats] if row.seats >= 7 else []), row
        if row.seats >= 7:
            assert row.car_class in {"GLB", "GLE", "GLS", "EQB", "EQS SUV", "V", "Vito"}, row
        if row.body in {"кабриолет", "родстер"}:
            assert "панорамная крыша" not in row.options, row


def test_of_two_like_cars_the_newer_one_is_never_the_cheaper() -> None:
    like: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in ROWS:
        like[row.model, row.body].append(row)
    odd = [
        (older.stock_id, newer.stock_id)
        for rows in like.values()
        for older, newer in combinations(sorted(rows, key=lambda row: row.year), 2)
        if older.year < newer.year and older.price >= newer.price
    ]
    assert odd == []


def test_a_certified_car_meets_the_programme_of_the_brochure() -> None:
    certified = [row for row in ROWS if "сертифицирован" in row.options]
    assert len(certified) >= 20
    for row in certified:
        assert CURRENT_YEAR - row.year <= 5, row
        assert 0 < row.mileage_km <= 100_000, row


def test_the_brochure_answers_what_customers_ask() -> None:
    sections = _sections()
    assert len(sections) >= 40
    for title, body in sections.items():
        sentences = re.findall(r"[.!?](?=\s+[A-ZА-ЯЁ«]|$)", body)
        assert 2 <= len(sentences) <= 8, f"{title}: {len(sentences)} sentences"
    subjects = """
        тест-драйв трейд-ин кредит лизинг гарантия парковка депозит доставляете документы оплатить выкупаете
        страховк сертифицированн аксессуар корпоративн подменный зарядка шин детская вернуть жалоб персональн
        сертификат запасные кузовной диагностика заказ серии amg maybach конфигураци оферта скидки звонка
        брошюру языках инвалидностью работу адрес часы
    """
    titles = " ".join(sections).lower()
    assert [subject for subject in subjects.split() if subject not in titles] == []


def test_the_brochure_repeats_the_terms_of_salon_toml() -> None:
    salon, text = _salon(), (SALON / "legend.md").read_text(encoding="utf-8")
    finance = salon["finance"]
    credit = _sections()["Какие условия автокредита?"]
    rate = str(finance["rate_percent"]).replace(".", ",")
    assert f"{rate} %" in credit
    assert f"от {finance['down_payment_percent']} % цены" in credit
    assert ", ".join(map(str, finance["months"][:-1])) + f" или {finance['months'][-1]} месяцев" in credit
    monthly = finance["rate_percent"] / 1200
    payment = round(4_800_000 * monthly / (1 - (1 + monthly) ** -60))
    assert f"{payment:,}".replace(",", " ") + " ₽ в месяц" in credit

    rules = _sections()["Условия и правила тест-драйва"]
    assert f"не менее {salon['test_drive']['min_driving_years']} лет" in rules
    assert f"около {salon['test_drive']['slot_minutes']} минут" in text
    assert salon["address"] in text
    assert set(re.findall(r"\+7[\d -]+\d", text)) == {salon["phone"]}
    assert set(re.findall(r"[\w.+-]+@[\w.-]+\w", text)) == {salon["email"]}
    for day in ("mon", "sat", "sun"):
        opens, closes = (time.fromisoformat(clock) for clock in salon["hours"][day].split("-"))
        spoken = f"с {opens.hour}:{opens:%M} до {closes.hour}:{closes:%M}"
        assert spoken in _sections()["Часы работы салона"], day


def test_the_brochure_promises_no_lowest_price() -> None:
    text = (SALON / "legend.md").read_text(encoding="utf-8").lower()
    assert "не обещаем самую низкую цену" in text
    assert not re.search(r"гарантируем (самую низкую|лучшую) цену|дешевле всех", text)


def test_the_hours_are_readable_and_know_the_turn_of_the_year() -> None:
    hours = _salon()["hours"]
    assert {"mon", "tue", "wed", "thu", "fri", "sat", "sun"} < set(hours)
    exceptions = hours.pop("except")
    for spoken in (*hours.values(), *exceptions.values()):
        if spoken != "closed":
            opens, closes = (time.fromisoformat(clock) for clock in spoken.split("-"))
            assert opens < closes
    days = {date.fromisoformat(day) for day in exceptions}
    assert {date(2026, 12, 31), date(2027, 1, 1)} <= days
    assert exceptions["2027-01-01"] == "closed"


def test_nobody_real_is_named_in_salon_toml() -> None:
    salon = _salon()
    digits = [int(digit) for digit in salon["inn"]]
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    check = sum(weight * digit for weight, digit in zip(weights, digits[:9], strict=True)) % 11 % 10
    assert len(digits) == 10
    assert check != digits[9], "the taxpayer number must be nobody's"
    assert salon["email"].endswith(".example")
    assert salon["phone"] == "+7 495 000-00-00"


def test_forbidden_topics_have_words_examples_and_a_polite_stub() -> None:
    topics = _topics()
    assert 6 <= len(topics) <= 12
    assert len({topic["topic"] for topic in topics}) == len(topics)
    for topic in topics:
        assert set(topic) == {"topic", "stop_words", "examples", "stub"}
        assert len(topic["stop_words"]) >= 8
        assert len(topic["examples"]) >= 6
        assert len(set(topic["stop_words"])) == len(topic["stop_words"])
        assert re.search(r"автомоб", topic["stub"]), "a stub leads back to cars"
        caught = [e for e in topic["examples"] if set(lemmas(e)) & set(topic["stop_words"])]
        assert len(caught) * 2 >= len(topic["examples"]), f"{topic['topic']}: {caught}"


def test_a_stop_word_is_a_lemma_of_one_topic_only() -> None:
    words = [word for topic in _topics() for word in topic["stop_words"]]
    assert [word for word in words if lemmas(word) != [word]] == []
    assert [word for word, count in Counter(words).items() if count > 1] == []


ORDINARY_QUESTIONS = """
Где почитать вашу политику конфиденциальности?
Какая у вас политика скидок?
Есть ли большой выбор седанов?
Какая ставка по кредиту и можно ли взять кредит на пять лет?
Входит ли защита от угона в каско?
Пробег не скручен, история чистая?
VIN не перебит, машина не в угоне?
Как санкции влияют на запчасти и гарантию?
Можно ли оплатить криптовалютой?
Какое давление должно быть в шинах?
Проводите ли диагностику перед покупкой?
Какие симптомы у неисправной пневмоподвески?
Это автомат или робот?
Есть ли свободный слот на тест-драйв в субботу?
Какие у вас сейчас акции и розыгрыши?
На каком мерседесе ездит президент?
Подойдёт ли GLE для гонок и трека?
Слава богу, нашёл вас! Сколько стоит G 63?
Хочу вложиться в хорошую машину до 6 миллионов
Какой первый взнос нужно поставить в расчёт?
Подойдёт ли седан, если у меня болит спина, есть ли массаж?
Есть ли скидки для врачей и инвалидов?
Можно ли привезти машину из Кореи без таможни?
Сдам BMW в трейд-ин, что предложите?
Есть ли сейчас в наличии C 180?
Доступен ли тест-драйв в вашем салоне?
Чем mercedes cls класса отличается от e класса?
Покажите сексуальное красное купе
Do you have a red E-Class cabriolet?
What about the future price of the GLC?
"""


@pytest.mark.parametrize("question", ORDINARY_QUESTIONS.strip().splitlines())
def test_an_ordinary_question_holds_no_stop_word(question: str) -> None:
    stop_words = {word for topic in _topics() for word in topic["stop_words"]}
    assert set(lemmas(question)) & stop_words == set()


def test_the_salon_can_speak_of_itself_without_a_stop_word() -> None:
    stop_words = {word for topic in _topics() for word in topic["stop_words"]}
    for title, body in _sections().items():
        assert set(lemmas(f"{title} {body}")) & stop_words == set(), title
