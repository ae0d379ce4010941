"""Credit: the terms of `salon.toml` and monthly payments by the annuity formula, every figure recomputable."""

from dataclasses import replace
from typing import NamedTuple

from chains.answers import budget
from chains.answers.car_drafts import CARS_OF_A_REPLY
from chains.answers.context import Data, Question
from chains.answers.loan_terms import LoanTerms, read_loan_terms
from chains.answers.loans import Loan, loan_for, minimum_down_payment
from chains.answers.unknown import answer as unknown
from chains.answers.wording_cars import car_facts, car_line, car_source, car_title, wish_text
from chains.car_talk import read_talk
from chains.followup import CarDialog, LoanMemory, complete
from chains.query import CarQuery
from chains.reply import Draft, Fact, Source
from chains.texts import Texts
from stores.cars import Car
from stores.salon import Finance


class _Subject(NamedTuple):
    """What is to be paid for: its price, the car if it is one of ours, what a follow-up needs, and `note`, how the car
    came to be the one."""

    price: int
    car: Car | None
    dialog: CarDialog | None
    note: str = ""


def answer(question: Question, data: Data) -> Draft:
    """Monthly payments for the car in question or the price named; cars for a monthly budget; else the terms alone."""
    finance = data.salon.finance
    texts = question.texts
    if finance is None:
        return unknown(question, data)
    source = Source(kind="salon", title=texts.say("price.source"), ref="salon.toml#finance")
    rate = Fact("salon", "rate_percent", finance.rate_percent, texts.number(finance.rate_percent))
    said = read_loan_terms(question.plain, question.reading.values.get("models", ()))
    asked = _with_earlier(said, question)
    if asked.monthly is not None:
        return budget.answer(question, data, asked, asked.monthly)
    subject = _subject(question, data, asked)
    if isinstance(subject, str):
        dialog = (question.cars or CarDialog(query=CarQuery())).model_copy(
            update={"loan": _memory(asked, None, wants_subject=True)}
        )
        text = subject or _terms(texts, finance)
        return Draft("price", text, (rate,), (source,), state={"cars": dialog.model_dump(mode="json")})
    down = _down_payment(subject.price, asked)
    if down is not None and down >= subject.price:
        text = texts.say("price.down_covers_price", asked=texts.money(down), price=texts.money(subject.price))
        facts = [_money_fact("price", subject.price, texts), _money_fact("down_payment", down, texts)]
    else:
        text, facts = _calculation(texts, finance, subject, asked)
    remembered = (subject.dialog or question.cars or CarDialog(query=CarQuery())).model_copy(
        update={"focus": subject.car, "loan": _memory(asked, None if subject.car else subject.price)}
    )
    return Draft(
        route="price",
        text=text,
        facts=(rate, *facts, *(car_facts(subject.car) if subject.car else ())),
        sources=(*((car_source(subject.car),) if subject.car else ()), source),
        state={"cars": remembered.model_dump(mode="json")},
    )


def _terms(texts: Texts, finance: Finance) -> str:
    terms = texts.say(
        "price.terms",
        rate=texts.number(finance.rate_percent),
        down=texts.number(finance.down_payment_percent),
        months=", ".join(map(str, finance.months)),
    )
    return f"{terms} {texts.say('price.ask_car')}"


def _memory(asked: LoanTerms, price: int | None, *, wants_subject: bool = False) -> LoanMemory:
    return LoanMemory(
        months=asked.months,
        down_percent=asked.down_percent,
        down_money=asked.down_money,
        price=price,
        monthly=asked.monthly,
        wants_subject=wants_subject,
    )


