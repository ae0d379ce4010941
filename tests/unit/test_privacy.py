import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.privacy import mask

SALON = ("+7 495 000-00-00", "info@salon.example", "WDD205-001", "W1N4632761X412345")


@pytest.mark.parametrize(
    "phone",
    [
        "8-903-123-45-67",
        "8 903 123 45 67",
        "+7(903)123-45-67",
        "+7 (903) 123 45 67",
        "+7 903 123-45-67",
        "89031234567",
        "79031234567",
        "+79031234567",
        "9031234567",
        "903 123-45-67",
        "(903) 123-45-67",
        "8(495)123-45-67",
        "8.903.123.45.67",
        "8 903 123-4567",
        "8\u200b903\u200b1234567",
        "+375 29 123-45-67",
        "+49 30 901820",
    ],
)
def test_phones_are_masked_however_they_are_written(phone: str) -> None:
    masked = mask(f"Мой номер {phone}, жду", keep=SALON)
    assert masked.text == "Мой номер [телефон], жду"
    assert [span.kind for span in masked.found] == ["phone"]
    assert f"Мой номер {phone}, жду"[masked.found[0].start : masked.found[0].end] == phone


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Пишите на ivan.petrov+auto@mail.example.ru!", "Пишите на [почта]!"),
        ("почта@пример.рф подойдёт?", "[почта] подойдёт?"),
        ("Карта 4111 1111 1111 1111, срок 12/30", "Карта [номер карты], срок 12/30"),
        ("Карта 2200000000000004", "Карта [номер карты]"),
        ("Меня зовут Иван Петрович Сидоров, хочу E-класс", "Меня зовут [имя], хочу E-класс"),
        ("меня зовут анна, есть GLC?", "меня зовут [имя], есть GLC?"),
        ("ФИО: Иванов Иван, тел. 8 903 123 45 67", "ФИО: [имя], тел. [телефон]"),
        ("Name: Ivan, phone: 8-903-123-45-67", "Name: [name], phone: [phone]"),
        ("Моё имя — Пётр", "Моё имя — [имя]"),
        ("My name is John Smith, is the GLE there?", "My name is [name], is the GLE there?"),
        ("Call me: +44 20 7946 0958", "Call me: [phone]"),
        (
            "Меня зовут Олег, 8 903 123 45 67 или oleg@mail.example",
            "Меня зовут [имя], [телефон] или [почта]",
        ),
    ],
)
def test_mails_cards_and_names_are_masked(text: str, expected: str) -> None:
    assert mask(text, keep=SALON).text == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Паспорт 4510 123456", "Паспорт [паспорт]"),
        ("мой паспорт: 45 10 №123456, запишите", "мой паспорт: [паспорт], запишите"),
        ("паспорт серия 4510 номер 123456", "паспорт серия [паспорт]"),
        ("Данные паспорта РФ — 4510123456", "Данные паспорта РФ — [паспорт]"),
        ("серия 45 10 № 123456", "серия [паспорт]"),
        ("4510 123456 это мой паспорт", "[паспорт] это мой паспорт"),
        ("Загранпаспорт 71 1234567", "Загранпаспорт [паспорт]"),
        ("My passport is 4510 123456", "My passport is [passport]"),
        ("112-233-445 95", "[СНИЛС]"),
        ("СНИЛС 123-456-789 01", "СНИЛС [СНИЛС]"),
        ("снилс: 12345678901", "снилс: [СНИЛС]"),
        ("СНИЛС 123 456 789 01, ИНН 500100732259", "СНИЛС [СНИЛС], ИНН [ИНН]"),
        ("ИНН 7707083893", "ИНН [ИНН]"),
        ("инн компании: 7707083893", "инн компании: [ИНН]"),
        ("7707083893 — мой ИНН", "[ИНН] — мой ИНН"),
        ("Карта 4111 1111 1111 1112", "Карта [номер карты]"),
        ("номер моей карты 2200000000000005", "номер моей карты [номер карты]"),
        ("оплачу картой 1234-5678-9012-3456", "оплачу картой [номер карты]"),
        ("My card: 4111111111111112", "My card: [card number]"),
        ("Паспорт есть, звоните 9031234567", "Паспорт есть, звоните [телефон]"),
        ("ИНН пришлю, мой телефон 9031234567", "ИНН пришлю, мой телефон [телефон]"),
        ("Паспорт 4510 123456, тел. 8 903 123 45 67", "Паспорт [паспорт], тел. [телефон]"),
    ],
)
def test_numbers_of_documents_and_cards_are_masked_beside_their_word(text: str, expected: str) -> None:
    assert mask(text, keep=SALON).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "Есть что-то до 5 490 000 ₽?",
        "От 8 500 000 до 9 900 000 рублей",
        "Бюджет 8 903 123 ₽",
        "8 900 000 00 00 руб. — столько стоит салон?",
        "C 180 2021-2023 года, пробег до 45 000 км",
        "Кредит на 60 месяцев, взнос 1 200 000, ставка 17,9",
        "Машина WDD205-001 ещё есть?",
        "VIN W1N4632761X412345 — какая цена?",
        "Звонил вам на +7 495 000-00-00, не ответили",
        "Ваш телефон 8 (495) 000 00 00?",
        "Написал на info@salon.example",
        "Артикул 1234 5678 9012 3456",
        "Меня зовут на встречу, успею до 21:00?",
        "Как тебя зовут?",
        "Model name: GLE 450",
        "GLE 450 или GLC 300, 4MATIC, 2.0 л, 258 л.с.",
        "Работаете 31.12.2026 с 10:00 до 15:00?",
        "Цены 5490000 6490000 7490000",
        "Сравни 4 500 000 5 500 000 6 500 000 7 500 000",
        "Нужен ли паспорт на тест-драйв, если бюджет 12 500 000 ₽?",
        "Паспорт и взнос 4 510 123 рублей, 2021 год",
        "По паспорту ТС 4510 л, паспорт 1000000000 ₽",
        "Паспорт на машину WDD205-001 есть?",
        "Артикул 123-456-789 01",
        "Заказ 4510 123456",
        "Код 7707083893",
        "Картой можно 4 500 000 за C 180?",
        "На картинке 1234 5678 9012 3456",
        "Есть карта лояльности, пробег 45 000 км, 2023 год?",
        "СНИЛС нужен для кредита на 12 500 000?",
        "ИНН нужен? Кредит 4500000 на 60 месяцев",
    ],
)
def test_prices_years_models_vins_and_the_salons_own_contacts_stay(text: str) -> None:
    masked = mask(text, keep=SALON)
    assert masked.text == text
    assert masked.found == ()


def test_an_id_of_the_stock_stays_even_if_it_looks_like_a_phone() -> None:
    assert mask("Покажи 89031234567", keep=("89031234567",)).text == "Покажи 89031234567"
    assert mask("Покажи 89031234567").text == "Покажи [телефон]"


@given(st.text())
def test_any_text_is_masked_without_an_error_and_finds_do_not_overlap(text: str) -> None:
    masked = mask(text, keep=SALON)
    ends = [0, *(span.end for span in masked.found)]
    assert all(end <= span.start < span.end for end, span in zip(ends, masked.found, strict=False))


@given(st.from_regex(r"[а-я ]{0,20}8 9[0-9]{2} [0-9]{3} [0-9]{2} [0-9]{2}", fullmatch=True))
def test_no_mobile_number_survives_masking(text: str) -> None:
    digits = "".join(char for char in text if char.isdigit())
    assert digits not in "".join(char for char in mask(text).text if char.isdigit())
