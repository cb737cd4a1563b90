"""Clusters, unequal chances and strata: against survey formulas, in simulation, and on real human ratings."""

import ast
import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.linear_model import WLS

from toolkit.inference.ppi import ppi_mean
from toolkit.inference.ppi_design import merged, parts_of, ppi_design

HANNA = Path(__file__).parents[3] / "shared" / "data" / "hanna" / "hanna_metric_scores_llm.csv.gz"
needs_hanna = pytest.mark.skipif(not HANNA.is_file(), reason="needs the public test data in ../shared/data/hanna")


def band(share, replicates, low=0.93, high=0.97):
    spread = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    return low - spread <= share <= high + spread


def test_without_design_it_is_the_plain_estimator_up_to_the_weight():
    """The weight is the best of a grid; in a fixed population the slope of people on judge, as regression has it."""
    rng = np.random.default_rng(1)
    y, e = rng.normal(size=(2, 400))
    f = 0.8 * y + 0.6 * e
    hidden = np.where(np.arange(400) < 80, y, np.nan)
    plain, got = ppi_mean(y[:80], f[:80], f[80:]), ppi_design(hidden, f)
    parts, grid = parts_of(hidden, f), np.linspace(0, 1, 10001)
    errors = [((parts.of_human - w * (parts.of_seen - parts.of_judge)) ** 2).sum() for w in grid]
    assert got.weight == pytest.approx(grid[np.argmin(errors)], abs=1e-4)
    assert ppi_design(hidden, f, population=True).weight == pytest.approx(np.polyfit(f[:80], y[:80], 1)[0], abs=1e-9)
    assert got.value == pytest.approx(y[:80].mean() + got.weight * (f.mean() - f[:80].mean()), abs=1e-12)
    assert np.sqrt(got.variance / plain.variance) == pytest.approx(1, abs=0.05)
    assert got.human_variance == pytest.approx(y[:80].var(ddof=1) / 80, rel=1e-12)


def test_weights_and_clusters_equal_statsmodels():
    """A judge that knows nothing: Hajek's mean and its cluster-robust error, WLS on a constant."""
    rng = np.random.default_rng(2)
    y, chance, cluster = rng.random(90), rng.uniform(0.2, 0.9, 90), np.arange(90) // 3
    got = ppi_design(y, np.full(90, 3.0), clusters=cluster, chance=chance)
    fit = WLS(y, np.ones(90), weights=1 / chance).fit(
        cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
    )
    assert got.weight == 0
    assert got.value == pytest.approx(fit.params[0], abs=1e-12)
    assert got.human_variance == pytest.approx(fit.bse[0] ** 2 * 30 / 29, rel=1e-12)


def test_strata_of_a_fixed_population_have_the_textbook_variance():
    """Sum of W_h^2 s_h^2 / n_h (1 - n_h / N_h) (Cochran 1977, theorem 5.3), with a judge that knows nothing."""
    rng = np.random.default_rng(3)
    stratum, sizes, seen = np.repeat([0, 1], [60, 40]), (60, 40), (12, 20)
    y = rng.normal(size=100) + 3 * stratum
    hidden, chance = np.full(100, np.nan), np.ones(100)
    for h, (N, n) in enumerate(zip(sizes, seen, strict=True)):
        at = np.flatnonzero(stratum == h)[:n]
        hidden[at], chance[at] = y[at], n / N
    got = ppi_design(hidden, np.ones(100), chance=chance, strata=np.array(["a", "b"])[stratum], population=True)
    parts = [hidden[stratum == h][:n] for h, n in enumerate(seen)]
    value = sum(N / 100 * part.mean() for N, part in zip(sizes, parts, strict=True))
    want = sum((N / 100) ** 2 * p.var(ddof=1) / len(p) * (1 - len(p) / N) for N, p in zip(sizes, parts, strict=True))
    assert got.value == pytest.approx(value, abs=1e-12)
    assert got.variance == pytest.approx(want, rel=1e-12)


def test_small_strata_are_merged_with_their_neighbours():
    """By the judge's mean; none is left with fewer than four labels."""
    strata = np.array(["high"] * 5 + ["low"] * 2 + ["middle"] * 6 + ["top"] * 3)
    f = np.array([4.0] * 5 + [1.0] * 2 + [2.0] * 6 + [5.0] * 3)
    groups = merged(strata, f)
    assert np.bincount(groups).tolist() == [8, 8]  # low with middle, top with high
    assert groups[0] == groups[-1] != groups[5] == groups[7]


