"""What every answer about cars is made of: the lines of a list, the sources, and what a follow-up will need."""

from collections.abc import Sequence

from chains.answers.context import Data, Question
from chains.answers.wording_cars import car_details, car_facts, car_line, car_source
from chains.followup import CarDialog
from chains.query import CarQuery
from chains.reply import Draft, Fact, Source
from stores.cars import Car

CARS_OF_A_REPLY = 5


def car_draft(
    question: Question,
    data: Data,
    text: str,
    *,
    dialog: CarDialog,
    cars: Sequence[Car] = (),
    told: Sequence[Car] = (),
    total: int = 0,
    facts: Sequence[Fact] = (),
) -> Draft:
    """The draft of an answer from the show-case.

    Args:
        dialog: what the next message may refer to.
        cars: the cars that the reply names, best first; `told` those of which the text states more, if it does.
        total: how many match.
        facts: what the text states beyond the fields of its cars and their number.
    """
    status = data.inventory.status()
    refreshed = status.refreshed_at.astimezone(data.salon.zone) if status.refreshed_at else question.now
    stock = Source(
        kind="inventory",
        title=question.texts.say("inventory.source", at=f"{refreshed:%d.%m.%Y %H:%M}"),
        ref=f"inventory:{status.version}",
    )
    stated = {car.stock_id: car for car in (*cars, *told)}.values()
    return Draft(
        route="inventory",
        text=text,
        facts=(
            Fact("query", "count", total, str(total)),
            *facts,
            *(fact for car in stated for fact in car_facts(car)),
        ),
        sources=(*(car_source(car) for car in stated), stock),
        cars=tuple(car.stock_id for car in cars[:CARS_OF_A_REPLY]),
        cars_total=total,
        state={"cars": dialog.model_dump(mode="json")},
    )


def dialog_of(question: Question) -> CarDialog:
    """The dialog about cars so far, an empty one at its start."""
    return question.cars or CarDialog(query=CarQuery())


def numbered(question: Question, data: Data, cars: Sequence[Car], *, details: bool = False) -> str:
    """Cars line by line, numbered from 1; with `details` everything known of each."""
    say = car_details if details else car_line
    return "\n".join(
        f"{number}. {say(car, question.texts, data.lexicon)}" for number, car in enumerate(cars, 1)
    )
