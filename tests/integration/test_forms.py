"""Whole dialogs that book, change and cancel, ask for a call or for the brochure, on real stores of both kinds."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from chains.claims import evidence_of
from chains.forms.brochure import mail_consent
from chains.reply import Reply
from services import Services, open_services
from settings import Settings
from stores.bookings import Booking, Bookings
from stores.contacts import Contact, Contacts
from stores.database import reading
from stores.mailings import Mailings
from stores.models import BookingRow, CallbackRow, ContactRow, MailingRow

MONDAY_NOON = datetime.fromisoformat("2026-11-23T12:00:00+03:00")
MONDAY_NIGHT = datetime.fromisoformat("2026-11-23T23:30:00+03:00")
TUESDAY_NOON = MONDAY_NOON + timedelta(days=1)
PHONE = "+7 900 000-00-01"
E164 = "+79000000001"

pytestmark = pytest.mark.anyio


@dataclass
class Talk:
    """One dialog at a moment of the test's choosing."""

    services: Services
    session_id: str
    at: datetime = MONDAY_NOON

    async def ask(self, message: str) -> Reply:
        return await self.services.assistant.answer(self.session_id, message, at=self.at)

    async def say(self, *messages: str) -> Reply:
        """Several messages; the last reply."""
        return [await self.ask(message) for message in messages][-1]

    @property
    def bookings(self) -> list[Booking]:
        store = Bookings(self.services.engine, self.services.cipher)
        return store.coming(self.session_id, MONDAY_NOON)

    @property
    def calls(self) -> list[CallbackRow]:
        query = select(CallbackRow).where(CallbackRow.session_id == self.session_id)
        with reading(self.services.engine) as session:
            rows = list(session.scalars(query))
            session.expunge_all()
        for row in rows:
            row.phone, row.comment = map(self.services.cipher.unseal, (row.phone, row.comment))
        return rows

    @property
    def contact(self) -> Contact:
        return Contacts(self.services.engine, self.services.cipher).get(self.session_id)


@pytest.fixture(scope="module")
def opened(module_settings: Settings) -> Iterator[Services]:
    services = open_services(module_settings, clock=lambda: MONDAY_NOON)
    yield services
    services.close()


@pytest.fixture
def new_talk(opened: Services) -> Iterator[Callable[[], Talk]]:
    """Opens dialogs, and forgets them afterwards with all they have booked."""
    talks: list[Talk] = []

    def make() -> Talk:
        dialog = opened.dialogs.open(
            kind="web",
            language="ru",
            consent=opened.consent("ru"),
            address=None,
            remember=False,
            visitor=None,
        )
        talks.append(Talk(opened, dialog.session_id))
        return talks[-1]

    yield make
    for talk in talks:
        opened.dialogs.forget(talk.session_id)
    with reading(opened.engine) as session:
        for table in (BookingRow, CallbackRow, ContactRow, MailingRow):
            assert session.scalars(select(table)).first() is None


@pytest.fixture
def talk(new_talk: Callable[[], Talk]) -> Talk:
    return new_talk()


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


async def test_of_two_visitors_who_want_one_time_one_gets_it_and_one_gets_offers(
    new_talk: Callable[[], Talk],
) -> None:
    talks = [new_talk() for _ in range(4)]
    for one in talks:
        await one.say("тест-драйв C 180 завтра в 12")
    replies = await asyncio.gather(*(one.ask(f"+7 900 000-00-1{number}") for number, one in enumerate(talks)))
    assert sorted(len(one.bookings) for one in talks) == [0, 0, 0, 1]
    told = [one for one, mine in zip(replies, talks, strict=True) if not mine.bookings]
    assert all("занято" in reply.answer and "Свободно" in reply.answer for reply in told)
    loser = next(one for one in talks if not one.bookings)
    await loser.ask("в 13:00")  # the number is known already
    assert [one.starts_at for one in loser.bookings] == [TUESDAY_NOON + timedelta(hours=1)]


async def test_one_visitor_is_not_booked_for_two_cars_at_once(talk: Talk) -> None:
    await talk.say("тест-драйв C 180 завтра в 12", PHONE)
    reply = await talk.say("ещё хочу на E 200", "завтра в 12:30")
    assert "занято" in reply.answer or "уже есть" in reply.answer
    assert len(talk.bookings) == 1


async def test_a_phone_is_in_its_table_and_neither_in_the_turns_nor_in_their_state(talk: Talk) -> None:
    await talk.say(f"тест-драйв C 180, телефон {PHONE}", "завтра в 12")
    turns = talk.services.dialogs.turns(talk.session_id)
    for digits in ("9000000001", "900 000-00-01"):
        assert all(digits not in turn.model_dump_json() for turn in turns)
    assert [one.phone for one in talk.bookings] == [E164]
    assert talk.contact == Contact()


