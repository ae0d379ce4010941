"""Which amounts and payments the loans of an answer can have, every one of them worked out anew."""

import re
from typing import NamedTuple

from jobs.exam.oracle import Oracle
from jobs.exam.values import amounts, number_of

_MONTHS = re.compile(r"(\d+) ?(?:мес|month)", re.IGNORECASE)
_YEARS = re.compile(r"(\d+) ?(?:год|лет|year)", re.IGNORECASE)
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?) ?%")
_ROUTES = {"price", "inventory", "legend"}
_LONGEST = 120
_ROUND = 1
_ROUND_TOTAL = 60


class Loans(NamedTuple):
    """The payments by term in months, the other amounts of a loan, and sums over its term, where roundings add up."""

    monthly: dict[int, set[float]]
    others: set[float]
    totals: set[float]

    def explains(self, amount: float, line: str) -> bool:
        """Whether a loan of this answer gives the amount; a payment must be that of the term in its line."""
        lengths = [int(number) for number in _MONTHS.findall(line)]
        lengths += [12 * int(number) for number in _YEARS.findall(line)]
        terms = [number for number in lengths if number in self.monthly] or list(self.monthly)
        payments = (payment for term in terms for payment in self.monthly[term])
        return (
            any(abs(payment - amount) <= _ROUND for payment in payments)
            or any(abs(other - amount) <= _ROUND for other in self.others if other)
            or any(abs(total - amount) <= _ROUND_TOTAL for total in self.totals)
        )


def explained_loans(oracle: Oracle, answer: str, route: str, visitor: set[float]) -> Loans:
    """The loans for each price that the answer or the visitor names, by each down payment and term in question."""
    terms = oracle.salon.get("finance")
    prices = set(oracle.cars["price"])
    spoken = {amount for amount in amounts(answer) if amount in prices} | visitor
    if not terms or not spoken or route not in _ROUTES:
        return Loans({}, set(), set())
    months = {int(number) for number in _MONTHS.findall(answer)} | set(terms["months"])
    months |= {12 * int(number) for number in _YEARS.findall(answer)}
    percents = {number_of(number) for number in _PERCENT.findall(answer)} | {terms["down_payment_percent"]}
    loans = Loans({}, set(), set())
    for price in spoken:
        downs = {round(price * percent / 100) for percent in percents}
        for down in downs | {value for value in visitor if value < price}:
            _add(loans, oracle, price, down, months)
    return loans


def _add(loans: Loans, oracle: Oracle, price: float, down: float, months: set[int]) -> None:
    loan = price - down
    loans.others.update({down, loan})
    for length in months:
        if 0 < length <= _LONGEST:
            payment = oracle.annuity(loan, length)
            loans.monthly.setdefault(length, set()).add(payment)
            loans.totals.update({payment * length, payment * length - loan, payment * length + down})
