"""Loans by the annuity formula: all amounts in whole currency units, every figure recomputable from `salon.toml`."""

from collections.abc import Sequence
from dataclasses import dataclass

from stores.salon import Finance


@dataclass(frozen=True)
class Loan:
    """A loan on `price`: all amounts in whole currency units, `payments` by number of months."""

    price: int
    down_payment: int
    principal: int
    payments: dict[int, int]

    def paid(self, months: int) -> int:
        """What all payments of a term come to."""
        return self.payments[months] * months

    def overpaid(self, months: int) -> int:
        """What the payments of a term come to beyond the sum lent."""
        return self.paid(months) - self.principal


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


def affordable_price(
    monthly: int,
    finance: Finance,
    months: int,
    *,
    down_percent: float | None = None,
    down_money: int | None = None,
) -> int:
    """The highest price whose payment over `months` is at most `monthly`; 0 when there is none.

    The down payment is `down_money`, else `down_percent` of the price, else the salon's least; it is never less than
    the salon's least. The payment grows with the price, so the price is found by halving.
    """

    def payment(price: int) -> int:
        return annuity(
            price - down_payment_on(price, finance, down_percent=down_percent, down_money=down_money),
            finance.rate_percent,
            months,
        )

    def fits(price: int) -> bool:
        return payment(price) <= monthly

    low, high = 0, 1
    while fits(high) and high < _NO_PRICE:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    if down_money is not None and finance.down_payment_percent > 0:
        # More than this and the sum named would be less than the salon's least down payment.
        low = min(low, int(down_money * 100 / finance.down_payment_percent))
    return low


_NO_PRICE = 10**13


def down_payment_on(
    price: int, finance: Finance, *, down_percent: float | None = None, down_money: int | None = None
) -> int:
    """The down payment on a price: the sum or the share named, at least the salon's least, at most the price."""
    least = minimum_down_payment(price, finance)
    if down_money is not None:
        wanted = down_money
    elif down_percent is not None:
        wanted = round(price * down_percent / 100)
    else:
        wanted = least
    return min(price, max(least, wanted))