@pytest.mark.parametrize("binary", [False, True])
def test_clusters_cover_and_items_alone_would_not(binary):
    """100 passages of 8 items, 25 passages seen by people; negative control: passages forgotten."""
    rng = np.random.default_rng(4)
    hits, forgotten, replicates = 0, 0, 600
    for _ in range(replicates):
        cluster = np.repeat(np.arange(100), 8)
        z = 0.8 * rng.normal(size=100)[cluster] + 0.6 * rng.normal(size=800)
        judge = 0.3 + 0.6 * z + 0.8 * rng.normal(size=800) + 0.5 * rng.normal(size=100)[cluster]
        y, f = ((z > -0.3).astype(float), stats.norm.cdf(judge)) if binary else (z, judge)
        truth = stats.norm.cdf(0.3) if binary else 0.0
        hidden = np.where(cluster < 25, y, np.nan)
        got, items = ppi_design(hidden, f, clusters=cluster), ppi_design(hidden, f)
        hits += got.low <= truth <= got.high
        forgotten += items.low <= truth <= items.high
    assert band(hits / replicates, replicates, 0.92, 0.975)
    assert forgotten / replicates <= 0.88


@pytest.mark.parametrize("population", [True, False])
def test_neyman_strata_cover(population):
    """Quintiles of a Likert judge, chances unequal, 60 labels of 1,000."""
    rng = np.random.default_rng(5)
    cuts = np.array([-2.0, -1.2, -0.4, 0.6])
    hits, replicates = 0, 600
    for _ in range(replicates):
        latent, noise = rng.normal(size=(2, 1000))
        y = 1.0 + (latent[:, None] > cuts).sum(1)
        f = 0.4 + 0.8 * latent + 0.6 * noise
        strata = np.searchsorted(np.quantile(f, [0.2, 0.4, 0.6, 0.8]), f)
        hidden, chance = np.full(1000, np.nan), np.ones(1000)
        for h, n in enumerate((20, 14, 10, 10, 6)):
            at = rng.choice(np.flatnonzero(strata == h), n, replace=False)
            hidden[at], chance[at] = y[at], n / (strata == h).sum()
        got = ppi_design(hidden, f, chance=chance, strata=strata.astype(str), population=population, bounds=(1, 5))
        truth = y.mean() if population else 1 + stats.norm.sf(cuts).sum()
        hits += got.low <= truth <= got.high
    assert band(hits / replicates, replicates, 0.92, 0.975)


def test_impossible_chances_are_refused():
    with pytest.raises(ValueError, match="probabilities"):
        ppi_design([1.0, 2.0, np.nan], [1.0, 2.0, 3.0], chance=[0.5, 1.5, 1.0])
    with pytest.raises(ValueError, match="no item"):
        ppi_design([np.nan, np.nan], [1.0, 2.0])


def hanna(criterion, judge):
    """People's mean of three ratings and a judge's scores [story], and each story's prompt."""
    csv.field_size_limit(10**9)
    with gzip.open(HANNA, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    y, f = (np.concatenate([ast.literal_eval(row[name]) for row in rows]).astype(float) for name in (criterion, judge))
    return y, f, np.tile(np.arange(len(y) // len(rows)), len(rows))


@needs_hanna
@pytest.mark.parametrize("labels", [20, 50, 200])
@pytest.mark.parametrize(("criterion", "judge"), [("Coherence", "ChatGPT CH 1"), ("Relevance", "ChatGPT RE 1")])
def test_real_stories_with_most_human_ratings_hidden(criterion, judge, labels):
    """1,056 stories: the mean of all people's ratings is covered, and the judge alone misses it."""
    y, f, _ = hanna(criterion, judge)
    rng = np.random.default_rng(labels)
    hits, narrower, replicates = 0, [], 800
    for _ in range(replicates):
        at = rng.permutation(len(y))
        seen, rest = at[:labels], at[labels:]
        got = ppi_mean(y[seen], f[seen], f[rest], bounds=(1, 5), population=True)
        hits += got.low <= y.mean() <= got.high
        narrower.append(got.variance / got.human_variance)
    assert band(hits / replicates, replicates)
    assert np.mean(narrower) < 1.02
    assert abs(f.mean() - y.mean()) > 0.5  # the judge needs correcting


@needs_hanna
@pytest.mark.parametrize("labels", [20, 50, 200])
def test_real_stories_drawn_one_by_one_and_clustered_by_prompt(labels):
    y, f, prompt = hanna("Coherence", "ChatGPT CH 1")
    rng = np.random.default_rng(labels)
    hits, replicates = 0, 500
    for _ in range(replicates):
        hidden = np.full(len(y), np.nan)
        seen = rng.choice(len(y), labels, replace=False)
        hidden[seen] = y[seen]
        got = ppi_design(hidden, f, clusters=prompt, bounds=(1, 5), population=True)
        hits += got.low <= y.mean() <= got.high
    assert band(hits / replicates, replicates)


@needs_hanna
@pytest.mark.parametrize("prompts", [8, 24])
def test_real_prompts_drawn_whole(prompts):
    """Whole prompts are drawn, with the eleven stories of each: 88 and 264 labels."""
    y, f, prompt = hanna("Engagement", "ChatGPT EG 1")
    rng = np.random.default_rng(prompts)
    hits, replicates = 0, 500
    for _ in range(replicates):
        hidden = np.where(np.isin(prompt, rng.choice(96, prompts, replace=False)), y, np.nan)
        got = ppi_design(hidden, f, clusters=prompt, bounds=(1, 5), population=True)
        hits += got.low <= y.mean() <= got.high
    assert band(hits / replicates, replicates)
