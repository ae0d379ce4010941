"""The exam's figures, on cases worked out by hand."""

import math

import pytest

from jobs.exam.gate import Gate
from jobs.exam.metrics import bleu, errors, passes, percentile
from jobs.exam.report import Figures
from jobs.exam.values import Value


def test_a_copy_of_the_reference_scores_one() -> None:
    assert bleu([("один два три четыре пять", ["один два три четыре пять"])]) == pytest.approx(1)


def test_the_penalty_for_brevity_takes_the_mean_length_of_the_references() -> None:
    answer = "a b c d"
    references = ["a b c d", "a b c d e f g h"]
    assert bleu([(answer, references)]) == pytest.approx(math.exp(1 - 6 / 4))


def test_words_without_a_common_run_of_four_score_nothing() -> None:
    assert bleu([("a b c d e", ["e d c b a"])]) == 0
    assert bleu([]) is None


def test_a_number_that_was_not_said_is_not_right_and_enters_no_rmse() -> None:
    found = errors([Value("price", 100, 103), Value("price", 100, None), Value("price", 50, 46)])
    assert len(found) == 1
    one = found[0]
    assert (one.asked, one.said, one.right) == (3, 2, 0)
    assert one.rmse == pytest.approx(math.sqrt((9 + 16) / 2))


def test_percentiles_are_values_that_occurred() -> None:
    assert percentile([3, 1, 2, 10], 0.5) == 2
    assert percentile([3, 1, 2, 10], 0.95) == 10


def test_pass_k_asks_for_every_run() -> None:
    assert passes([[True, True], [True, False]]) == (0.75, 0.5)


def test_the_gate_only_rises() -> None:
    gate = Gate(right=0.9, wrong_facts=0, overblocked=1)
    worse = Figures(right=80, dialogs=100, wrong_facts=2, overblocked=2)
    better = Figures(right=95, dialogs=100, wrong_facts=0, overblocked=0)
    assert len(gate.missed_by(worse)) == 3
    assert gate.raised(worse) == gate
    assert gate.raised(better) == Gate(right=0.95, wrong_facts=0, overblocked=0)
    assert not gate.raised(better).missed_by(better)
