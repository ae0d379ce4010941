"""Credit: the terms of `salon.toml` and monthly payments by the annuity formula, every figure recomputable."""

from dataclasses import dataclass

from chains.answers.context import Data, Question
from chains.answers.unknown import answer as unknown
from chains.answers.wording_cars import car_facts, car_source, car_title
from chains.followup import complete
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


def loan_for(price: int, finance: Finance) -> Loan:
    """The standard loan of the salon on a price, for every term it offers."""
    down = round(price * finance.down_payment_percent / 100)
    principal = price - down
    return Loan(
        price,
        down,
        principal,
        {months: annuity(principal, finance.rate_percent, months) for months in finance.months},
    )


def answer(question: Question, data: Data) -> Draft:
    """Monthly payments for the car in question or the price named; the terms alone when neither is known."""
    finance = data.salon.finance
    texts = question.texts
    if finance is None:
        return unknown(question, data)
    source = Source(kind="salon", title=texts.say("price.source"), ref="salon.toml#finance")
    terms = texts.say(
        "price.terms",
        rate=texts.number(finance.rate_percent),
        down=texts.number(finance.down_payment_percent),
        months=", ".join(map(str, finance.months)),
    )
    facts = (Fact("salon", "rate_percent", finance.rate_percent, texts.number(finance.rate_percent)),)
    car = _car(question, data)
    named = next((quantity for quantity in question.reading.quantities if quantity.kind == "price"), None)
    amount = car.price if car else (named.high or named.low) if named else None
    if amount is None:
        return Draft("price", f"{terms} {texts.say('price.ask_car')}", facts, (source,))
    loan = loan_for(round(amount), finance)
    loan_facts = tuple(
        Fact("query", f"payment_{months}", payment, texts.money(payment))
        for months, payment in loan.payments.items()
    )
    return Draft(
        route="price",
        text=_payments(texts, loan, finance, car),
        facts=(*facts, *loan_facts, *(car_facts(car) if car else ())),
        sources=(*((car_source(car),) if car else ()), source),
    )


def _payments(texts: Texts, loan: Loan, finance: Finance, car: Car | None) -> str:
    figures = {
        "price": texts.money(loan.price),
        "down": texts.number(finance.down_payment_percent),
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


def _car(question: Question, data: Data) -> Car | None:
    """The car to pay for: the one named or pointed at (the cheapest if several), else the one shown."""
    reading = question.reading
    if reading.names_a_car or reading.phrasing.ordinal is not None:
        page = data.inventory.search(complete(reading, question.cars).filter, limit=1)
        return page.cars[0] if page.cars else None
    if question.cars and len(question.cars.shown) == 1 and not reading.quantities:
        return question.cars.shown[0]
    return None
