"""No sentence of a model passes that says more than the facts of the turn."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.claims import Evidence, amounts_in, evidence_of, failure_of
from chains.reply import Draft, Fact
from chains.vocabulary import Vocabulary, build_vocabulary
from stores.lexicon import load_lexicon

ASSETS = Path(__file__).parents[2] / "assets"
CONTEXT = """## Гарантия
На новые автомобили действует гарантия 3 года или 100 000 км пробега. Продлить её можно на 2 года за 95 000 рублей.
E-класс длиннее C-класса, а CLS отличается силуэтом четырёхдверного купе. Телефон сервиса: +7 495 000-00-00."""


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return build_vocabulary(
        load_lexicon(ASSETS, "Mercedes-Benz", ASSETS), ["C", "E", "CLS", "GLE"], ["C 180", "E 200"], {}
    )


@pytest.fixture(scope="module")
def evidence(vocabulary: Vocabulary) -> Evidence:
    draft = Draft(route="legend", text="Гарантия 3 года.", context=CONTEXT)
    return evidence_of(draft, "Какая гарантия и правда ли, что она 5 лет?", vocabulary)


@pytest.mark.parametrize(
    "sentence",
    [
        "На новые автомобили гарантия действует 3 года или 100 000 км.",
        "Продлить гарантию можно на 2 года за 95 000 ₽.",
        "Продление на 2 года стоит 95 тысяч рублей.",
        "CLS отличается от E-класса силуэтом четырёхдверного купе.",
        "Телефон сервиса: +7 495 000-00-00.",
    ],
)
def test_what_the_facts_say_passes(evidence: Evidence, vocabulary: Vocabulary, sentence: str) -> None:
    assert failure_of(sentence, evidence, "ru", vocabulary) is None


@pytest.mark.parametrize(
    ("sentence", "failure"),
    [
        ("На новые автомобили гарантия действует 5 лет.", "number"),  # the number is only in the question
        ("Продлить гарантию можно за 85 000 рублей.", "number"),
        ("Гарантия на автомобили действует 3 км пробега.", "number"),  # a right number with another unit
        ("Гарантия на GLE действует 3 года.", "name"),
        ("Телефон сервиса: +7 495 111-22-33.", "contact"),
        ("Мы перезвоним вам и расскажем о гарантии.", "promise"),
        ("Мы забронируем для вас автомобили с гарантией.", "promise"),
        ("Такие новые автомобили есть в наличии.", "availability"),
        ("C-класс длиннее E-класса.", "unsupported"),  # all the words of the facts, the other way round
        ("The warranty is 3 years for new cars.", "language"),
        ("保修期为三年。", "language"),
        ("Погода в Москве осенью бывает дождливой и ветреной.", "unsupported"),
    ],
)
def test_what_goes_beyond_the_facts_is_refused_with_the_reason(
    evidence: Evidence, vocabulary: Vocabulary, sentence: str, failure: str
) -> None:
    assert failure_of(sentence, evidence, "ru", vocabulary) == failure


RULES = (
    "## Хранение колёс\n"
    "Комплект колёс храним за 7 900 рублей в сезон, для шин от 21 дюйма — за 9 500 рублей. Диски с трещинами на "
    "хранение не принимаем. Договор продлевается до 6 или 12 месяцев. Принимаем колёса не старше 8 лет. Мойка "
    "комплекта бесплатна. Если колёса забирают раньше срока, остаток платежа возвращается."
)


@pytest.fixture(scope="module")
def rules(vocabulary: Vocabulary) -> Evidence:
    return evidence_of(Draft(route="legend", text=RULES, context=RULES), "Как храните колёса?", vocabulary)


@pytest.mark.parametrize(
    "sentence",
    [
        "Комплект колёс храним за семь тысяч девятьсот рублей в сезон.",
        "Договор продлевается до 6 или 12 месяцев.",
        "На хранение не принимаем диски с трещинами.",
        "Мойка комплекта бесплатна.",
        "Принимаем колёса не старше 8 лет.",
        "Если колёса забирают раньше срока, остаток платежа возвращается.",
    ],
)
def test_what_the_facts_say_in_another_order_or_in_words_passes(
    rules: Evidence, vocabulary: Vocabulary, sentence: str
) -> None:
    assert failure_of(sentence, rules, "ru", vocabulary) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "Комплект колёс храним за 9 500 рублей в сезон, для шин от 21 дюйма — за 7 900 рублей.",
        "Диски с трещинами принимаем на хранение.",
        "Мы принимаем диски с трещинами.",
        "Принимаем колёса старше 8 лет.",
        "Договор не продлевается до 6 или 12 месяцев.",
        "Комплект колёс храним бесплатно.",
        "Все колёса принимаем на хранение.",
        "Остаток платежа возвращается.",
        "Остаток платежа не возвращается, если колёса забирают раньше срока.",
    ],
)
def test_a_statement_turned_round_widened_or_freed_of_its_condition_is_refused(
    rules: Evidence, vocabulary: Vocabulary, sentence: str
) -> None:
    assert failure_of(sentence, rules, "ru", vocabulary) in {"unsupported", "number"}


@pytest.mark.parametrize(
    ("sentence", "failure"),
    [("E 200 — 4 места.", None), ("E 200 — 5 мест.", "number"), ("E 200 4MATIC — 4 места.", "name")],
)
def test_a_dash_ends_a_name(vocabulary: Vocabulary, sentence: str, failure: str | None) -> None:
    car = {"model": "E 200", "class": "E", "seats": 4, "status": "available"}
    facts = tuple(Fact("CAR-1", field, value, "") for field, value in car.items())
    draft = Draft(route="inventory", text="E 200", facts=facts, cars=("CAR-1",))
    assert failure_of(sentence, evidence_of(draft, "", vocabulary), "ru", vocabulary) == failure


@pytest.mark.parametrize("text", ["5,49 млн рублей", "5 490 000 ₽", "5490000 руб.", "5.49 mln rub"])
def test_one_amount_has_many_spellings(text: str) -> None:
    assert [tuple(amount) for amount in amounts_in(text)] == [(5_490_000, "rub")]


@given(price=st.integers(min_value=100_000, max_value=90_000_000))
def test_any_foreign_price_is_stopped(evidence: Evidence, vocabulary: Vocabulary, price: int) -> None:
    sentence = f"Продлить гарантию на автомобили можно за {price:,} рублей.".replace(",", " ")
    known = {95_000}
    assert (failure_of(sentence, evidence, "ru", vocabulary) == "number") is (price not in known)