def _with_earlier(said: LoanTerms, question: Question) -> LoanTerms:
    """«а на 5 лет?», «а вторую?»: what was said of the loan before still holds where nothing else is said."""
    earlier = question.cars.loan if question.cars else None
    reading = question.reading
    if earlier is None or not (
        earlier.wants_subject or reading.phrasing.follow_up or not (reading.names_a_car or said.price)
    ):
        return said
    down = (said.down_percent, said.down_money)
    if down == (None, None):
        down = (earlier.down_percent, earlier.down_money)
    only_terms = not (reading.names_a_car or said.price or said.ordinal is not None)
    return replace(
        said,
        months=said.months or earlier.months,
        down_percent=down[0],
        down_money=down[1],
        price=said.price or (earlier.price if only_terms else None),
        monthly=said.monthly or (earlier.monthly if only_terms else None),
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
    notes: list[str] = [subject.note] if subject.note else []
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
    notes += term_notes(texts, finance, asked)
    months = tuple(dict.fromkeys(min(term, longest) for term in asked.months))
    loan = loan_for(subject.price, finance, down_payment=down, months=months)
    facts = [
        _money_fact("price", loan.price, texts),
        _money_fact("down_payment", loan.down_payment, texts),
        _money_fact("principal", loan.principal, texts),
        *(_money_fact(f"payment_{term}", payment, texts) for term, payment in loan.payments.items()),
        *(_money_fact(f"paid_{term}", loan.paid(term), texts) for term in loan.payments),
        *(_money_fact(f"overpaid_{term}", loan.overpaid(term), texts) for term in loan.payments),
    ]
    return "\n".join([*notes, _payments(texts, loan, finance, subject.car)]), facts


def term_notes(texts: Texts, finance: Finance, asked: LoanTerms) -> list[str]:
    """What is to be said of terms that the salon does not offer."""
    longest, notes = max(finance.months), []
    if asked.months and asked.months[-1] > longest:
        notes.append(texts.say("price.term_too_long", asked=texts.number(asked.months[-1]), months=longest))
    unusual = [term for term in asked.months if term <= longest and term not in finance.months]
    if unusual:
        offered = ", ".join(map(str, finance.months))
        notes.append(texts.say("price.term_unusual", asked=", ".join(map(str, unusual)), months=offered))
    return notes


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
        texts.say(
            "price.month_line",
            months=months,
            payment=texts.money(payment),
            paid=texts.money(loan.paid(months)),
            over=texts.money(loan.overpaid(months)),
        )
        for months, payment in loan.payments.items()
    ]
    return "\n".join([head, *lines, texts.say("price.disclaimer", rate=texts.number(finance.rate_percent))])


def _subject(question: Question, data: Data, asked: LoanTerms) -> _Subject | str:
    """The car named, pointed at or shown, else the price alone; a text that asks back when neither is known.

    A price named outright wins over the cheapest car.
    """
    # The amounts of the loan are no wishes for a car: «на 3 года» is no model year, «первый взнос» no first car.
    reading = replace(
        question.reading,
        quantities=tuple(one for one in question.reading.quantities if one in asked.quantities),
        phrasing=replace(question.reading.phrasing, ordinal=asked.ordinal),
    )
    shown = question.cars.shown if question.cars else ()
    talk = read_talk(question.plain)
    ordinal = asked.ordinal if asked.ordinal is not None else next(iter(talk.ordinals), None)
    named = reading.names_a_car or bool(reading.values.get("versions"))
    if not named and ordinal is not None and shown:
        if not -len(shown) <= ordinal < len(shown):
            return question.texts.say("field.no_such_number", count=len(shown))
        return _still_there(question, data, shown[ordinal])
    if named:
        found = _named(replace(question, reading=reading), data, asked)
        if found is not None:
            return found
    elif asked.price is not None:
        of_that_price = next((car for car in shown if car.price == asked.price), None)
        if of_that_price is not None:
            return _Subject(of_that_price.price, of_that_price, question.cars)
    elif question.cars and (one := question.cars.spoken_of) and not reading.quantities:
        return _still_there(question, data, one)
    if asked.price is not None:
        return _Subject(asked.price, None, None)
    limit = next((one for one in asked.quantities if one.kind == "price"), None)
    amount = (limit.high or limit.low) if limit else None
    if amount:
        return _Subject(round(amount), None, None)
    if shown and not named:
        return question.texts.say("price.which_car", count=len(shown))
    return ""


def _still_there(question: Question, data: Data, car: Car) -> _Subject | str:
    """The car as it stands now; one that is gone is said to be."""
    current = data.inventory.get([car.stock_id])
    if not current or current[0].status == "sold":
        return question.texts.say("compare.gone", cars=car_title(car))
    return _Subject(current[0].price, current[0], question.cars)


def _named(question: Question, data: Data, asked: LoanTerms) -> _Subject | None:
    """The cheapest car of the name, said to be that when there are more; None when there is none."""
    query = complete(question.reading, question.cars)
    if asked.price is not None:
        exactly = query.filter.model_copy(update={"price_min": asked.price, "price_max": asked.price})
        query = query.model_copy(update={"filter": exactly})
    page = data.inventory.search(query.filter, limit=CARS_OF_A_REPLY)
    texts = question.texts
    if not page.cars:
        return None
    car = min(page.cars, key=lambda one: one.price) if query.filter.order == "relevance" else page.cars[0]
    note = ""
    if page.total > 1:
        line = car_line(car, texts, data.lexicon)
        count, wish = texts.cars(page.total), wish_text(query.filter, texts, data.lexicon)
        note = texts.say("price.cheapest_taken", count=count, wish=wish, car=line)
    before = question.cars
    if before is not None and any(one.stock_id == car.stock_id for one in before.shown):
        return _Subject(car.price, car, before, note)
    return _Subject(car.price, car, CarDialog(query=query, shown=(car,), total=page.total), note)