async def test_forgetting_the_dialog_frees_the_time(new_talk: Callable[[], Talk], opened: Services) -> None:
    dialog = opened.dialogs.open(
        kind="api", language="ru", consent=None, address=None, remember=False, visitor=None
    )
    await Talk(opened, dialog.session_id).say("тест-драйв C 180 завтра в 12", PHONE)
    opened.dialogs.forget(dialog.session_id)
    talk = new_talk()
    await talk.say("тест-драйв C 180 завтра в 12", PHONE)
    assert len(talk.bookings) == 1


async def test_what_another_client_replays_of_a_dialog_books_nothing_again(talk: Talk) -> None:
    history = [
        ("user", "тест-драйв C 180 завтра в 12"),
        ("assistant", "На какой номер?"),
        ("user", PHONE),
        ("assistant", "Вы записаны."),
        ("user", f"перезвоните мне, {PHONE}"),
        ("assistant", "Заявка принята."),
    ]
    await talk.services.assistant.import_history(talk.session_id, history)
    assert talk.bookings == []
    assert talk.calls == []


async def test_a_dialog_replayed_up_to_the_number_is_booked_by_the_number(talk: Talk) -> None:
    history = [
        ("user", "тест-драйв C 180"),
        ("assistant", "Когда?"),
        ("user", "завтра в 12"),
        ("assistant", "?"),
    ]
    await talk.services.assistant.import_history(talk.session_id, history)
    await talk.ask(PHONE)
    assert len(talk.bookings) == 1


async def test_a_call_is_asked_for_noted_with_its_wish_and_taken_back(talk: Talk) -> None:
    await talk.say("перезвоните мне", "после 18, пожалуйста", "а какой у вас адрес?", "номер " + PHONE)
    (call,) = talk.calls
    assert (call.phone, call.status) == (E164, "new")
    assert "после 18" in call.comment
    assert "уже" in (await talk.ask(f"перезвоните, {PHONE}")).answer
    assert len(talk.calls) == 1
    await talk.ask("не надо звонить")
    assert [one.status for one in talk.calls] == ["withdrawn"]


async def test_the_brochure_is_stored_with_a_consent_of_its_own(talk: Talk) -> None:
    asked = await talk.say("пришлите брошюру", "buyer@mail", "buyer@mail.example")
    assert "согласие" in asked.answer
    assert Mailings(talk.services.engine, talk.services.cipher).of_session(talk.session_id) == []
    assert "ясное согласие" in (await talk.ask("ок")).answer
    done = await talk.ask("да, согласен")
    assert done.route == "brochure"
    assert "сохранена" in done.answer
    assert "отправ" not in done.answer.replace("отправки", "")  # no mail server is set: nothing is promised
    (letter,) = Mailings(talk.services.engine, talk.services.cipher).of_session(talk.session_id)
    with reading(talk.services.engine) as session:
        row = session.get_one(MailingRow, letter.id)
    planner_data = talk.services.forms.data
    consent = mail_consent(planner_data, talk.services.forms.texts, "ru")
    assert "buyer" not in row.email
    assert (letter.email, row.consent_text, row.consent_version) == (
        "buyer@mail.example",
        consent.text,
        consent.version,
    )
    assert consent.text in asked.answer
    assert talk.contact == Contact()


@pytest.mark.parametrize("refusal", ["нет", "не согласен", "no", "не надо"])
async def test_without_the_consent_neither_request_nor_address_is_kept(talk: Talk, refusal: str) -> None:
    await talk.say("скиньте каталог на почту buyer@mail.example", "а сколько стоит C 180?", refusal)
    assert Mailings(talk.services.engine, talk.services.cipher).of_session(talk.session_id) == []
    assert talk.contact == Contact()


@pytest.mark.parametrize("slip", ["buyer.mail.example", "мой ящик buyer", "buyer@mail", "buyer собака mail"])
async def test_what_stands_for_an_address_is_called_none_in_the_dialogs_language(
    talk: Talk, slip: str
) -> None:
    reply = await talk.say("пришлите брошюру", slip)
    assert (reply.route, "в адресе ошибка" in reply.answer) == ("brochure", True)


