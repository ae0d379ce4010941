"""Two periods held against each other, the one before a pilot and the pilot: what changed, and may it be chance?

The unit is the dialog wherever answers of one dialog depend on each other. For each figure one test, chosen before
anybody looks at the data, and p-values corrected for their number (Holm, 1979), so that of ten figures that did not
change none is likely to be reported as changed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Kind = Literal["share", "mean", "milliseconds", "ratio"]
CONFIDENCE = 0.95
FEWEST = 5
"""Observations in each period below which nothing is tested: a test of four says nothing, and looks as if it did."""
_RESAMPLES = 1_000
_EXACT_UP_TO = 60  # observations; the exact test takes seconds for more, and the score test is as good there
_SEED = 20  # the same data give the same interval each time
_NORMAL_95, _NORMAL_80 = 1.959964, 0.841621


@dataclass(frozen=True)
class Comparison:
    """A figure in two periods.

    `before` and `after` are the figure, `n_before` and `n_after` how many observations it is made of. `difference` is
    after minus before, of a `ratio` after divided by before; `low` and `high` are its 95 % confidence interval. `p` is
    the two-sided p-value of `test`, `p_adjusted` the same corrected for the number of comparisons. `detectable` is the
    smallest difference that samples of this size would find four times out of five. What cannot be told is None.
    """

    name: str
    kind: Kind
    n_before: int
    n_after: int
    before: float | None = None
    after: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    test: str | None = None
    detectable: float | None = None

    @property
    def changed(self) -> bool:
        """Whether chance alone would hardly do it: the corrected p-value is below 5 %."""
        return self.p_adjusted is not None and self.p_adjusted < 1 - CONFIDENCE


def compare_shares(name: str, before: Sequence[bool], after: Sequence[bool]) -> Comparison:
    """Shares of dialogs: Newcombe's interval for the difference (1998), Boschloo's exact test for few,
    else the score test."""
    from statsmodels.stats.proportion import confint_proportions_2indep

    found = Comparison(name, "share", len(before), len(after), _share(before), _share(after))
    if min(len(before), len(after)) < FEWEST:
        return found
    yes = int(sum(after)), int(sum(before))
    low, high = confint_proportions_2indep(
        yes[0], len(after), yes[1], len(before), method="newcomb", compare="diff", alpha=1 - CONFIDENCE
    )
    p, test = _share_test(yes[0], len(after), yes[1], len(before))
    pooled = sum(yes) / (len(before) + len(after))
    error = (pooled * (1 - pooled) * (1 / len(before) + 1 / len(after))) ** 0.5
    return replace(
        found,
        difference=yes[0] / len(after) - yes[1] / len(before),
        low=float(low),
        high=float(high),
        p=p,
        test=test,
        detectable=float((_NORMAL_95 + _NORMAL_80) * error),
    )


def compare_means(name: str, before: Sequence[float], after: Sequence[float]) -> Comparison:
    """Marks on a scale: the Brunner-Munzel test (2000), which asks neither for a normal nor for an equal spread, and a
    BCa bootstrap interval (Efron, 1987) for the difference of the means."""
    one, two = np.asarray(before, float), np.asarray(after, float)
    found = Comparison(name, "mean", len(one), len(two), _mean(one), _mean(two))
    if min(len(one), len(two)) < FEWEST:
        return found
    low, high = _interval(one, two, lambda a, b, axis=-1: b.mean(axis=axis) - a.mean(axis=axis))
    error = (one.var(ddof=1) / len(one) + two.var(ddof=1) / len(two)) ** 0.5
    return replace(
        found,
        difference=float(two.mean() - one.mean()),
        low=low,
        high=high,
        p=_brunner_munzel(one, two),
        test="brunner_munzel",
        detectable=float((_NORMAL_95 + _NORMAL_80) * error),
    )


def compare_quantiles(
    name: str, before: Sequence[Sequence[float]], after: Sequence[Sequence[float]], quantile: float
) -> Comparison:
    """A quantile of times to answer, given by dialog. Its interval comes from resampling whole dialogs, as the answers
    of one are alike (cluster bootstrap); the test is Brunner-Munzel's on that quantile of each dialog."""
    one, two = _Clusters(before), _Clusters(after)
    found = Comparison(
        name, "milliseconds", one.clusters, two.clusters, one.quantile(quantile), two.quantile(quantile)
    )
    if min(one.clusters, two.clusters) < FEWEST or found.before is None or found.after is None:
        return found
    rng = np.random.default_rng(_SEED)
    draws = two.resampled(quantile, rng) - one.resampled(quantile, rng)
    low, high = np.quantile(draws, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return replace(
        found,
        difference=found.after - found.before,
        low=float(low),
        high=float(high),
        p=_brunner_munzel(one.of_each(quantile), two.of_each(quantile)),
        test="brunner_munzel_by_dialog",
        detectable=float((_NORMAL_95 + _NORMAL_80) * draws.std(ddof=1)),
    )


def compare_rates(name: str, before: Sequence[int], after: Sequence[int]) -> Comparison:
    """Counts a day: a Poisson regression on the period whose spread is estimated (quasi-Poisson): busy and quiet
    days differ by more than chance. `difference` is the ratio of the two rates."""
    one, two = np.asarray(before, float), np.asarray(after, float)
    found = Comparison(name, "ratio", len(one), len(two), _mean(one), _mean(two))
    if min(len(one), len(two)) < FEWEST or not one.sum() or not two.sum():
        return found
    if not one.var() and not two.var():  # nothing to estimate a spread from
        return replace(found, difference=float(two.mean() / one.mean()))
    import statsmodels.api as sm

    period = np.r_[np.zeros(len(one)), np.ones(len(two))]
    model = sm.GLM(np.r_[one, two], sm.add_constant(period), family=sm.families.Poisson())
    fit = model.fit(scale="X2")
    low, high = np.exp(fit.conf_int(alpha=1 - CONFIDENCE)[1])
    return replace(
        found,
        difference=float(np.exp(fit.params[1])),
        low=float(low),
        high=float(high),
        p=float(fit.pvalues[1]),
        test="quasi_poisson",
        detectable=float(np.exp((_NORMAL_95 + _NORMAL_80) * fit.bse[1])),
    )


def corrected(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """The same with `p_adjusted`, by Holm's method over those that were tested."""
    from statsmodels.stats.multitest import multipletests

    tested = [one.p for one in comparisons if one.p is not None]
    adjusted = iter(multipletests(tested, method="holm")[1] if tested else ())
    return [one if one.p is None else replace(one, p_adjusted=float(next(adjusted))) for one in comparisons]


def dialogs_needed(share: float, change: float) -> int:
    """How many dialogs each period needs, so that a share which moves by `change` is found four times out of five."""
    from statsmodels.stats.power import NormalIndPower
    from statsmodels.stats.proportion import proportion_effectsize

    effect = proportion_effectsize(min(max(share + change, 0.0), 1.0), share)
    if not effect:
        raise ValueError("a change of nothing needs no dialogs to be found")
    return int(np.ceil(NormalIndPower().solve_power(abs(effect), alpha=1 - CONFIDENCE, power=0.8)))


def days_between(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]


class _Clusters:
    """Values that come in groups, sorted once so that a resample is one pass."""

    def __init__(self, groups: Sequence[Sequence[float]]) -> None:
        self._groups = [np.asarray(group, float) for group in groups if len(group)]
        self.clusters = len(self._groups)
        values = np.concatenate(self._groups) if self._groups else np.empty(0)
        owners = np.repeat(np.arange(self.clusters), [len(group) for group in self._groups])
        order = np.argsort(values, kind="stable")
        self._values, self._owners = values[order], owners[order]

    def quantile(self, quantile: float) -> float | None:
        return float(np.quantile(self._values, quantile)) if self.clusters else None

    def of_each(self, quantile: float) -> Numbers:
        return np.array([np.quantile(group, quantile) for group in self._groups])

    def resampled(self, quantile: float, rng: np.random.Generator) -> Numbers:
        """The quantile in as many resamples of the groups as are drawn."""
        found = np.empty(_RESAMPLES)
        even = np.full(self.clusters, 1 / self.clusters)
        for index in range(_RESAMPLES):
            weights = np.cumsum(rng.multinomial(self.clusters, even)[self._owners])
            found[index] = self._values[np.searchsorted(weights, quantile * weights[-1])]
        return found


def _share(values: Sequence[bool]) -> float | None:
    return float(sum(values) / len(values)) if values else None


def _mean(values: Numbers) -> float | None:
    return float(values.mean()) if len(values) else None


def _share_test(yes_after: int, n_after: int, yes_before: int, n_before: int) -> tuple[float, str]:
    if n_after + n_before <= _EXACT_UP_TO:
        from scipy.stats import boschloo_exact

        table = [[yes_after, yes_before], [n_after - yes_after, n_before - yes_before]]
        p = float(boschloo_exact(table).pvalue)
        return (1.0 if np.isnan(p) else p), "boschloo"  # nobody or everybody in both: no number to give
    from statsmodels.stats.proportion import test_proportions_2indep

    if yes_after + yes_before in (0, n_after + n_before):
        return 1.0, "score"
    return float(
        test_proportions_2indep(yes_after, n_after, yes_before, n_before, method="score").pvalue
    ), "score"


def _brunner_munzel(one: Numbers, two: Numbers) -> float:
    from scipy.stats import brunnermunzel, mannwhitneyu

    if len({*one, *two}) == 1:
        return 1.0
    if max(one) < min(two) or max(two) < min(
        one
    ):  # they do not overlap: Brunner and Munzel divide by nothing
        return float(mannwhitneyu(one, two).pvalue)
    return float(brunnermunzel(one, two).pvalue)


def _interval(
    one: Numbers, two: Numbers, statistic: Callable[..., Numbers]
) -> tuple[float | None, float | None]:
    from scipy.stats import bootstrap

    if one.var() == 0 and two.var() == 0:
        return None, None
    found = bootstrap(
        (one, two),
        statistic,
        confidence_level=CONFIDENCE,
        n_resamples=_RESAMPLES,
        vectorized=True,
        # the correction of BCa needs a spread in both
        method="BCa" if one.var() and two.var() else "percentile",
        rng=np.random.default_rng(_SEED),
    ).confidence_interval
    return float(found.low), float(found.high)
