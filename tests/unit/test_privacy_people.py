"""Names, addresses, plates and dates of birth in a visitor's words; and what the salon itself makes public."""

from pathlib import Path

import pytest

from chains.privacy import TYPES, Known, find, known_of, mask
from stores.passages import Passage
from stores.salon import Salon, load_salon

SAMPLE = Path(__file__).parents[2] / "assets" / "salon"
ARTICLE = "Сакити Тойода делал ткацкие станки, а его сын Киитиро Тойода построил автомобиль. Рядом жила Мидори Сато."


@pytest.fixture(scope="module")
def salon() -> Salon:
    return load_salon(SAMPLE)


@pytest.fixture(scope="module")
def known(salon: Salon) -> Known:
    passages = [Passage("wiki:1:0", "wiki", "История", ARTICLE)]
    return known_of(
        salon, models=("GLE 450 4MATIC",), ids=("WDD2050051R123456", "A200-001"), passages=passages
    )


def found(text: str, known: Known) -> list[tuple[str, str]]:
    return [(TYPES[span.kind], text[span.start : span.end]) for span in find(text, known)]


@pytest.mark.parametrize(
    "text, name",
    [
        ("Передайте Розе Львовне, что я заеду", "Розе Львовне"),
        ("а Лев сегодня работает?", "Лев"),
        ("Вера просила перезвонить", "Вера"),
        ("позвоните Димке, он за рулём", "Димке"),
        ("меня зовут сергей", "сергей"),
        ("сергей", "сергей"),
        ("Петров А. С. приедет завтра", "Петров А. С."),
        ("договор на А.С. Петрова", "А.С. Петрова"),
        ("Клиент В. П. Сомов ждёт", "В. П. Сомов"),
        ("Меня зовут Гюльчатай, есть ли A 200?", "Гюльчатай"),
        ("говорил с анной кузнецовой вчера", "анной кузнецовой"),
        ("I'm John Smith and I'd like a car", "John Smith"),
        ("call me Bob", "Bob"),
        ("This is Kate speaking", "Kate"),
        ("Ask for Mr. Thompson", "Thompson"),
        ("Sergey Kuznetsov will come instead", "Sergey Kuznetsov"),
        ("Rose will pick up the car", "Rose"),
    ],
)
def test_names_are_found_declined_shortened_or_ordinary_words(text: str, name: str, known: Known) -> None:
    assert found(text, known) == [("PERSON", name)]


@pytest.mark.parametrize(
    "text",
    [
        "роза ветров на капоте",
        "лев на эмблеме у какой марки?",
        "Надежда умирает последней",
        "Вера в марку не пропала",
        "Работаете 9 мая?",
        "доставка во Владимир сколько стоит?",
        "салон на улице Гагарина?",
        "мне авто жене в подарок",
        "Лада Веста против Октавии",
        "Кто такой Карл Бенц?",
        "Карлом Бенцем и Готтлибом Даймлером",
        "почему машину назвали в честь Мерседес Еллинек?",
        "Who was Gottlieb Daimler?",
        "Чем известен Киитиро Тойода?",
        "что построил Тойода?",
        "что делала Мидори Сато?",
        "I'm interested in a GLE 450",
        "will you be open on May 9?",
        "Хочу Mercedes Benz Citan или Lincoln Navigator",
    ],
)
def test_words_cars_streets_and_people_of_history_are_nobodys_data(text: str, known: Known) -> None:
    assert found(text, known) == []


@pytest.mark.parametrize(
    "text, type_, datum",
    [
        ("живу на Тверской 15, далеко?", "ADDRESS", "Тверской 15"),
        ("доставьте на ул. Ленина, д. 5, кв. 12.", "ADDRESS", "ул. Ленина, д. 5, кв. 12"),
        ("адрес г. Казань, ул. Баумана, д. 10", "ADDRESS", "г. Казань, ул. Баумана, д. 10"),
        ("живу на ул. 8 Марта, 12", "ADDRESS", "ул. 8 Марта, 12"),
        ("I live at 12 Baker Street, apt 4", "ADDRESS", "12 Baker Street, apt 4"),
        ("родился 12.03.1985, стаж 15 лет", "BIRTHDATE", "12.03.1985"),
        ("дата рождения 5 мая 1990", "BIRTHDATE", "5 мая 1990"),
        ("born on 3 March 1988", "BIRTHDATE", "3 March 1988"),
        ("DOB 12/05/1979", "BIRTHDATE", "12/05/1979"),
        ("госномер А123ВС77", "PLATE", "А123ВС77"),
        ("а 123 вс 777 запишите", "PLATE", "а 123 вс 777"),
        ("A123BC77 is mine", "PLATE", "A123BC77"),
        ("мой вин XTA219010K0001234", "VIN_CLIENT", "XTA219010K0001234"),
        ("+7 (495) 111-22-33, доб. 101", "PHONE", "+7 (495) 111-22-33"),
    ],
)
def test_addresses_dates_plates_and_vins_are_found_exactly(
    text: str, type_: str, datum: str, known: Known
) -> None:
    assert found(text, known) == [(type_, datum)]


