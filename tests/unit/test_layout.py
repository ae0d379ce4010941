"""Messages typed in the wrong keyboard layout."""

import pytest

from chains.layout import retyped


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ghbdtn", "привет"),
        ("ghbdtn!", "привет!"),
        ("rfrbt tcnm ctlfys?", "какие есть седаны?"),
        ("crjkmrj cnjbn vfibyf", "сколько стоит машина"),
        ("tcnm E200?", "есть E200?"),
        ("ghbdtn, tcnm ukc?", "привет, есть глс?"),
    ],
)
def test_russian_typed_on_the_english_layout_is_read_as_it_was_meant(typed: str, meant: str) -> None:
    assert retyped(typed) == meant


@pytest.mark.parametrize(
    "message",
    [
        "hello",
        "C 180",
        "GLE 450 4MATIC",
        "any white SUV under 8 mln?",
        "buyer@example.com",
        "есть GLC?",
        "vito",
    ],
)
def test_a_message_that_says_something_as_it_stands_is_left_alone(message: str) -> None:
    assert retyped(message) == message
