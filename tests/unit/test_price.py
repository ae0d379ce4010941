"""Loan payments by the annuity formula."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.answers.loans import annuity, loan_for, minimum_down_payment
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
