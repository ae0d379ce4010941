"""What dialogs with forms leave in the stores: calls, letters, drives of several visitors, replays and restarts."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from chains.claims import evidence_of
from chains.forms.brochure import mail_consent
from services import Services, open_services
from settings import Settings
from stores.contacts import Contact
from stores.database import reading
from stores.mailings import Mailings
from stores.models import MailingRow
from tests.integration.form_talk import (
    E164,
    MONDAY_NOON,
    PHONE,
    TUESDAY_NOON,
    Talk,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def talk(new_form_talk: Callable[[], Talk]) -> Talk:
    return new_form_talk()


async def test_of_two_visitors_who_want_one_time_one_gets_it_and_one_gets_offers(
    new_form_talk: Callable[[], Talk],
) -> None:
    talks = [new_form_talk() for _ in range(4)]
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


async def test_forgetting_the_dialog_frees_the_time(
    new_form_talk: Callable[[], Talk], form_services: Services
) -> None:
    dialog = form_services.dialogs.open(
        kind="api", language="ru", consent=None, address=None, remember=False, visitor=None
    )
    await Talk(form_services, dialog.session_id).say("тест-драйв C 180 завтра в 12", PHONE)
    form_services.forgetting.forget(dialog.session_id, cause="visitor")
    talk = new_form_talk()
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


@pytest.mark.parametrize(
    "messages, name",
    [
        ([f"{PHONE}, Игорь"], "Игорь"),
        ([f"Вера Примерова {PHONE}"], "Вера Примерова"),
        ([f"Please call me, this is Kate, {PHONE}"], "Kate"),
        ([f"Перезвоните мне. Мой номер {PHONE}. Игорь"], "Игорь"),
        ([f"Меня зовут Игорь. Перезвоните на {PHONE}, пожалуйста"], "Игорь"),
        (["Меня зовут Игорь, перезвоните мне", PHONE], "Игорь"),
        (["перезвоните мне", "Игорь", PHONE], "Игорь"),
        (["перезвоните мне", f"Игорь, {PHONE}"], "Игорь"),
        ([f"Игорь, перезвоните мне на {PHONE}"], ""),
        ([f"Перезвоните Вере на {PHONE}"], ""),
        ([PHONE], ""),
    ],
)
async def test_a_call_is_kept_with_the_name_told_beside_the_number(
    talk: Talk, messages: list[str], name: str
) -> None:
    await talk.say(*messages)
    (call,) = talk.calls
    assert (call.phone, call.name) == (E164, name)
    assert "Игорь" not in call.comment
    assert talk.contact == Contact()
    turns = talk.services.dialogs.turns(talk.session_id)
    told = " ".join(f"{turn.question} {turn.answer} {turn.state}" for turn in turns)
    assert not any(one in told for one in ("Игорь", "Вера", "Kate", "900"))


@pytest.mark.parametrize(
    "message",
    [
        "Почта buyer@mail.example, вышлите брошюру",
        "Пришлите брошюру. Почта buyer@mail.example",
        "My e-mail is buyer@mail.example, please send me the brochure",
    ],
)
async def test_an_address_beside_the_wish_for_the_brochure_is_where_it_goes(talk: Talk, message: str) -> None:
    reply = await talk.ask(message)
    assert talk.contact == Contact(email="buyer@mail.example")
    assert reply.route == "brochure"


async def test_a_number_and_a_name_alone_make_no_comment(talk: Talk) -> None:
    await talk.say(f"{PHONE}, Игорь")
    assert [call.comment for call in talk.calls] == [""]


@pytest.mark.parametrize(
    "messages",
    [
        [f"Запишите меня на тест-драйв C 180 завтра в 12, Игорь, {PHONE}"],
        ["тест-драйв C 180 завтра в 12", f"{PHONE}, Игорь"],
        ["тест-драйв C 180 завтра в 12", "Игорь", PHONE],
        [f"Тест-драйв C 180 завтра в 12. Меня зовут Игорь. Телефон {PHONE}"],
    ],
)
async def test_a_drive_is_booked_with_the_name_told_beside_the_number(
    talk: Talk, messages: list[str]
) -> None:
    await talk.say(*messages)
    assert [(one.phone, one.name) for one in talk.bookings] == [(E164, "Игорь")]


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
