"""Credit: the terms of `salon.toml` and monthly payments by the annuity formula, every figure recomputable."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from chains.answers.context import Data, Question
from chains.answers.loan_terms import LoanTerms, read_loan_terms
from chains.answers.unknown import answer as unknown
from chains.answers.wording_cars import car_facts, car_source, car_title
from chains.followup import CarDialog, complete
from chains.reply import Draft, Fact, Source
from chains.texts import Texts
from stores.cars import Car
from stores.salon import Finance


@dataclass(frozen=True)
class Loan:
    """A loan on `price`: all amounts in whole currency units, `payments` by number of months."""

    price: int
    down_payment: int
    principal: int
    payments: dict[int, int]


def annuity(principal: float, rate_percent: float, months: int) -> int:
    """The equal monthly payment P·i / (1 - (1+i)^-n) with i = rate / 12, rounded to whole currency units."""
    monthly = rate_percent / 100 / 12
    if monthly == 0:
        return round(principal / months)
    return round(principal * monthly / (1 - (1 + monthly) ** -months))


def loan_for(
    price: int, finance: Finance, *, down_payment: int | None = None, months: Sequence[int] = ()
) -> Loan:
    """The loan of the salon on a price: its least down payment and every term it offers, unless others are given."""
    down = minimum_down_payment(price, finance) if down_payment is None else down_payment
    principal = price - down
    return Loan(
        price,
        down,
        principal,
        {term: annuity(principal, finance.rate_percent, term) for term in months or finance.months},
    )


def minimum_down_payment(price: int, finance: Finance) -> int:
    """The least down payment on a price, in whole currency units."""
    return round(price * finance.down_payment_percent / 100)


class _Subject(NamedTuple):
    """What is to be paid for: its price, the car if it is one of ours, and what a follow-up needs of that."""

    price: int
    car: Car | None
    state: dict[str, Any]


def answer(question: Question, data: Data) -> Draft:
    """Monthly payments for the car in question or the price named; the terms alone when neither is known."""
    finance = data.salon.finance
    texts = question.texts
    if finance is None:
        return unknown(question, data)
    source = Source(kind="salon", title=texts.say("price.source"), ref="salon.toml#finance")
    rate = Fact("salon", "rate_percent", finance.rate_percent, texts.number(finance.rate_percent))
    asked = read_loan_terms(question.message, question.reading.values.get("models", ()))
    subject = _subject(question, data, asked)
    if subject is None:
        terms = texts.say(
            "price.terms",
            rate=texts.number(finance.rate_percent),
            down=texts.number(finance.down_payment_percent),
            months=", ".join(map(str, finance.months)),
        )
        return Draft("price", f"{terms} {texts.say('price.ask_car')}", (rate,), (source,))
    down = _down_payment(subject.price, asked)
    if down is not None and down >= subject.price:
        text = texts.say("price.down_covers_price", asked=texts.money(down), price=texts.money(subject.price))
        facts = [_money_fact("price", subject.price, texts), _money_fact("down_payment", down, texts)]
    else:
        text, facts = _calculation(texts, finance, subject, asked)
    return Draft(
        route="price",
        text=text,
        facts=(rate, *facts, *(car_facts(subject.car) if subject.car else ())),
        sources=(*((car_source(subject.car),) if subject.car else ()), source),
        state=subject.state,
    )


def _down_payment(price: int, asked: LoanTerms) -> int | None:
    """The down payment that the visitor names, in money."""
    if asked.down_percent is not None:
        return round(price * asked.down_percent / 100)
    return asked.down_money


def _calculation(
    texts: Texts, finance: Finance, subject: _Subject, asked: LoanTerms
) -> tuple[str, list[Fact]]:
    """The text and the facts of a loan on the visitor's terms, as far as the salon grants them."""
    notes: list[str] = []
    minimum, longest = minimum_down_payment(subject.price, finance), max(finance.months)
    down = _down_payment(subject.price, asked)
    if down is not None and down < minimum:
        notes.append(
            texts.say(
                "price.down_too_small" if down else "price.down_needed",
                **({"asked": texts.money(down)} if down else {}),
                down=texts.number(finance.down_payment_percent),
                down_money=texts.money(minimum),
            )
        )
        down = minimum
    if asked.months and asked.months[-1] > longest:
        notes.append(texts.say("price.term_too_long", asked=texts.number(asked.months[-1]), months=longest))
    months = tuple(dict.fromkeys(min(term, longest) for term in asked.months))
    loan = loan_for(subject.price, finance, down_payment=down, months=months)
    facts = [
        _money_fact("price", loan.price, texts),
        _money_fact("down_payment", loan.down_payment, texts),
        _money_fact("principal", loan.principal, texts),
        *(_money_fact(f"payment_{term}", payment, texts) for term, payment in loan.payments.items()),
    ]
    return "\n".join([*notes, _payments(texts, loan, finance, subject.car)]), facts


def _money_fact(name: str, amount: int, texts: Texts) -> Fact:
    return Fact("query", name, amount, texts.money(amount))


def _payments(texts: Texts, loan: Loan, finance: Finance, car: Car | None) -> str:
    figures = {
        "price": texts.money(loan.price),
        "down": texts.number(round(100 * loan.down_payment / loan.price, 2)),
        "down_money": texts.money(loan.down_payment),
        "loan": texts.money(loan.principal),
    }
    head = (
        texts.say("price.monthly", car=car_title(car), **figures)
        if car
        else texts.say("price.monthly_plain", **figures)
    )
    lines = [
        texts.say("price.month_line", months=months, payment=texts.money(payment))
        for months, payment in loan.payments.items()
    ]
    return "\n".join([head, *lines, texts.say("price.disclaimer", rate=texts.number(finance.rate_percent))])


def _subject(question: Question, data: Data, asked: LoanTerms) -> _Subject | None:
    """The car named, pointed at or shown, else the price alone. A price named outright wins over the cheapest car."""
    # The amounts of the loan are no wishes for a car: «на 3 года» is no model year, «первый взнос» no first car.
    reading = replace(
        question.reading,
        quantities=tuple(one for one in question.reading.quantities if one in asked.quantities),
        phrasing=replace(question.reading.phrasing, ordinal=asked.ordinal),
    )
    shown = question.cars.shown if question.cars else ()
    if reading.names_a_car or reading.phrasing.ordinal is not None:
        query = complete(reading, question.cars)
        if asked.price is not None:
            exactly = query.filter.model_copy(update={"price_min": asked.price, "price_max": asked.price})
            query = query.model_copy(update={"filter": exactly})
        page = data.inventory.search(query.filter, limit=1)
        if page.cars:
            car = page.cars[0]
            dialog = CarDialog(query=query, shown=(car,)) if reading.names_a_car else question.cars
            return _Subject(car.price, car, {"cars": dialog.model_dump(mode="json")} if dialog else {})
    elif asked.price is not None:
        of_that_price = next((car for car in shown if car.price == asked.price), None)
        if of_that_price is not None:
            return _Subject(of_that_price.price, of_that_price, {})
    elif question.cars and (one := question.cars.spoken_of) and not reading.quantities:
        return _Subject(one.price, one, {})
    if asked.price is not None:
        return _Subject(asked.price, None, {})
    limit = next((one for one in asked.quantities if one.kind == "price"), None)
    amount = (limit.high or limit.low) if limit else None
    return _Subject(round(amount), None, {}) if amount else None