@pytest.mark.parametrize(
    "text",
    [
        "VIN WDD2050051R123456 проверите?",
        "vin wdd2050051r123456",
        "А200-001 есть?",
        "вы на Примерном проспекте, 1?",
        "ИНН 7700000000 ваш?",
        "тест-драйв 12.03.2027 в 10:00",
        "Машина 1998 года, возьмёте?",
        "шоссе 25 км от МКАД",
        "с 300 км 20 минут",
        "с180 на 24 ноября",
        "тест-драйв C 180 на 24 ноября",
    ],
)
def test_stock_the_salons_contacts_and_dates_of_visits_stay(text: str, known: Known) -> None:
    assert found(text, known) == []


def test_a_vin_outside_the_stock_is_a_visitors(known: Known) -> None:
    assert found("VIN WDD2050051R123456 проверите?", known.with_ids(["A200-001"])) == [
        ("VIN_CLIENT", "WDD2050051R123456")
    ]


def test_each_kind_has_a_word_in_both_languages() -> None:
    text = "Петров Иван Ильич, 12.03.1985, ул. Ленина, д. 5, госномер А123ВС77, VIN XTA219010K0001234"
    assert mask(text).text == "[имя], [дата рождения], [адрес], госномер [госномер], VIN [VIN]"
    assert mask("I am John Smith, I live at 12 Baker Street, plate A123BC77").text == (
        "I am [name], I live at [address], plate [number plate]"
    )


def test_a_long_text_is_searched_through_and_nothing_is_cut_at_a_window() -> None:
    phone = "8 916 000-11-22"
    text = "слово и дело " * 300 + f"тел. {phone} " + "ещё слова " * 800 + f"Пишите {phone}"
    places = [(span.start, text[span.start : span.end]) for span in find(text)]
    assert places == [(text.index(phone), phone), (text.rindex(phone), phone)]


@pytest.mark.parametrize(
    "text, name",
    [
        ("надежда из бухгалтерии сказала, что оплата прошла", "надежда"),
        ("Гусева моя фамилия, бронь на субботу", "Гусева"),
        ("Заявка: Роза, +7 900 000-00-33", "Роза"),
        ("Спасибо за ответ!\nЛев", "Лев"),
        ("Grace from finance told me 6.9%", "Grace"),
    ],
)
def test_a_name_that_is_a_word_too_is_found_by_what_stands_around_it(text: str, name: str) -> None:
    assert ("PERSON", name) in found(text, Known())


@pytest.mark.parametrize(
    "text", ["надежда на скидку ещё есть?", "любовь с первого взгляда к GLE", "joy to drive"]
)
def test_the_same_words_without_such_signs_are_no_names(text: str, known: Known) -> None:
    assert found(text, known) == []


def test_what_the_brochure_gives_as_the_salons_own_stays(salon: Salon) -> None:
    brochure = Passage(
        "legend:1", "legend", "Сервис", "Звоните в сервис: +7 495 000-00-77, улица Клубная, 5."
    )
    known = known_of(salon, passages=[brochure])
    assert found("телефон +7 495 000-00-77 не отвечает", known) == []
    assert found("телефон +7 495 000-00-77 не отвечает", known_of(salon)) != []


def test_a_first_name_of_the_brands_history_stays_until_somebody_bears_it(known: Known) -> None:
    assert found("Зачем Берта взяла с собой сыновей?", known) == []
    assert found("Меня зовут Берта", known) == [("PERSON", "Берта")]


def test_a_text_too_long_to_search_is_not_kept_beyond_what_was_searched() -> None:
    text = "слово " * 10_000 + "Меня зовут Вера, +7 900 000-00-01"
    assert "000-00-01" not in mask(text).text


def test_a_passport_said_in_words_is_found() -> None:
    text = "паспорт серия пятьдесят двенадцать номер сто двадцать три четыреста пятьдесят шесть"
    assert [kind for kind, _ in found(text, Known())] == ["PASSPORT"]


def test_repeated_words_of_an_address_are_searched_at_once() -> None:
    assert found("собака точка " * 150, Known()) == []
