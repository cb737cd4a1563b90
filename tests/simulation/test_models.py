"""Are the true values that the calibration studies compare with those of the data that they draw?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from toolkit.simulation.calibration import agreement, fading, families, forgetting, matrix, recurring, reuse
from toolkit.simulation.calibration.models import TransferModel


@pytest.mark.parametrize(
    "model",
    [
        TransferModel(3, 40, 4000, seed_sd=0.4, cell_sd=0.4),
        TransferModel(3, 1, 4000, level=4.2, level_spread=0.3),
        TransferModel(4000, 2, 20, seed_sd=0.0, cell_sd=0.2, new_tasks=True, memory=0.7),
    ],
)
def test_true_transfer_is_the_mean_of_a_large_sample(model: TransferModel) -> None:
    y = model.cells(np.random.default_rng(1))
    assert (y[0] - y[1]).mean() == pytest.approx(model.truth(), abs=0.012)


def test_memory_makes_neighbours_alike() -> None:
    model = TransferModel(4000, 1, 20, new_tasks=True, memory=0.7, gain_spread=0.4)
    gain = model._drawn(np.random.default_rng(2))[1]
    assert gain.std() == pytest.approx(0.4, rel=0.1)
    assert np.corrcoef(gain[1:], gain[:-1])[0, 1] == pytest.approx(0.7, abs=0.05)


def test_reused_items_have_the_correlation_and_the_effect_they_claim() -> None:
    rng = np.random.default_rng(3)
    y = np.concatenate([reuse._cells(rng) for _ in range(400)], axis=-1)
    d = (y[0] - y[1])[0]  # [task, item]
    between = np.corrcoef(d)[np.triu_indices(len(d), 1)]
    assert between.mean() == pytest.approx(0.6, abs=0.02)
    assert d.mean() == pytest.approx(reuse.TRUTH, abs=0.01)


@pytest.mark.parametrize("course", [forgetting.flat, forgetting.hump, forgetting.decay])
def test_probit_answers_average_to_the_population(course: forgetting.Course) -> None:
    R = forgetting.population(course, 4)[None]
    y = forgetting.answers(R, np.random.default_rng(4), seeds=200, items=2000, run_sd=0.3).mean((1, -1))
    np.testing.assert_allclose(y, R, atol=0.025)
    assert np.isfinite(R[0]).sum() == 10


def test_rater_shares_are_those_of_two_correlated_normals() -> None:
    """The quadrature equals the bivariate normal distribution function."""
    cut = stats.norm.ppf(agreement.PREVALENCE)
    P = agreement.shares()
    both_below = stats.multivariate_normal(cov=[[1, agreement.CORRELATION], [agreement.CORRELATION, 1]])
    assert P[0, 0] == pytest.approx(both_below.cdf([cut, cut - agreement.LENIENCE]), abs=1e-6)
    assert P.sum() == pytest.approx(1, abs=1e-10)
    assert P[0].sum() == pytest.approx(agreement.PREVALENCE, abs=1e-8)


@pytest.mark.parametrize("scale", [0.7, 1.0])
def test_restricted_mean_is_the_integral_of_the_survival(scale: float) -> None:
    budget = 1.3
    law = stats.lognorm(s=np.hypot(fading.TASK_SD, fading.SEED_SD), scale=scale)
    want, _ = integrate.quad(law.sf, 0, budget)
    assert fading.restricted_mean(scale, budget) == pytest.approx(want, abs=1e-9)


def test_thresholds_are_missed_as_often_as_the_lines_say() -> None:
    rng = np.random.default_rng(5)
    for budget, share in ((1.3, 0.30), (0.8, 0.67)):
        _, isolated = fading._times(rng, 20_000, 1, budget)
        assert np.isinf(isolated).mean() == pytest.approx(share, abs=0.015)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_losses_of_the_family_are_exact_whatever_its_seeds(share: float) -> None:
    """Null tasks have no effect in the mean, however volatile they are; others the loss that is claimed."""
    truth = np.where(np.arange(10) < 3, -families.LOSS, 0.0)
    run_sd = np.where(np.arange(10) == 3, 0.6, 0.2)
    rng = np.random.default_rng(6)
    y = np.mean([families._cells(rng, families.SCORE + truth, run_sd, share).mean((1, 3)) for _ in range(1500)], axis=0)
    np.testing.assert_allclose(y[0] - y[1], truth, atol=0.012)


def test_cell_means_have_the_gain_that_is_claimed() -> None:
    rng = np.random.default_rng(7)
    arms = [matrix._means(rng, 500, shared=True) for _ in range(40)]
    gains = [(stream - isolated).values.mean() for stream, isolated in arms]
    assert np.mean(gains) == pytest.approx(matrix.GAIN, abs=0.001)


def test_retention_halves_at_the_half_life() -> None:
    curves = np.mean([fading._retention(np.random.default_rng(k), np.log(2) / 4, 2000) for k in range(20)], axis=(0, 1))
    assert curves[0] == pytest.approx(fading.AT_ARRIVAL, abs=0.01)
    assert curves[4] / curves[0] == pytest.approx(0.5, abs=0.02)


def test_followed_items_are_counted_as_a_loop_over_them_counts() -> None:
    """At risk, wrong again and wrong of the isolated student, by group, from the histories one by one."""
    wrong, isolated = recurring.answers(np.random.default_rng(8), forgetting=0.2, effect=0.5)
    want = dict.fromkeys(("at_risk_fixed", "wrong_again_fixed", "isolated_wrong_fixed",
                          "at_risk_never", "wrong_again_never", "isolated_wrong_never"), 0)  # fmt: skip
    for task in range(recurring.TASKS):
        for item in range(recurring.ITEMS):
            history = wrong[:, task, item].tolist()
            for stage in range(2, len(history)):
                if not history[stage - 1]:
                    group = "fixed" if any(history[: stage - 1]) else "never"
                    want[f"at_risk_{group}"] += 1
                    want[f"wrong_again_{group}"] += history[stage]
                    want[f"isolated_wrong_{group}"] += int(isolated[task, item])
    got = recurring.followed(wrong, isolated).sum()
    assert {name: got[name] for name in want} == want
    assert min(want.values()) > 50