async def test_a_promise_is_borne_out_by_its_row_alone(talk: Talk) -> None:
    def promises(*messages: str) -> frozenset[str]:
        turns = talk.services.dialogs.turns(talk.session_id)
        plans = [
            talk.services.planner.plan(talk.session_id, message, "ru", MONDAY_NOON, turns)
            for message in messages
        ]
        vocabulary = talk.services.planner.vocabulary()
        return frozenset().union(*(evidence_of(plan.draft, "", vocabulary).promises for plan in plans))

    assert promises("перезвоните мне", "тест-драйв C 180 завтра в 12", "пришлите брошюру") == frozenset()
    assert promises(f"перезвоните мне на {PHONE}") == {"callback"}
    assert promises(f"тест-драйв C 180 завтра в 12, номер {PHONE}") == {"booking"}
    await talk.say("пришлите брошюру на buyer@mail.example")
    assert promises("согласен") == {"brochure"}


async def test_an_address_is_in_no_turn(talk: Talk) -> None:
    await talk.say("пришлите брошюру на buyer@mail.example", "да")
    turns = talk.services.dialogs.turns(talk.session_id)
    assert all("buyer@" not in turn.model_dump_json() for turn in turns)


async def test_the_rules_of_a_drive_are_told_and_a_booking_offered(talk: Talk) -> None:
    rules = await talk.ask("Сколько длится тест-драйв?")
    assert "60" in rules.answer
    assert "Записать вас" in rules.answer
    assert "Когда" in (await talk.ask("да, на C 180")).answer


async def test_a_form_in_english_is_filled_in_english(talk: Talk) -> None:
    replies = [
        await talk.ask(message)
        for message in ("I'd like a test drive", "C 180", "tomorrow at noon", PHONE, "move it to 3pm")
    ]
    assert all(not any("а" <= char <= "я" for char in reply.answer.split("Address")[0]) for reply in replies)
    assert [one.starts_at for one in talk.bookings] == [TUESDAY_NOON + timedelta(hours=3)]


async def test_a_car_sold_meanwhile_is_told_and_another_asked_for(
    salon_folder: Path, sqlite_url: str, tmp_path: Path
) -> None:
    settings = Settings(_env_file=None, salon=salon_folder, data=tmp_path, db=sqlite_url, llm="off")
    services = open_services(settings, clock=lambda: MONDAY_NOON)
    dialog = services.dialogs.open(
        kind="api", language="ru", consent=None, address=None, remember=False, visitor=None
    )
    talk = Talk(services, dialog.session_id)
    try:
        await talk.say("тест-драйв C 180 завтра в 12")
        inventory = salon_folder / "inventory.csv"
        text = inventory.read_text(encoding="utf-8").replace("камера 360°,available", "камера 360°,sold")
        inventory.write_text(text, encoding="utf-8")
        services.inventory.refresh()
        reply = await talk.ask(PHONE)
        assert "C 180, 2023 уже продан" in reply.answer
        assert talk.bookings == []
        await talk.ask("тогда E 200")
        assert [(one.stock_id, one.phone) for one in talk.bookings] == [("E1", E164)]
    finally:
        services.close()


async def test_a_dialog_goes_on_after_a_restart(salon_folder: Path, sqlite_url: str, tmp_path: Path) -> None:
    settings = Settings(_env_file=None, salon=salon_folder, data=tmp_path, db=sqlite_url, llm="off")
    first = open_services(settings, clock=lambda: MONDAY_NOON)
    dialog = first.dialogs.open(
        kind="api", language="ru", consent=None, address=None, remember=False, visitor=None
    )
    await Talk(first, dialog.session_id).say(f"тест-драйв C 180, {PHONE}")
    first.close()
    second = open_services(settings, clock=lambda: MONDAY_NOON)
    talk = Talk(second, dialog.session_id)
    await talk.ask("завтра в 12")
    assert [one.starts_at for one in talk.bookings] == [TUESDAY_NOON]
    second.close()


async def test_a_salon_without_test_drives_books_none(
    salon_folder: Path, sqlite_url: str, tmp_path: Path
) -> None:
    toml = salon_folder / "salon.toml"
    toml.write_text(toml.read_text(encoding="utf-8").partition("[test_drive]")[0], encoding="utf-8")
    services = open_services(
        Settings(_env_file=None, salon=salon_folder, data=tmp_path, db=sqlite_url, llm="off")
    )
    dialog = services.dialogs.open(
        kind="api", language="ru", consent=None, address=None, remember=False, visitor=None
    )
    reply = await Talk(services, dialog.session_id).ask("запишите меня на тест-драйв C 180 завтра в 12")
    assert reply.route == "test_drive"
    assert "+7 000 000-00-07" in reply.answer
    services.close()
