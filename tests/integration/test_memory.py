"""What is remembered of visitors who agreed to it, from dialog to dialog, on real stores of both kinds."""

import json
import re
from dataclasses import dataclass
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chains.reply import Reply
from services import Services
from stores.errors import VisitorNotFound
from stores.visitors import Visitors

MONDAY_NOON = datetime.fromisoformat("2026-11-23T12:00:00+03:00")

pytestmark = pytest.mark.anyio


@dataclass
class Guest:
    """A visitor with a browser that keeps their token; `token` is None until they are remembered."""

    services: Services
    token: str | None = None
    session_id: str = ""

    def come(self, *, remember: bool = False, language: str = "ru") -> "Guest":
        """Open another dialog."""
        dialog = self.services.dialogs.open(
            kind="web",
            language=language,
            consent=self.services.consent("ru"),
            address=None,
            remember=remember,
            visitor=self.token,
        )
        self.token, self.session_id = dialog.visitor, dialog.session_id
        return self

    async def ask(self, message: str) -> Reply:
        return await self.services.assistant.answer(self.session_id, message, at=MONDAY_NOON)

    def memory(self) -> dict[str, object]:
        return Visitors(self.services.engine).get(self.token or "").memory


@pytest.fixture
def guest(services: Services) -> Guest:
    return Guest(services)


async def test_a_wish_is_found_again_in_the_next_dialog(guest: Guest) -> None:
    guest.come(remember=True)
    await guest.ask("Покажите E-класс до 7 млн")
    guest.come()
    greeting = await guest.ask("Здравствуйте!")
    assert "E-класс, до 7 000 000 ₽" in greeting.answer
    reply = await guest.ask("да")
    assert (reply.route, reply.cars, reply.cars_total) == ("inventory", ["E1"], 1)


async def test_the_offer_of_the_page_is_taken_up_by_the_first_message(guest: Guest) -> None:
    guest.come(remember=True)
    await guest.ask("Есть кроссоверы до 8 млн?")
    for yes in ("да", "покажите, что есть сейчас"):
        assert (await guest.come().ask(yes)).cars == ["GLC1"]
    assert (await guest.come().ask("да, но до 7 млн")).cars_total == 0
    assert (await guest.come().ask("Есть C 180?")).cars == ["C1"]
    declined = await guest.come().ask("нет, спасибо")
    assert (declined.route, declined.cars) == ("smalltalk", [])


async def test_an_offer_holds_for_the_next_message_only(guest: Guest) -> None:
    guest.come(remember=True)
    await guest.ask("Есть E-класс?")
    guest.come()
    await guest.ask("Привет")
    await guest.ask("Какой у вас телефон?")
    assert (await guest.ask("да")).route != "inventory"


@pytest.mark.parametrize("question", ["Что я искал в прошлый раз?", "помнишь, что я смотрел?"])
async def test_a_visitor_is_told_what_they_looked_for(guest: Guest, question: str) -> None:
    guest.come(remember=True)
    await guest.ask("Есть дизельный GLE до 10 миллионов?")
    reply = await guest.come().ask(question)
    assert "GLE" in reply.answer
    assert "дизель" in reply.answer
    assert "10 000 000 ₽" in reply.answer
    assert (await guest.ask("покажи")).cars == ["GLE1"]


async def test_a_question_about_memory_is_answered_beside_a_greeting(guest: Guest) -> None:
    guest.come(remember=True)
    await guest.ask("Есть E-класс?")
    guest.come()
    await guest.ask("Есть C 180?")
    assert "E-класс" in (await guest.ask("Спасибо! А что я искал в прошлый раз?")).answer


async def test_memory_is_told_in_the_language_of_the_question(guest: Guest) -> None:
    guest.come(remember=True)
    await guest.ask("Есть E-класс до 7 млн?")
    reply = await guest.come(language="en").ask("What was I looking for last time?")
    assert "E-Class, up to 7 000 000 ₽" in reply.answer
    assert (await guest.ask("yes, show me")).cars == ["E1"]


async def test_a_narrower_wish_takes_the_place_of_the_wider_one_of_its_dialog(guest: Guest) -> None:
    guest.come(remember=True)
    await guest.ask("Есть кроссоверы?")
    await guest.ask("а белые?")
    await guest.ask("Какой у вас адрес?")
    await guest.ask("Есть S-класс?")
    token = guest.token or ""
    known = guest.services.remembering.wishes(token)
    assert guest.services.remembering.in_words(known, "ru") == "S-класс; внедорожник, белый"


async def test_one_car_pointed_at_is_no_wish(guest: Guest) -> None:
    guest.come(remember=True)
    await guest.ask("Есть C-класс?")
    await guest.ask("Сколько стоит вторая?")
    (wish,) = guest.services.remembering.wishes(guest.token or "")
    assert wish.cars.classes == ("C",)


