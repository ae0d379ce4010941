"""A loan in a visitor's own words: down payment, term, price, and what belongs to none of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.answers.loan_terms import LoanTerms, read_loan_terms
from chains.quantities import Quantity


@pytest.mark.parametrize(
    ("message", "percent"),
    [
        ("взнос 30%", 30),
        ("взнос 30 %, C 180", 30),
        ("первоначальный взнос 40 процентов", 40),
        ("со взносом тридцать пять процентов", 35),
        ("30% первый взнос", 30),
        ("взнос, скажем, 12,5%", 12.5),
        ("внесу сразу половину", 50),
        ("взнос 30, срок 36 месяцев", 30),
        ("a C 180 with 20% down", 20),
        ("a down payment of 25 percent", 25),
        ("C 180 в кредит с 30%", 30),
    ],
)
def test_a_down_payment_is_read_as_a_share(message: str, percent: float) -> None:
    terms = read_loan_terms(message)
    assert (terms.down_percent, terms.down_money, terms.price) == (percent, None, None)


@pytest.mark.parametrize(
    ("message", "money"),
    [
        ("взнос 2 000 000", 2_000_000),
        ("взнос 1,5 млн", 1_500_000),
        ("при взносе 500 тысяч", 500_000),
        ("взнос — 2 млн 300 тысяч рублей", 2_300_000),
        ("взнос миллион", 1_000_000),
        ("первый взнос полмиллиона", 500_000),
        ("взнос полтора миллиона", 1_500_000),
        ("внесу 90 000 рублей", 90_000),
        ("2 млн взнос, на 3 года", 2_000_000),
        ("взнос в размере 50 000", 50_000),
        ("первоначалка 700 тысяч", 700_000),
        ("2 million down", 2_000_000),
        ("a down payment of 2,000,000", 2_000_000),
        ("with 250,000 down", 250_000),
        ("есть 2 млн, остальное в кредит на 3 года", 2_000_000),
        ("I have 2 million, the rest on credit", 2_000_000),
        ("без взноса", 0),
        ("без первого взноса на 3 года", 0),
        ("с нулевым первоначальным взносом", 0),
        ("without a down payment", 0),
        ("no money down", 0),
        ("взнос 0 рублей", 0),
    ],
)
def test_a_down_payment_is_read_as_money_and_is_no_price(message: str, money: int) -> None:
    terms = read_loan_terms(message)
    assert (terms.down_money, terms.down_percent, terms.price, terms.quantities) == (money, None, None, ())


@pytest.mark.parametrize(
    ("message", "months"),
    [
        ("на 3 года", (36,)),
        ("на 36 месяцев", (36,)),
        ("на тридцать шесть месяцев", (36,)),
        ("на полтора года", (18,)),
        ("на 2 с половиной года", (30,)),
        ("на 2 года и 6 месяцев", (30,)),
        ("на год", (12,)),
        ("на полгода", (6,)),
        ("срок 5 лет", (60,)),
        ("срок: 48 мес.", (48,)),
        ("на 3 или 5 лет", (36, 60)),
        ("на 12, 24 и 36 месяцев", (12, 24, 36)),
        ("на 24 месяца или на 3 года", (24, 36)),
        ("for 5 years", (60,)),
        ("over 48 months", (48,)),
        ("a 5-year loan", (60,)),
        ("for a year and a half", (18,)),
        ("на 15 лет", (180,)),
        ("в кредит, сколько в месяц?", ()),
        ("на 0 месяцев", ()),
    ],
)
def test_a_term_is_read_in_months_and_is_no_model_year(message: str, months: tuple[int, ...]) -> None:
    terms = read_loan_terms(message)
    assert (terms.months, terms.quantities, terms.price) == (months, (), None)


@pytest.mark.parametrize("message", ["C 180 21 года в кредит", "C 180 2021 года в кредит"])
def test_a_model_year_is_no_term(message: str) -> None:
    terms = read_loan_terms(message, ["c 180"])
    assert (terms.months, terms.quantities) == ((), (Quantity("year", 2021, 2021),))


@pytest.mark.parametrize(
    "message", ["не старше 3 лет в кредит", "a loan on a car 3 years old", "кредит, стаж 3 года"]
)
def test_an_age_is_no_term(message: str) -> None:
    assert read_loan_terms(message).months == ()


@pytest.mark.parametrize("message", ["кредит под 10% годовых", "ставка 18%", "a loan at 9% interest"])
def test_a_rate_is_no_down_payment(message: str) -> None:
    assert read_loan_terms(message) == LoanTerms()


@pytest.mark.parametrize(
    ("message", "price"),
    [
        ("за 5 млн, взнос 30%, 36 месяцев", 5_000_000),
        ("взнос 30%, машина за 5 млн", 5_000_000),
        ("2 млн первый взнос, 5 млн цена", 5_000_000),
        ("платёж по C 180 за 6 250 000", 6_250_000),
        ("C 180 2026 6 250 000 в кредит", 6_250_000),
        ("the C 180 at 6,250,000 with 2,000,000 down", 6_250_000),
        ("C 180 for 6,250,000, 10% down", 6_250_000),
        ("a loan for 5 million for 5 years", 5_000_000),
        ("машина за 5 млн, 2 млн есть, остальное в кредит", 5_000_000),
        ("C 180 до 5 млн в кредит", None),
        ("C 180 не дороже 5 млн, взнос 2 млн", None),
        ("кредит на машину от 3 до 5 млн", None),
        ("C 180, платить до 50 тысяч в месяц", None),
    ],
)
def test_a_price_named_outright_is_told_from_limits_and_budgets(message: str, price: int | None) -> None:
    assert read_loan_terms(message, ["c 180"]).price == price


def test_a_limit_stays_a_wish_for_the_car() -> None:
    terms = read_loan_terms("C 180 до 5 млн, взнос 2 млн на 3 года", ["c 180"])
    assert terms.quantities == (Quantity("price", None, 5_000_000),)
    assert terms.down_money == 2_000_000


def test_the_first_payment_is_not_the_first_car() -> None:
    assert read_loan_terms("первый взнос 30%").ordinal is None
    assert read_loan_terms("вторая, первый взнос 30%").ordinal == 1


@pytest.mark.parametrize("message", ["", "%", "взнос", "взнос на", "на", "без", "%%% взнос % 9" + "9" * 500])
def test_scraps_say_nothing(message: str) -> None:
    assert read_loan_terms(message) == LoanTerms()


@given(text=st.text(alphabet="взнос на года мес 0123456789,.%-–₽млн down for years C", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    terms = read_loan_terms(text)
    assert all(months > 0 for months in terms.months)
    assert terms.down_percent is None or terms.down_money is None


_PRICES = st.integers(min_value=100, max_value=60_000).map(lambda thousands: thousands * 1000)
_TEMPLATES = (
    "за {price}, взнос {down}, {months} месяцев",
    "Сколько в месяц за {price} со взносом {down} на {months} мес.?",
    "кредит на {months} месяцев, первоначальный взнос {down}, цена {price}",
    "{down} первый взнос, машина за {price}, срок {months} мес",
    "a car for {price} with {down} down over {months} months",
    "{months}-month loan, a down payment of {down}, price {price}",
)


def _written(amount: int, style: str) -> str:
    if style == "spaces":
        return f"{amount:,}".replace(",", " ")
    if style == "millions":
        return f"{amount / 1_000_000:g} млн" if amount >= 1_000_000 else f"{amount // 1000} тысяч"
    return f"{amount} ₽" if style == "sign" else str(amount)


@given(
    price=_PRICES,
    share=st.integers(min_value=0, max_value=99),
    months=st.integers(min_value=1, max_value=120),
    template=st.sampled_from(_TEMPLATES),
    style=st.sampled_from(["spaces", "plain", "sign"]),
)
def test_a_share_a_price_and_a_term_are_read_back(
    price: int, share: int, months: int, template: str, style: str
) -> None:
    message = template.format(price=_written(price, style), down=f"{share}%", months=months)
    terms = read_loan_terms(message)
    assert (terms.price, terms.down_percent, terms.down_money, terms.months) == (
        price,
        share,
        None,
        (months,),
    )


@given(
    price=_PRICES,
    down=_PRICES,
    months=st.integers(min_value=1, max_value=120),
    template=st.sampled_from(_TEMPLATES),
    style=st.sampled_from(["spaces", "plain", "sign", "millions"]),
)
def test_money_a_price_and_a_term_are_read_back(
    price: int, down: int, months: int, template: str, style: str
) -> None:
    message = template.format(price=_written(price, style), down=_written(down, style), months=months)
    terms = read_loan_terms(message)
    assert (terms.price, terms.down_percent, terms.down_money, terms.months) == (price, None, down, (months,))
