"""What a visitor is told while booking a test drive; nothing here stores or decides anything."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from chains.answers.context import Data, Question
from chains.answers.wording_cars import car_line, car_source, car_title
from chains.forms.cars import Choice, listing
from chains.forms.slots import Obstacle
from chains.forms.state import Form, saved
from chains.forms.wording import day_name, full_moment, offers, promised
from chains.reply import Draft, Fact, Source
from stores.bookings import Booking
from stores.cars import Car
from stores.salon import TestDrive

# Words that may be a model of a brand not sold here: in Russian those in Latin letters, in English those with figures.
_LOOKS_LIKE_A_MODEL = {"ru": re.compile(r"[a-z]", re.IGNORECASE), "en": re.compile(r"\d")}


@dataclass(frozen=True)
class DriveWords:
    """Drafts for one salon; `rules` are those of `salon.toml`."""

    data: Data
    rules: TestDrive

    def say(self, question: Question, key: str, **values: object) -> str:
        """A sentence of the section `drive`."""
        return question.texts.say(f"drive.{key}", **values)

    def draft(
        self,
        question: Question,
        text: str,
        form: Form | None,
        car: Car | None = None,
        choice: Choice | None = None,
    ) -> Draft:
        """An answer that leaves `form` behind; the cars of `choice` were listed, so that «вторая» means the second."""
        source = Source(
            kind="salon", title=question.texts.say("test_drive.source"), ref="salon.toml#test_drive"
        )
        named = (car,) if car else choice.cars if choice else ()
        query = choice.query if choice else None
        state = saved(form) | (listing(named, query) if named else {})
        return Draft(route="test_drive", text=text, sources=(*map(car_source, named), source), state=state)

    def ask_car(self, question: Question, form: Form, choice: Choice, *, told: bool = False) -> Draft:
        """Which car? Those in question are listed by number, once; `told` says that the message told something else."""
        texts, cars = question.texts, choice.cars
        choices = tuple(car.stock_id for car in cars)
        listed_before = bool(choices) and choices == form.choices and not choice.unavailable
        asked_before = form.stage == "car" and form.idle == 0 and not cars and not choice.unavailable
        form = form.model_copy(update={"stage": "car", "stock_id": None, "choices": choices, "idle": 0})
        if listed_before or (asked_before and told):
            key = "car_of_list" if listed_before else "car_still"
            return self.draft(question, self.say(question, key), form, choice=choice)
        lines = [f"{number}. {car_line(car, texts, self.data.lexicon)}" for number, car in enumerate(cars, 1)]
        text = "\n".join([self._which(question, form, choice), *lines])
        if choice.total > len(cars) > 0:
            text += "\n" + self.say(question, "more_cars", count=texts.cars(choice.total - len(cars)))
        if len(cars) > 1:
            text += "\n" + self.say(question, "any_car")
        return self.draft(question, text, form, choice=choice)

    def _which(self, question: Question, form: Form, choice: Choice) -> str:
        if choice.unavailable:
            meant = choice.meant
            lead = (
                self.say(question, f"car_{meant.status}", car=car_title(meant))
                if meant
                else self.say(question, "car_missing")
            )
            return f"{lead} {self.say(question, 'nearest_cars')}" if choice.cars else lead
        if choice.cars:
            return self.say(question, "which_car")
        pattern = _LOOKS_LIKE_A_MODEL[question.texts.language]
        named = [word for word in question.reading.unknown if pattern.search(word)]
        lead = self.say(question, "car_unknown", words=" ".join(named)) + " " if named else ""
        return lead + self.say(question, "ask_car_change" if form.booking else "ask_car")

    def offer(self, question: Question, form: Form, car: Car, times: Sequence[datetime], lead: str) -> Draft:
        """When? With the free times, or that there are none."""
        form = form.model_copy(
            update={"stage": "time", "offered": tuple(times), "starts_at": None, "idle": 0}
        )
        if not times:
            text = self.say(question, "full", car=car_title(car), phone=self.data.salon.phone)
            return self.draft(question, f"{lead} {text}".strip(), form, car)
        listed = offers(times, question.now.date(), self.data.salon.zone, question.texts)
        key = "offer_again" if lead else "offer"
        text = self.say(question, key, car=car_title(car), offers=listed)
        return self.draft(question, f"{lead} {text}".strip(), form, car)

    def ask_phone(self, question: Question, form: Form, car: Car, at: datetime) -> Draft:
        """Car and time are settled: the number?"""
        when = full_moment(at, self.data.salon.zone, question.texts)
        text = self.say(question, "ask_phone", car=car_title(car), when=when)
        return self.draft(question, text, form.model_copy(update={"stage": "phone", "idle": 0}), car)

    def confirmed(self, question: Question, form: Form, car: Car, at: datetime, key: str) -> Draft:
        """The row is stored: `key` is booked or changed."""
        texts, salon = question.texts, self.data.salon
        when = full_moment(at, salon.zone, texts)
        address = salon.address if salon.city in salon.address else f"{salon.city}, {salon.address}"
        text = self.say(
            question,
            key,
            car=car_title(car),
            when=when,
            address=address,
            minutes=self.rules.slot_minutes,
            bring=self.bring(question),
        )
        form = form.model_copy(update={"stage": "done", "offered": (), "choices": (), "idle": 0})
        draft = self.draft(question, text, form, car)
        fact = Fact(car.stock_id, "booking", at.isoformat(), text)
        return replace(draft, facts=(fact, promised("test_drive", text)))

    def bring(self, question: Question) -> str:
        """What a driver needs."""
        years = self.rules.min_driving_years
        return self.say(question, "bring_years" if years else "bring", years=question.texts.years(years))

    def why_not(self, question: Question, obstacle: Obstacle, at: datetime) -> str:
        """Why a drive cannot begin at a moment."""
        texts, zone = question.texts, self.data.salon.zone
        local = at.astimezone(zone)
        day = day_name(local.date(), question.now.date(), texts)
        span = self.data.salon.hours.span(local.date())
        closes = span.end.astimezone(zone).time() if span else time()
        return self.say(
            question,
            obstacle,
            when=f"{day}, {texts.clock(local.time())}",
            time=texts.clock(local.time()),
            day=day[0].upper() + day[1:],
            open=texts.clock(span.start.astimezone(zone).time()) if span else "",
            close=texts.clock(closes) if closes != time() else "24:00",
            minutes=self.rules.slot_minutes,
            days=self.rules.days_ahead,
        )

    def list_mine(self, question: Question, bookings: Sequence[Booking]) -> str:
        """The drives that are stored, as one sentence."""
        zone, texts = self.data.salon.zone, question.texts
        listed = [f"{one.car} — {full_moment(one.starts_at, zone, texts)}" for one in reversed(bookings)]
        return self.say(question, "mine", bookings="; ".join(listed))