async def test_nothing_is_kept_of_a_visitor_who_did_not_ask_for_it(guest: Guest) -> None:
    guest.come()
    await guest.ask("Есть E-класс до 7 млн?")
    assert guest.token is None
    reply = await guest.come().ask("Что я искал в прошлый раз?")
    assert "без вашего согласия" in reply.answer
    assert "E-класс" not in reply.answer
    assert (await guest.come().ask("да")).route != "inventory"


@pytest.mark.parametrize("wish", ["забудь меня", "Удалите мои данные о предпочтениях", "forget me"])
async def test_a_visitor_is_forgotten_at_their_word(guest: Guest, wish: str) -> None:
    guest.come(remember=True)
    await guest.ask("Есть E-класс?")
    token = guest.token or ""
    reply = await guest.ask(wish)
    assert (reply.route, reply.blocked) == ("smalltalk", False)
    with pytest.raises(VisitorNotFound):
        guest.services.remembering.wishes(token)
    await guest.ask("Есть C 180?")
    guest.come()
    assert guest.token is None
    assert "E-класс" not in (await guest.ask("Здравствуйте")).answer


async def test_deleting_the_dialog_forgets_its_visitor(guest: Guest) -> None:
    guest.come(remember=True)
    await guest.ask("Есть E-класс?")
    guest.services.forgetting.forget(guest.session_id, cause="visitor")
    with pytest.raises(VisitorNotFound):
        guest.memory()


async def test_what_was_asked_in_this_dialog_is_told_without_any_consent(guest: Guest) -> None:
    guest.come()
    await guest.ask("Есть C 180?")
    await guest.ask("Какой платёж по кредиту?")
    reply = await guest.ask("напомни, что мы смотрели?")
    assert "C 180" in reply.answer
    assert "о цене и кредите" in reply.answer


async def test_the_summary_outlives_a_restart_and_grows_beyond_the_turns_that_are_loaded(
    guest: Guest,
) -> None:
    guest.come()
    await guest.ask("Есть дизельный GLE?")
    for _ in range(10):
        await guest.ask("Какой у вас адрес?")
    state = guest.services.dialogs.turns(guest.session_id)[-1].state
    assert state["summary"]["turns"] == 11
    assert "GLE" in (await guest.ask("что мы смотрели?")).answer


@pytest.mark.parametrize(
    "message,cars",
    [
        ("мой номер 8 916 000-00-00, вечером не звоните, покажите пожалуйста все E-классы", ["E1"]),
        ("Паспорт 45 09 123456 с собой, какие E-классы у вас сейчас есть в наличии?", ["E1"]),
        ("Меня зовут Пётр Белый. Какие седаны E-класса есть в наличии?", ["E1"]),
    ],
)
async def test_personal_data_is_not_read_as_a_wish(guest: Guest, message: str, cars: list[str]) -> None:
    guest.come(remember=True)
    await guest.ask(message)
    stored = re.sub(
        r"\d{4}-\d\d-\d\dT[\d:.+]+", "", json.dumps(guest.memory())
    )  # a moment may hold any digits
    assert not any(digits in stored for digits in ("916", "123456", "white"))


CARS = [
    "C 180",
    "E-класс",
    "кроссовер",
    "чёрный седан",
    "GLE до 9 млн",
    "дизель не старше 2021 года",
    "7 мест",
]
PERSONAL = {
    "меня зовут {}": st.sampled_from(["Анна Чёрная", "Пётр Белый", "Иван"]),
    "мой телефон {}": st.integers(9_000_000_000, 9_999_999_999).map(lambda number: f"+7{number}"),
    "звоните {}": st.integers(9_000_000_000, 9_999_999_999).map(lambda number: f"8{number}"),
    "почта {}": st.from_regex(r"[a-z]{3,8}\.[a-z]{3,8}@example\.com", fullmatch=True),
    "паспорт {}": st.integers(1_000_000_000, 9_999_999_999).map(
        lambda n: f"{n // 1000000} {n % 1000000:06d}"
    ),
    "мой ИНН {}": st.integers(100_000_000_000, 999_999_999_999).map(str),
}


@st.composite
def told(draw: st.DrawFn) -> tuple[str, str]:
    """A message with a car and somebody's data in it, and that data."""
    template = draw(st.sampled_from(sorted(PERSONAL)))
    data = draw(PERSONAL[template])
    parts = [template.format(data), f"есть {draw(st.sampled_from(CARS))}?"]
    return ", ".join(draw(st.permutations(parts))), data


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(message=told())
async def test_no_personal_data_is_ever_remembered(services: Services, message: tuple[str, str]) -> None:
    text, data = message
    guest = Guest(services).come(remember=True)
    await guest.ask(text)
    await guest.ask("а подешевле?")
    stored = json.dumps([guest.memory(), services.dialogs.turns(guest.session_id)[-1].state["cars"]["query"]])
    digits = "".join(char for char in data if char.isdigit())
    if not set(digits[-6:]) <= {"0", "9"}:  # 9 000 000 may be a price
        assert digits[-6:] not in stored
    assert data not in stored
    assert "@" not in stored
    if "Чёрная" in data or "Белый" in data:
        colour = "black" if "Чёрная" in data else "white"
        assert colour not in stored or "чёрный" in text
