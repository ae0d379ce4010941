"""What a message sets of a wish for cars, for tests of the reader."""

from chains.followup import complete
from chains.query import read
from chains.vocabulary import Vocabulary
from stores.cars import CarFilter


def wish(message: str, vocabulary: Vocabulary, this_year: int | None = None) -> dict[str, object]:
    """The fields that a message sets, without those that ask for nothing."""
    query = complete(read(message, vocabulary, this_year), None)
    empty = CarFilter()
    return {name: value for name, value in query.filter if value != getattr(empty, name)}
