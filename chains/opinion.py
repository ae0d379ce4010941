"""What the trained model's opinion of a message decides beside the patterns."""

import re
from collections.abc import Sequence

from chains.decision import Decision, Intent
from chains.intents import Prediction
from chains.query import Reading
from chains.retrieval import Hit

_LEARNT: tuple[Intent, ...] = (
    "smalltalk", "off_topic", "callback", "brochure", "test_drive", "hours", "contacts", "credit",
)  # fmt: skip
VETO = 0.9
"""The probability of other questions from which on the model outvotes a pattern."""
SURE = 0.5
"""The probability from which on the model decides where no pattern did."""
NOT_STOCK = 0.7
"""The probability of other questions from which on a message that names cars is not about the stock."""
_FOR_A_CAR = re.compile(r"\b(?:на|для|for)\b")
INSTALMENTS = re.compile(r"рассрочк|instal?l?ment", re.IGNORECASE)


def vetoed(prediction: Prediction | None, intent: Intent) -> bool:
    """The model is very sure that the message is none of these; rules of a test drive stand in the brochure, too."""
    return (
        prediction is not None
        and prediction.share(intent) < 1 - VETO
        and max(prediction.probabilities.values()) >= VETO
    )


def surely(prediction: Prediction | None, intent: Intent) -> bool:
    """The model is as sure of a question as it must be to outvote a pattern."""
    return prediction is not None and prediction.share(intent) >= VETO


def not_stock(line: str, prediction: Prediction | None, reading: Reading, best: Hit | None) -> bool:
    """«плюсы и минусы A-класса», «выручка за 2025 год»: a car or a year is named, but words that nothing explains
    ask for what no show-case tells. «зимняя резина на C-класс» is for the section on tyres."""
    if surely(prediction, "legend") and best is not None and best.topical >= NOT_STOCK:
        asked = reading.quantities or reading.phrasing.order or reading.phrasing.statuses
        if not asked and reading.phrasing.ask == "price" and _FOR_A_CAR.search(line):
            return True
    if prediction is None or not reading.unknown:
        return False
    only_a_year = not reading.has_values and {one.kind for one in reading.quantities} == {"year"}
    if only_a_year and not reading.phrasing.any_car and prediction.share("inventory") < SURE:
        return True
    if prediction.share("inventory") > 1 - NOT_STOCK:
        return False
    if reading.values and any(one.kind == "price" for one in reading.quantities):
        return False  # «до 10 миллионов с массажем сидений, спину беречь надо»
    if prediction.share("unknown") >= NOT_STOCK:
        return True
    if len(reading.values.get("models", ())) > 1:
        return False  # "glb 200 against gla 200"
    if reading.phrasing.ask or reading.phrasing.order or reading.quantities or len(reading.values) > 1:
        return False
    return prediction.share("wiki", "off_topic", "legend", "brochure", "callback", "test_drive") >= NOT_STOCK


def learnt(
    prediction: Prediction | None, reading: Reading, *, told: bool, addressed: bool, follows_cars: bool
) -> Decision | None:
    """What the model says, where it is sure enough and it is not for passages to say: nothing of cars in stock where
    an article has `told` what is asked. What is `addressed` to the salon is rarely off topic."""
    if prediction is None:
        return None
    for intent in _LEARNT:
        share = prediction.share(intent)
        if share >= (NOT_STOCK if addressed and intent == "off_topic" else SURE):
            detail = prediction.best(intent).partition(":")[2] or ("answer" if intent == "off_topic" else "")
            return Decision(intent, detail, share)
    if prediction.share("other_brand") >= SURE:
        return Decision("off_topic", "other_brand", prediction.share("other_brand"))
    about_cars = reading.has_constraints or reading.phrasing.any_car or follows_cars
    if about_cars and not told and prediction.share("inventory") >= SURE:
        return Decision("inventory", confidence=prediction.share("inventory"))
    return None


def of_instalments(hits: Sequence[Hit]) -> float:
    """How well the best section is found if it speaks of instalments, which are the salon's own terms; else 0."""
    best = hits[0] if hits else None
    speaks = best is not None and best.passage.kind == "legend" and INSTALMENTS.search(best.passage.text)
    return min(1.0, best.coverage) if best is not None and speaks else 0.0
