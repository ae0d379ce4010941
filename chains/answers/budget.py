"""A monthly budget turned round: «платить не больше 100 тысяч в месяц» → the highest price, and the cars below it."""

from collections.abc import Sequence
from dataclasses import replace

from chains.answers.car_drafts import CARS_OF_A_REPLY
from chains.answers.context import Data, Question
from chains.answers.loan_terms import LoanTerms
from chains.answers.loans import affordable_price, annuity, down_payment_on
from chains.answers.wording_cars import car_facts, car_line, car_source, wish_text
from chains.followup import CarDialog, LoanMemory, complete
from chains.quantities import Quantity
from chains.query import CarQuery
from chains.reply import Draft, Fact, Source
from chains.texts import Texts
from stores.cars import Car, CarFilter, CarPage
from stores.lexicon import Lexicon
from stores.salon import Finance


def answer(question: Question, data: Data, asked: LoanTerms, monthly: int) -> Draft:
    """The highest price that the monthly sum pays for at the salon's terms, itemised, and the cars up to it."""
    finance, texts = data.salon.finance, question.texts
    assert finance is not None  # noqa: S101  without terms nobody comes here
    longest = max(finance.months)
    months = min(asked.months[-1], longest) if asked.months else longest
    terms = {"down_percent": asked.down_percent, "down_money": asked.down_money}
    highest = affordable_price(monthly, finance, months, **terms)  # type: ignore[arg-type]  # float or int, as named
    down = down_payment_on(highest, finance, **terms)  # type: ignore[arg-type]  # as above
    figures = {
        "price": highest,
        "down_payment": down,
        "principal": highest - down,
        "payment": annuity(highest - down, finance.rate_percent, months),
    }
    lines = []
    if asked.months and asked.months[-1] > longest:
        lines.append(texts.say("price.term_too_long", asked=texts.number(asked.months[-1]), months=longest))
    share = texts.number(round(100 * down / highest, 2)) if highest else "0"
    lines.append(
        texts.say(
            "price.budget",
            monthly=texts.money(monthly),
            months=months,
            down=share,
            **{name: texts.money(amount) for name, amount in figures.items()},
        )
    )
    query = _up_to(highest, question, asked)
    page = data.inventory.search(query.filter, limit=CARS_OF_A_REPLY)
    if page.cars:
        payments = [_payment(car, finance, months, asked) for car in page.cars]
        lines += _listed(page, payments, query.filter, texts, data.lexicon)
    else:
        lines.append(
            _nothing(question, data, query.filter.model_copy(update={"price_max": None}), months, asked)
        )
    lines.append(texts.say("price.disclaimer", rate=texts.number(finance.rate_percent)))
    loan = LoanMemory(
        months=asked.months, down_percent=asked.down_percent, down_money=asked.down_money, monthly=monthly
    )
    dialog = CarDialog(query=query, shown=tuple(page.cars), total=page.total, loan=loan)
    return Draft(
        route="price",
        text="\n".join(lines),
        facts=(
            Fact("salon", "rate_percent", finance.rate_percent, texts.number(finance.rate_percent)),
            *(Fact("query", name, amount, texts.money(amount)) for name, amount in figures.items()),
            *(fact for car in page.cars for fact in car_facts(car)),
        ),
        sources=(
            *(car_source(car) for car in page.cars),
            Source(kind="salon", title=texts.say("price.source"), ref="salon.toml#finance"),
        ),
        state={"cars": dialog.model_dump(mode="json")},
    )


def _up_to(highest: int, question: Question, asked: LoanTerms) -> CarQuery:
    """The cars that were asked for, up to this price."""
    # The sum a month is no price of a car, and the years of the loan no model year.
    others = tuple(one for one in asked.quantities if one.kind != "price")
    reading = replace(question.reading, quantities=(*others, Quantity("price", None, float(highest))))
    query = complete(reading, question.cars)
    return query.model_copy(
        update={"ask": "list", "superlative": False, "limit": CARS_OF_A_REPLY, "offset": 0}
    )


def _listed(
    page: CarPage, payments: Sequence[int], wish: CarFilter, texts: Texts, lexicon: Lexicon
) -> list[str]:
    """The cars of a page with what each takes a month."""
    found = texts.say("price.budget_cars", count=texts.cars(page.total), wish=wish_text(wish, texts, lexicon))
    lines = [
        texts.say(
            "price.budget_line",
            number=number,
            car=car_line(car, texts, lexicon),
            payment=texts.money(payment),
        )
        for number, (car, payment) in enumerate(zip(page.cars, payments, strict=True), 1)
    ]
    left = page.total - len(page.cars)
    return [found, *lines, *([texts.say("inventory.more", count=texts.cars(left))] if left else [])]


def _payment(car: Car, finance: Finance, months: int, asked: LoanTerms) -> int:
    down = down_payment_on(car.price, finance, down_percent=asked.down_percent, down_money=asked.down_money)
    return annuity(car.price - down, finance.rate_percent, months)


def _nothing(question: Question, data: Data, wish: CarFilter, months: int, asked: LoanTerms) -> str:
    """No car is that cheap: the cheapest there is, and what it would take a month."""
    texts, finance = question.texts, data.salon.finance
    cheapest = data.inventory.search(wish.model_copy(update={"order": "price"}), limit=1).cars
    if not cheapest or finance is None:
        return texts.say("price.budget_none", wish="")
    return texts.say(
        "price.budget_cheapest",
        car=car_line(cheapest[0], texts, data.lexicon),
        payment=texts.money(_payment(cheapest[0], finance, months, asked)),
    )
