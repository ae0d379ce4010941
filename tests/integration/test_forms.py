"""Whole dialogs that book, change and cancel test drives, on real stores of both kinds."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from stores.contacts import Contact
from tests.integration.form_talk import E164, MONDAY_NIGHT, PHONE, TUESDAY_NOON, Talk

pytestmark = pytest.mark.anyio


@pytest.fixture
def talk(new_form_talk: Callable[[], Talk]) -> Talk:
    return new_form_talk()


async def test_a_drive_is_booked_by_asking_for_what_is_missing(talk: Talk) -> None:
    assert "автомобиль" in (await talk.ask("Хочу записаться на тест-драйв")).answer
    assert "Когда" in (await talk.ask("на C 180")).answer
    asked = await talk.ask("завтра в 12")
    assert "телефон" in asked.answer
    assert talk.bookings == []
    done = await talk.ask(PHONE)
    (booking,) = talk.bookings
    assert (booking.stock_id, booking.starts_at, booking.phone) == ("C1", TUESDAY_NOON, E164)
    assert done.route == asked.route == "test_drive"
    assert (done.cars, done.cars_total) == ([], 0)
    for part in ("записаны", "C 180", "вторник, 24 ноября, 12:00", "Проверочная улица, 7", "от 2 лет"):
        assert part in done.answer


@pytest.mark.parametrize(
    "message",
    [
        f"Запишите меня на тест-драйв C 180 завтра в 12, телефон {PHONE}",
        f"тест-драйв с180 на 24 ноября в 12:00. мой номер {PHONE}",
        f"Book a test drive of the C 180 tomorrow at noon, my phone is {PHONE}",
    ],
)
async def test_a_message_that_says_everything_books_at_once(talk: Talk, message: str) -> None:
    await talk.ask(message)
    assert [(one.stock_id, one.starts_at) for one in talk.bookings] == [("C1", TUESDAY_NOON)]


async def test_no_answer_says_booked_before_the_row_is_there(talk: Talk) -> None:
    for message in ("тест-драйв E 200", "завтра в 15", "привет", "нет"):
        reply = await talk.ask(message)
        assert "записаны" not in reply.answer.lower()
    assert talk.bookings == []


async def test_several_cars_are_asked_back_and_chosen_by_their_place(talk: Talk) -> None:
    asked = await talk.ask("хочу тест-драйв S-класса завтра в 12")
    assert "1. " in asked.answer
    assert "2. " in asked.answer
    await talk.say("вторую", PHONE)
    (booking,) = talk.bookings
    assert booking.car in asked.answer.splitlines()[2]


async def test_whoever_answers_a_list_with_a_time_gets_the_first_car_and_is_told(talk: Talk) -> None:
    await talk.ask("хочу тест-драйв S-класса")
    assert "первый из подходящих" in (await talk.ask("завтра в 12")).answer


async def test_a_car_shown_before_can_be_pointed_at(talk: Talk) -> None:
    await talk.ask("Есть GLC?")
    assert "GLC 300" in (await talk.ask("запишите меня на неё на завтра в 11")).answer


async def test_interrupting_questions_are_answered_and_the_form_goes_on(talk: Talk) -> None:
    await talk.say("тест-драйв GLC 300")
    price = await talk.ask("а сколько он стоит?")
    assert "7 400 000 ₽" in price.answer
    assert "осталось выбрать время" in price.answer
    hours = await talk.ask("до скольки вы работаете в воскресенье?")
    assert "18:00" in hours.answer
    assert "осталось выбрать время" in hours.answer
    third = await talk.ask("Где вы находитесь?")
    assert "осталось" not in third.answer  # twice in a row is enough
    await talk.say("завтра в 12", PHONE)
    assert [one.stock_id for one in talk.bookings] == ["GLC1"]


async def test_a_form_is_dropped_without_a_word_after_long_other_talk(talk: Talk) -> None:
    await talk.say("тест-драйв GLC 300", *["сколько стоит S 500?"] * 9)
    assert "form" not in str((await talk.ask("привет")).answer)
    turns = talk.services.dialogs.turns(talk.session_id)
    assert turns[-1].state["form"] is None


@pytest.mark.parametrize("word", ["отмена", "не надо", "передумал", "позже", "never mind", "cancel"])
async def test_a_form_is_closed_by_a_word_and_keeps_nothing(talk: Talk, word: str) -> None:
    await talk.say(f"тест-драйв C 180, телефон {PHONE}")
    assert talk.contact.phone == E164
    await talk.ask(word)
    assert talk.contact == Contact()
    assert talk.services.dialogs.turns(talk.session_id)[-1].state["form"] is None


async def test_a_changed_mind_before_the_booking_changes_what_is_booked(talk: Talk) -> None:
    await talk.say("тест-драйв C 180 завтра в 12", "нет, лучше E 200", "а лучше в 15:00", PHONE)
    (booking,) = talk.bookings
    assert (booking.stock_id, booking.starts_at) == ("E1", TUESDAY_NOON + timedelta(hours=3))


async def test_a_booking_is_moved_given_another_car_and_cancelled(talk: Talk) -> None:
    await talk.say("тест-драйв C 180 завтра в 12", PHONE)
    moved = await talk.ask("перенеси на 15:00")
    assert "15:00" in moved.answer
    (booking,) = talk.bookings
    assert booking.starts_at == TUESDAY_NOON + timedelta(hours=3)
    swapped = await talk.say("можно другую машину?", "E 200")
    assert "E 200" in swapped.answer
    (changed,) = talk.bookings
    assert (changed.id, changed.stock_id, changed.starts_at) == (booking.id, "E1", booking.starts_at)
    assert "E 200" in (await talk.ask("когда у меня тест-драйв?")).answer
    assert "отменена" in (await talk.ask("отмени запись")).answer
    assert talk.bookings == []
    assert "нет" in (await talk.ask("отмени запись")).answer


async def test_a_booking_is_moved_by_hours_and_to_another_day(talk: Talk) -> None:
    await talk.say("тест-драйв C 180 в среду в 12", PHONE, "перенеси на час позже")
    assert [one.starts_at for one in talk.bookings] == [TUESDAY_NOON + timedelta(days=1, hours=1)]
    await talk.ask("ой, в среду не получится, давайте в четверг")
    assert [one.starts_at for one in talk.bookings] == [TUESDAY_NOON + timedelta(days=2, hours=1)]


@pytest.mark.parametrize("word", ["не надо", "потом", "forget it", "нет", "не нужно, спасибо"])
async def test_a_stored_booking_is_cancelled_by_nothing_less_than_cancel(talk: Talk, word: str) -> None:
    await talk.say("тест-драйв C 180 завтра в 12", PHONE, word)
    assert len(talk.bookings) == 1


@pytest.mark.parametrize("word", ["отмена", "я передумал, отмените", "cancel", "не смогу приехать"])
async def test_right_after_a_booking_a_word_cancels_it(talk: Talk, word: str) -> None:
    await talk.say("тест-драйв C 180 завтра в 12", PHONE, word)
    assert talk.bookings == []


async def test_a_car_that_is_reserved_is_said_to_be_and_others_are_named(talk: Talk) -> None:
    reply = await talk.ask("хочу тест-драйв E 220 d завтра в 12")
    assert "забронирован" in reply.answer
    assert "E 200" in reply.answer


async def test_a_cars_name_alone_changes_no_language(talk: Talk) -> None:
    reply = await talk.say("запишите на тест-драйв", "Maybach")
    assert "Когда" in reply.answer


async def test_a_wrong_number_is_put_right_after_the_booking(talk: Talk) -> None:
    await talk.say("тест-драйв C 180 завтра в 12", PHONE, "перепутал телефон, запишите +7 900 000-00-02")
    assert [one.phone for one in talk.bookings] == ["+79000000002"]
    assert talk.calls == []


async def test_a_model_and_a_year_beside_a_date_are_no_misspelt_number(talk: Talk) -> None:
    await talk.say("тест-драйв C 180 2023 белый, 24.11 в 12.00", PHONE)
    assert [one.starts_at for one in talk.bookings] == [TUESDAY_NOON]


async def test_whoever_gives_no_number_is_told_what_it_is_for(talk: Talk) -> None:
    await talk.say("тест-драйв C 180 завтра в 12")
    for message in ("нет", "а можно без телефона?", "не скажу"):
        assert "Без номера" in (await talk.ask(message)).answer


async def test_what_to_bring_is_told_at_any_time(talk: Talk) -> None:
    await talk.say("тест-драйв C 180 завтра в 12")
    for message in ("а что с собой взять?", PHONE, "что нужно взять с собой?"):
        assert "удостоверение" in (await talk.ask(message)).answer


async def test_the_number_to_call_beside_a_drive_is_the_drives(talk: Talk) -> None:
    await talk.ask(f"C 180 test drive, tomorrow 12:00, call me at {PHONE}")
    assert [one.phone for one in talk.bookings] == [E164]
    assert talk.calls == []


async def test_a_form_filled_in_by_labels_is_read_and_changes_no_language(talk: Talk) -> None:
    reply = await talk.say("тест-драйв C 180 завтра в 12", f"Phone: {PHONE}")
    assert "Вы записаны" in reply.answer
    assert [one.starts_at for one in talk.bookings] == [TUESDAY_NOON]


async def test_a_number_beside_a_question_on_cars_leaves_neither_out(talk: Talk) -> None:
    reply = await talk.ask(f"мой телефон {PHONE}, а есть ли у вас GLC?")
    assert "7 400 000 ₽" in reply.answer
    assert "номер записан" in reply.answer
    assert len(talk.calls) == 1


async def test_talk_of_tomorrow_does_not_move_a_booking(talk: Talk) -> None:
    await talk.say("тест-драйв C 180 в среду в 12", PHONE)
    await talk.say("завтра позвоню", "спасибо", "а завтра вы работаете?")
    assert [one.starts_at for one in talk.bookings] == [TUESDAY_NOON + timedelta(days=1)]


async def test_a_second_drive_is_a_booking_of_its_own(talk: Talk) -> None:
    await talk.say("тест-драйв C 180 завтра в 12", PHONE, "ещё хочу на E 200", "завтра в 13:00")
    assert {(one.stock_id, one.starts_at) for one in talk.bookings} == {
        ("C1", TUESDAY_NOON),
        ("E1", TUESDAY_NOON + timedelta(hours=1)),
    }


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ("в субботу в 12", "закрыт"),
        ("в воскресенье в 17:30", "с 10:00 до 18:00"),
        ("сегодня в 12:10", "Так скоро"),
        ("сегодня в 9 утра", "прошло"),
        ("20 ноября в 12", "прошло"),
        ("через два месяца в 12", "30"),
        ("31 ноября", "Такой даты"),
        ("завтра в 3 часа ночи", "с 09:00 до 21:00"),
    ],
)
async def test_a_time_that_cannot_be_had_is_explained(talk: Talk, wish: str, why: str) -> None:
    reply = await talk.say("тест-драйв C 180", wish)
    assert why in reply.answer
    assert "Свободно" in reply.answer
    assert talk.bookings == []


async def test_digits_and_words_that_are_no_number_are_told_and_the_form_stays(talk: Talk) -> None:
    await talk.say("тест-драйв C 180 завтра в 12")
    for wrong in ("8900000", "восемь девятьсот", "12345678901234"):
        assert "ошибка" in (await talk.ask(wrong)).answer
    await talk.ask(PHONE)
    assert len(talk.bookings) == 1


async def test_at_night_a_drive_is_booked_but_no_call_is_taken(talk: Talk) -> None:
    talk.at = MONDAY_NIGHT
    await talk.say("тест-драйв C 180 завтра в 12", PHONE)
    assert len(talk.bookings) == 1
    reply = await talk.say("перезвоните мне", PHONE)
    assert reply.route == "callback"
    assert "09:00" in reply.answer
    assert talk.calls == []
