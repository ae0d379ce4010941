"""The authored messages with a real salon's names filled in, as its visitors would write them."""

from typing import TYPE_CHECKING

from jobs.router_training.data import Message, filled

if TYPE_CHECKING:
    from services import Services

_OTHERS = ("BMW X5", "Toyota Camry", "Audi", "Лексус", "Киа", "Mercedes", "Volvo", "Шкода")


def in_salon(message: Message, services: "Services", turn: int) -> str:
    """The text with models, classes and the brand of the salon; `turn` chooses among them."""
    facets = services.inventory.facets()
    own = " ".join(services.lexicon.brand_words)
    others = [name for name in _OTHERS if name.split()[0].lower() not in own.lower()]
    names = {
        "model": facets.models[turn % len(facets.models)],
        "class": _class_name(facets.classes[turn % len(facets.classes)], message.language),
        "class2": _class_name(facets.classes[(turn + 1) % len(facets.classes)], message.language),
        "brand": services.salon.brand,
        "other": others[turn % len(others)],
        "other2": others[(turn + 1) % len(others)],
    }
    text = message.text
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return filled(text, turn)


def _class_name(name: str, language: str) -> str:
    """A class of one letter needs the word beside it."""
    return name if len(name) > 1 else f"{name}-класс" if language == "ru" else f"{name}-Class"
