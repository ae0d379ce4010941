"""A test drive, booked turn by turn: which car, when, which number; then moved, given another car, or cancelled."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cached_property

from chains.answers.context import Data, Question
from chains.answers.wording_cars import car_title
from chains.forms.cars import Choice, choose, in_order
from chains.forms.drive_words import DriveWords
from chains.forms.saying import Said
from chains.forms.slots import Slots
from chains.forms.state import Form, moments
from chains.forms.when import When
from chains.forms.wording import day_name, full_moment
from chains.reply import Draft
from stores.bookings import Booking, Bookings
from stores.cars import Car, CarFilter
from stores.contacts import Contacts
from stores.errors import BookingNotFound, CarTaken, TooManyBookings, VisitorTaken
from stores.salon import TestDrive

_ANY_TIME = When()


@dataclass(frozen=True)
class Drives:
    """Fills in the form of a test drive; `rules` are those of `salon.toml`. With `replayed` no booking is stored."""

    data: Data
    rules: TestDrive
    bookings: Bookings
    contacts: Contacts
    replayed: bool = False

    @cached_property
    def words(self) -> DriveWords:
        """What the visitor is told."""
        return DriveWords(self.data, self.rules)

    def go_on(
        self,
        question: Question,
        form: Form,
        said: Said,
        *,
        any_will_do: bool = False,
        car_meant: bool = False,
    ) -> Draft:
        """Take from a message what the form needs, and ask for what it still lacks.

        `car_meant` tells that the message is about which car; else one is looked for only while none is chosen.
        """
        if said.phone or said.name:
            self.contacts.put(question.session_id, phone=said.phone, name=said.whose)
        if form.stage == "car" and said.bare_number:
            said = replace(said, when=When())  # «2» is the second car, not two o'clock
        choice = Choice()
        if form.stock_id is None or car_meant:
            choice = choose(question, said, form.choices, self.data, any_will_do=any_will_do)
            chosen = choice.one.stock_id if choice.one else None
            if chosen:
                form = form.model_copy(update={"stock_id": chosen, "choices": ()})
            elif choice.cars:
                form = form.model_copy(update={"stock_id": None})
        if said.when.wrong:
            return self.ask_anew(question, form, self.words.say(question, "wrong_time"))
        told = said.when.says_something or bool(said.phone)
        passed_over = form.stock_id is None and form.choices and told and not car_meant
        form = self._with_time(question, form, said)
        if passed_over and (car := self._first_free(question, form)):
            # whoever answers a list of cars with a time does not mind which of them
            draft = self._with_car(
                question, form.model_copy(update={"stock_id": car.stock_id, "choices": ()}), car
            )
            return replace(
                draft, text=f"{self.words.say(question, 'first_taken', car=car_title(car))} {draft.text}"
            )
        if form.stock_id is None:
            return self.words.ask_car(question, form, choice, told=told or bool(said.name))
        car = self._car(form.stock_id)
        return self._with_car(question, form, car) if car else self._sold(question, form)

    def ask_anew(self, question: Question, form: Form, lead: str) -> Draft:
        """Ask again for what the form waits for, after `lead`."""
        car = self._car(form.stock_id) if form.stock_id else None
        if form.stage == "time" and car is not None:
            offered = [at for at in moments(form) if self._slots(question, form).obstacle(at) is None]
            return self.words.offer(
                question, form, car, offered or self._slots(question, form).free(form.wish), lead
            )
        return self.words.draft(
            question, f"{lead} {self.lacks(question, form)}", form.model_copy(update={"idle": 0})
        )

    def other_times(
        self, question: Question, form: Form, *, earlier: bool = False, later: bool = False
    ) -> Draft:
        """«А попозже?», «другое время»: what is free beyond the times offered, or what has been chosen."""
        car = self._car(form.stock_id) if form.stock_id else None
        if car is None:
            return self._sold(question, form)
        slots = self._slots(question, form)
        known = moments(form) or ([form.starts_at] if form.starts_at else [])
        found = slots.beyond(known, earlier=earlier) if known else slots.free(_ANY_TIME)
        lead = "" if found else self.words.say(question, "none_earlier" if earlier else "none_later")
        form = form.model_copy(update={"days": (), "exact": None, "earliest": None, "latest": None})
        return self.words.offer(question, form, car, found or slots.free(_ANY_TIME), lead)

    def other_car(self, question: Question, form: Form) -> Draft:
        """«Другая машина»: which one?"""
        return self.words.ask_car(question, form.model_copy(update={"stock_id": None}), Choice())

    def cancel(self, question: Question, booking: Booking) -> Draft:
        """Cancel a stored drive, and say which."""
        words = self.words
        try:
            if not self.replayed:
                self.bookings.cancel(booking.id)
        except BookingNotFound:
            return words.draft(question, words.say(question, "no_booking"), None)
        when = full_moment(booking.starts_at, self.data.salon.zone, question.texts)
        text = words.say(question, "cancelled", car=booking.car, when=when)
        left = [one for one in self.mine(question) if one.id != booking.id]
        return words.draft(question, f"{text} {words.list_mine(question, left)}" if left else text, None)

    def renumber(self, question: Question, booking: Booking, phone: str, form: Form | None) -> Draft:
        """«Перепутал телефон, запишите другой»."""
        words = self.words
        try:
            if not self.replayed:
                self.bookings.renumber(booking.id, phone)
        except VisitorTaken:
            when = full_moment(booking.starts_at, self.data.salon.zone, question.texts)
            return words.draft(question, words.say(question, "busy", when=when), form)
        except BookingNotFound:
            return words.draft(question, words.say(question, "no_booking"), None)
        text = f"{words.say(question, 'renumbered')} {words.list_mine(question, self.mine(question))}"
        return words.draft(question, text, form)

    def mine(self, question: Question) -> list[Booking]:
        """The drives of this dialog that are still to come, the one changed last first."""
        return self.bookings.coming(question.session_id, question.now)

    def tell_mine(self, question: Question, form: Form | None) -> Draft:
        """«Когда у меня тест-драйв?»"""
        mine, words = self.mine(question), self.words
        text = words.list_mine(question, mine) if mine else words.say(question, "no_booking")
        return words.draft(question, text, form)

    def of_booking(self, booking: Booking) -> Form:
        """The form that a stored drive would be the end of."""
        local = booking.starts_at.astimezone(self.data.salon.zone)
        return Form(
            kind="test_drive",
            stage="done",
            stock_id=booking.stock_id,
            starts_at=booking.starts_at,
            days=(local.date(),),
            exact=local.time(),
            booking=booking.id,
        )

    def lacks(self, question: Question, form: Form) -> str:
        """What is still missing, as one reminding line."""
        missing = "car" if form.stock_id is None else "time" if form.starts_at is None else "phone"
        return self.words.say(question, f"remind_{missing}{'_change' if form.booking else ''}")

    def _first_free(self, question: Question, form: Form) -> Car | None:
        """The first car of those listed that is free at the time wished for; else the first."""
        cars = in_order(self.data, form.choices)
        for car in cars:
            slots = self._slots(question, form.model_copy(update={"stock_id": car.stock_id}))
            moments_ = (at for day in form.days if (at := slots.moment(day, form.wish)))
            if any(slots.obstacle(at) is None for at in moments_):
                return car
        return cars[0] if cars else None

    def _with_time(self, question: Question, form: Form, said: Said) -> Form:
        """The wish amended by a message; or one of the times offered, if it points at that."""
        offered, zone, when = moments(form), self.data.salon.zone, said.when
        if not when.says_something:
            at_time = form.stage == "time" and said.ordinal is not None
            if at_time and said.ordinal is not None and -len(offered) <= said.ordinal < len(offered):
                return form.model_copy(update={"starts_at": offered[said.ordinal]})
            return form
        if when.shift is not None:
            known = form.starts_at or (offered[0] if offered else None)
            return form.model_copy(update={"starts_at": known + when.shift}) if known else form
        if when.exact and not when.days and form.stage == "time":
            hours = {when.exact, _later(when.exact)} if when.either_half else {when.exact}
            fitting = [at for at in offered if at.astimezone(zone).time() in hours]
            if fitting:
                return form.model_copy(update={"starts_at": fitting[0]})
            days = {at.astimezone(zone).date() for at in offered}
            if not form.days and len(days) == 1:
                of_day = form.model_copy(update={"days": tuple(days)}).with_wish(when)
                slots = self._slots(question, form)
                at = slots.moment(of_day.days[0], of_day.wish)
                if at and slots.obstacle(at) not in {"past", "soon"}:
                    return of_day
        return form.with_wish(when)

    def _with_car(self, question: Question, form: Form, car: Car) -> Draft:
        """The car is known: settle the time, then the number."""
        slots, wish = self._slots(question, form), form.wish
        if form.starts_at is not None:
            obstacle = slots.obstacle(form.starts_at)
            own = form.booking is None and self._is_mine(question, form)
            if obstacle is None or own:
                return self._with_all(question, form, car, form.starts_at)
            return self._obstructed(question, form, car, form.starts_at)
        if wish.exact and wish.days:
            candidates = [at for day in wish.days if (at := slots.moment(day, wish))]
            good = next((at for at in candidates if slots.obstacle(at) is None), None)
            if good is not None:
                return self._with_all(question, form.model_copy(update={"starts_at": good}), car, good)
            return self._obstructed(question, form, car, candidates[0])
        found = slots.free(wish)
        if found:
            return self.words.offer(question, form, car, found, "")
        return self._nothing_free(question, form, car)

    def _nothing_free(self, question: Question, form: Form, car: Car) -> Draft:
        """No free time meets the wish for a day or a part of one: why, and what is near."""
        wish, slots, words, today = form.wish, self._slots(question, form), self.words, question.now.date()
        days = wish.days
        horizon = today + timedelta(days=self.rules.days_ahead)
        if days and max(days) < today:
            lead = words.say(question, "past")
        elif days and min(days) > horizon:
            lead = words.say(question, "far", days=self.rules.days_ahead)
        elif days and not any(self.data.salon.hours.span(day) for day in days):
            name = day_name(days[0], today, question.texts)
            lead = words.say(question, "closed", day=name[0].upper() + name[1:])
        elif wish.exact and not days:
            lead = words.say(question, "closed_then")
        else:
            lead = words.say(question, "nothing_free")
        form = form.model_copy(update={"days": (), "exact": None, "earliest": None, "latest": None})
        near = slots.free(When(days=days)) or slots.following(max(days)) if days else slots.free(_ANY_TIME)
        return words.offer(question, form, car, near or slots.free(_ANY_TIME), lead)

    def _with_all(self, question: Question, form: Form, car: Car, at: datetime) -> Draft:
        """Car and time are known: book or change, or ask for the number."""
        contact, words = self.contacts.get(question.session_id), self.words
        phone = contact.phone or next((one.phone for one in self.mine(question)), None)
        if phone is None and form.booking is None:
            return words.ask_phone(question, form, car, at)
        try:
            if self.replayed:
                booking_id = form.booking
            elif form.booking is None:
                booking_id = self._book(question, car, at, phone or "", contact.name or "").id
            elif any((one.stock_id, one.starts_at) == (car.stock_id, at) for one in self.mine(question)):
                return self.tell_mine(question, form.model_copy(update={"stage": "done", "starts_at": at}))
            else:
                booking_id = self._change(form.booking, car, at).id
        except CarTaken:
            return self._obstructed(question, form, car, at)
        except VisitorTaken:
            lead = words.say(question, "busy", when=full_moment(at, self.data.salon.zone, question.texts))
            near = self._slots(question, form).free(_ANY_TIME, near=at)
            return words.offer(question, form, car, [one for one in near if one != at], lead)
        except BookingNotFound:
            return words.draft(question, words.say(question, "no_booking"), None)
        except TooManyBookings:
            self.contacts.forget(question.session_id)
            mine = words.list_mine(question, self.mine(question))
            return words.draft(question, f"{words.say(question, 'too_many')} {mine}", None)
        self.contacts.forget(question.session_id)
        local = at.astimezone(self.data.salon.zone)
        settled = {"booking": booking_id, "starts_at": at, "days": (local.date(),), "exact": local.time()}
        key = "booked" if form.booking is None else "changed"
        done = form.model_copy(update={**settled, "earliest": None, "latest": None, "either_half": False})
        return words.confirmed(question, done, car, at, key)

    def _book(self, question: Question, car: Car, at: datetime, phone: str, name: str) -> Booking:
        return self.bookings.book(
            question.session_id,
            stock_id=car.stock_id,
            car=car_title(car),
            starts_at=at,
            minutes=self.rules.slot_minutes,
            phone=phone,
            name=name,
        )

    def _change(self, booking_id: int, car: Car, at: datetime) -> Booking:
        return self.bookings.change(
            booking_id,
            starts_at=at,
            stock_id=car.stock_id,
            car=car_title(car),
            minutes=self.rules.slot_minutes,
        )

    def _obstructed(self, question: Question, form: Form, car: Car, at: datetime) -> Draft:
        """The time wished for cannot be had: why, and what is near it."""
        slots = self._slots(question, form)
        obstacle = slots.obstacle(at) or "taken"
        lead = self.words.why_not(question, obstacle, at)
        update: dict[str, object] = {"starts_at": None, "earliest": None, "latest": None}
        if obstacle in {"closed", "past", "far"}:
            update["days"] = ()
        if obstacle == "outside":
            update["exact"] = None
        near = slots.free(_ANY_TIME, near=at) if obstacle not in {"past", "far"} else slots.free(_ANY_TIME)
        times = [one for one in near if one != at]
        return self.words.offer(question, form.model_copy(update=update), car, times, lead)

    def _sold(self, question: Question, form: Form) -> Draft:
        """The car chosen is no longer to be had: say so, and ask for another."""
        found = self.data.inventory.get([form.stock_id]) if form.stock_id else []
        gone = found[0] if found else None
        form = form.model_copy(update={"stock_id": None})
        if gone is None:
            return self.words.ask_car(question, form, Choice(unavailable=True))
        near = self.data.inventory.search(_like(gone), limit=3)
        return self.words.ask_car(question, form, Choice(tuple(near.cars), 0, unavailable=True, meant=gone))

    def _is_mine(self, question: Question, form: Form) -> bool:
        """The drive in question is stored already: the answer to it was lost, and the visitor asks again."""
        return any(
            (one.stock_id, one.starts_at) == (form.stock_id, form.starts_at) for one in self.mine(question)
        )

    def _car(self, stock_id: str) -> Car | None:
        return next(iter(in_order(self.data, [stock_id])), None)

    def _slots(self, question: Question, form: Form) -> Slots:
        """The times of the form's car for this visitor; a drive that is to be changed does not stand in its own way."""
        now = question.now
        taken = self.bookings.taken(
            [form.stock_id] if form.stock_id else [], question.session_id, now, but=form.booking
        )
        return Slots(self.data.salon.hours, self.rules, now, frozenset(taken))


def _later(at: time) -> time:
    return at.replace(hour=(at.hour + 12) % 24)


def _like(car: Car) -> CarFilter:
    """Cars to offer instead: of the same class, or any where it has none."""
    return CarFilter(classes=(car.base_class,)) if car.base_class else CarFilter()
