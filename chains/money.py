"""What a bare amount of money means in a salon: millions of roubles here, thousands of euros there."""

import math
from typing import NamedTuple

BARE_PRICE_FROM = 100_000
MILLIONS_BELOW = 100
_MOST_TIMES_OFF = 5
_WRITTEN_OUT_FROM = 1000


class Money(NamedTuple):
    """The salon's `currency` (ISO 4217), and its lowest and highest price where they are known.

    The prices tell what «до 5» means: millions of roubles here, thousands of euros there.
    """

    currency: str = "RUB"
    low: float | None = None
    high: float | None = None

    def scale(self, value: float, kind: str | None, currency: str | None) -> float:
        """How many times more is meant than said: «до 5» is millions here; 0: no price of this salon.

        Args:
            kind: `price` where the words around say that it is one.
            currency: the one that is named beside it, if any.
        """
        if kind == "price" and currency is not None and value >= _WRITTEN_OUT_FROM:
            return 1
        if self.low is None or self.high is None:
            return 1_000_000 if value < MILLIONS_BELOW else 1
        low, high = self.low, self.high
        best = min((1.0, 1000.0, 1_000_000.0), key=lambda factor: _distance(value * factor, low, high))
        if value >= BARE_PRICE_FROM:
            return 1
        near = _distance(value * best, low, high) <= math.log(_MOST_TIMES_OFF)
        return best if near or kind == "price" else 0


def _distance(value: float, low: float, high: float) -> float:
    """How far a price lies outside the salon's prices, as a logarithm; 0 inside."""
    if value <= 0:
        return math.inf
    return max(math.log(low / value), math.log(value / high), 0.0)
