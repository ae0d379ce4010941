"""Two periods held against each other: published examples, and what chance alone does."""

import numpy as np
import pytest

from chains.pilot import (
    Comparison,
    compare_means,
    compare_quantiles,
    compare_rates,
    compare_shares,
    corrected,
    dialogs_needed,
)


def _answers(yes: int, of: int) -> list[bool]:
    return [True] * yes + [False] * (of - yes)


def test_the_interval_of_a_difference_of_shares_is_newcombes() -> None:
    # 56 of 70 against 48 of 80, the first example of Newcombe (1998): 0.0524 to 0.3339
    found = compare_shares("alone", _answers(48, 80), _answers(56, 70))
    assert found.difference == pytest.approx(0.2)
    assert found.low == pytest.approx(0.0524, abs=5e-4)
    assert found.high == pytest.approx(0.3339, abs=5e-4)
    assert found.test == "score"
    assert found.p is not None
    assert 0.005 < found.p < 0.01


def test_few_dialogs_are_tested_exactly() -> None:
    found = compare_shares("alone", _answers(3, 15), _answers(13, 20))
    assert found.test == "boschloo"
    assert found.p is not None
    assert 0.005 < found.p < 0.02  # Fisher's exact test, which is more careful: 0.0155


def test_few_observations_are_shown_and_not_tested() -> None:
    for found in (
        compare_shares("alone", _answers(1, 4), _answers(30, 40)),
        compare_means("csat", [9.0] * 4, [3.0] * 40),
        compare_quantiles("p50_ms", [[5.0]] * 4, [[9.0]] * 40, 0.5),
        compare_rates("dialogs_a_day", [3] * 4, [9] * 40),
    ):
        assert (found.p, found.low, found.difference) == (None, None, None)
        assert found.before is not None
        assert found.after is not None


def test_nothing_at_all_is_no_figure() -> None:
    found = compare_means("csat", [], [])
    assert (found.before, found.after, found.p) == (None, None, None)
    assert compare_quantiles("p50_ms", [], [[]], 0.5).after is None


def test_all_the_same_is_no_change() -> None:
    assert compare_shares("alone", [True] * 300, [True] * 400).p == 1.0
    assert compare_shares("alone", [False] * 30, [False] * 40).p == 1.0
    assert compare_means("csat", [8.0] * 20, [8.0] * 30).p == 1.0
    assert compare_rates("dialogs_a_day", [3] * 14, [3] * 14).difference == 1.0


def test_marks_that_do_not_overlap_differ() -> None:
    found = compare_means(
        "csat", [2.0, 3.0, 2.0, 1.0, 3.0, 2.0, 2.0, 1.0], [9.0, 10.0, 9.0, 8.0, 9.0, 10.0, 9.0]
    )
    assert found.p is not None
    assert found.p < 0.01
    assert found.low is not None
    assert found.low > 5


def test_chance_alone_is_seldom_taken_for_a_change_and_the_truth_lies_in_the_interval() -> None:
    rng = np.random.default_rng(7)
    wrong, outside, rounds = 0, 0, 30
    for _ in range(rounds):
        # dialogs of one to eight answers that are alike: taken one by one they would look like many more
        before, after = (
            [
                rng.lognormal(np.log(slow), 0.1, rng.integers(1, 9)).tolist()
                for slow in rng.lognormal(4, 1, 80)
            ]
            for _ in range(2)
        )
        found = compare_quantiles("p50_ms", before, after, 0.5)
        assert found.p is not None
        assert found.low is not None
        assert found.high is not None
        wrong += found.p < 0.05
        outside += not found.low <= 0 <= found.high
    # one or two of thirty are to be expected; more than six happen once in a thousand times
    assert wrong <= 6
    assert outside <= 6


def test_busy_days_are_no_change_of_the_rate() -> None:
    rng = np.random.default_rng(3)
    wrong = 0
    for _ in range(60):
        busy = rng.gamma(2, 10, 28)  # twenty dialogs a day on the average, but days differ widely
        days = rng.poisson(busy)
        found = compare_rates("dialogs_a_day", days[:14].tolist(), days[14:].tolist())
        wrong += found.p is not None and found.p < 0.05
    assert wrong <= 9


def test_a_rate_that_doubles_is_found() -> None:
    found = compare_rates("dialogs_a_day", [10, 12, 9, 11, 8, 12, 10], [20, 24, 19, 22, 18, 23, 21])
    assert found.difference == pytest.approx(147 / 72)
    assert found.low is not None
    assert found.low > 1.5
    assert found.p is not None
    assert found.p < 0.001


def test_p_values_are_corrected_by_holms_method() -> None:
    given = [Comparison("a", "share", 9, 9, p=p) for p in (0.01, 0.04, 0.03)] + [
        Comparison("b", "share", 1, 1)
    ]
    assert [one.p_adjusted for one in corrected(given)] == [
        pytest.approx(0.03),
        pytest.approx(0.06),
        pytest.approx(0.06),
        None,
    ]
    assert [one.changed for one in corrected(given)] == [True, False, False, False]


def test_a_smaller_change_needs_more_dialogs() -> None:
    assert dialogs_needed(0.5, 0.05) > 3 * dialogs_needed(0.5, 0.1)
    # 0.50 against 0.60 at 5 % and 80 %: 388 by Cohen's h = 0.2014
    assert dialogs_needed(0.5, 0.1) == pytest.approx(388, abs=3)
    with pytest.raises(ValueError, match="nothing"):
        dialogs_needed(0.5, 0)
