"""Loan payments by the annuity formula."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.answers.loans import (
    affordable_price,
    annuity,
    down_payment_on,
    loan_for,
    minimum_down_payment,
)
from stores.salon import Finance


def test_a_payment_is_that_of_the_textbook() -> None:
    # 1,000,000 at 12 % a year over 12 months: 1 % a month
    assert annuity(1_000_000, 12, 12) == 88_849


def test_a_loan_without_interest_is_paid_in_equal_parts() -> None:
    assert annuity(1_200, 0, 12) == 100


@given(
    principal=st.integers(min_value=100_000, max_value=50_000_000),
    rate=st.floats(min_value=0.1, max_value=40),
    months=st.integers(min_value=1, max_value=84),
)
def test_the_payments_pay_the_loan_off(principal: int, rate: float, months: int) -> None:
    """Month by month the debt comes down to nothing, but for the rounding of the payment."""
    payment, monthly, debt = annuity(principal, rate, months), rate / 1200, float(principal)
    for _ in range(months):
        debt = debt * (1 + monthly) - payment
    rounding = sum((1 + monthly) ** month for month in range(months)) / 2
    assert abs(debt) <= rounding + 1


def test_a_loan_itemises_the_down_payment() -> None:
    loan = loan_for(5_000_000, Finance(rate_percent=18, down_payment_percent=20, months=(12, 60)))
    assert (loan.down_payment, loan.principal) == (1_000_000, 4_000_000)
    assert loan.payments == {12: pytest.approx(366_720, abs=1), 60: pytest.approx(101_574, abs=1)}


def test_a_loan_on_other_terms_takes_them() -> None:
    finance = Finance(rate_percent=17.9, down_payment_percent=20, months=(12, 60))
    loan = loan_for(6_250_000, finance, down_payment=2_000_000, months=(36,))
    assert (loan.principal, loan.payments) == (4_250_000, {36: 153_435})


def test_the_least_down_payment_is_the_salons_share_of_the_price() -> None:
    finance = Finance(rate_percent=18, down_payment_percent=12.5, months=(12,))
    assert minimum_down_payment(1_000_001, finance) == 125_000


def test_what_is_paid_and_overpaid_follow_from_the_payment() -> None:
    loan = loan_for(1_000_000, Finance(rate_percent=12, down_payment_percent=0, months=(12,)))
    assert (loan.payments[12], loan.paid(12), loan.overpaid(12)) == (88_849, 1_066_188, 66_188)


@given(
    monthly=st.integers(min_value=1_000, max_value=3_000_000),
    rate=st.sampled_from([0.0, 9.9, 17.9, 24.0]),
    share=st.sampled_from([0.0, 10.0, 20.0, 45.5]),
    months=st.sampled_from([12, 36, 84]),
    percent=st.none() | st.integers(min_value=0, max_value=90),
)
def test_the_affordable_price_is_the_highest_whose_payment_fits(
    monthly: int, rate: float, share: float, months: int, percent: int | None
) -> None:
    finance = Finance(rate_percent=rate, down_payment_percent=share, months=(months,))
    price = affordable_price(monthly, finance, months, down_percent=percent)

    def payment(of: int) -> int:
        return annuity(of - down_payment_on(of, finance, down_percent=percent), rate, months)

    assert payment(price) <= monthly < payment(price + 2)


def test_a_sum_paid_down_is_never_less_than_the_salons_share() -> None:
    finance = Finance(rate_percent=12, down_payment_percent=20, months=(12,))
    price = affordable_price(1_000_000, finance, 12, down_money=500_000)
    assert price == 2_500_000
    assert down_payment_on(price, finance, down_money=500_000) == 500_000
