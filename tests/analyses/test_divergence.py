"""Judge against people: by hand, floors, families and refusals, and the tests' level on public ratings."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from tests.analyses.test_feedback import both, evidence
from toolkit.analyses.divergence import divergence
from toolkit.analyses.evidence import Analysis
from toolkit.inference.histograms import bin_edges
from toolkit.inference.kernels import ENERGY
from toolkit.inference.permutation import two_samples
from toolkit.inference.twosample import compare, js_measure, kernel_measure

DATA = Path(__file__).parents[3] / "shared" / "data" / "hanna" / "hanna_metric_scores_llm.csv.gz"
needs_data = pytest.mark.skipif(not DATA.is_file(), reason="needs the public test data in ../shared/data")


def found(rows, **fields):
    return Analysis(tuple(divergence(evidence(rows, **fields))))


def ratings(n, seed=1, shift=0.0):
    """Judge's and two people's ratings 0, .25, ..., 1 of n items of differing quality."""
    rng = np.random.default_rng(seed)
    quality = rng.normal(size=n)
    return [np.clip(np.rint(quality + rng.normal(0, 0.7, n) + s), -2, 2) / 4 + 0.5 for s in (shift, 0, 0)]


def with_second_person(judge, first, second, **columns):
    rows = both(judge, first, **columns)
    return pd.concat([rows, rows[rows["source"] == "human"].assign(rater="person 2", score=second)])


def test_values_are_scipys_of_the_judgements():
    """One person an item. SciPy's divergence less Miller and Madow's bias, and its energy distance less what equal
    items add; total variation and stability index from the shares."""
    judge, human, _ = ratings(300, shift=0.4)
    rows = both(judge, human)
    got = found(rows)
    first, second = (np.bincount(np.rint(4 * side).astype(int), minlength=5) for side in (judge, human))
    bias = (4 / 600 + 4 / 600) / 2 - 4 / 1200
    js = got.one("score_divergence")
    assert js.value == pytest.approx(jensenshannon(first, second) ** 2 - bias, abs=1e-10)
    assert (js.low, js.scope, js.unit, js.n) == (0.0, "items", "nats", {"labels": 300})
    assert js.value < js.high < 0.2
    assert js.p_value == 0.001
    energy = got.one("energy_distance")
    everything = stats.energy_distance(judge, human) ** 2
    same = 2 * np.abs(judge - human).mean() / 300
    assert energy.value == pytest.approx((everything - same) * 300 / 299, abs=1e-10)
    p, q = first / 300, second / 300
    assert got.one("score_divergence", group="definition=total_variation").value == pytest.approx(abs(p - q).sum() / 2)
    psi = got.one("score_divergence", group="definition=psi")
    assert psi.value == pytest.approx(((p - q) * np.log((first + 0.5) / (second + 0.5))).sum(), abs=2e-3)
    assert psi.high is None
    assert "no interval" in psi.reason
    assert got.one("mmd").p_value == 0.001
    assert got.one("two_sample_auc").value > 0.55


def test_a_judge_who_judges_as_people_do_lies_at_their_floor():
    """Three raters alike: no distance is found, and the floor is there with as many items."""
    got = found(with_second_person(*ratings(400, seed=2)))
    for name in ("score_divergence", "energy_distance", "mmd"):
        whole, floor = got.one(name), got.one(name, group="part=floor")
        detectable = got.one(name, group="part=detectable").value
        assert whole.p_value > 0.05
        assert floor.n == {"labels": 400, "splits": 1}
        assert floor.p_value > 0.01
        assert max(whole.value, floor.value) < detectable < 0.05
        assert whole.low == floor.low == 0
        assert "halves" in floor.method


def test_people_who_differ_raise_the_floor():
    judge, first, second = ratings(400, seed=3)
    floor = found(with_second_person(judge, first, np.maximum(second - 0.25, 0))).one(
        "energy_distance", group="part=floor"
    )
    assert floor.p_value == 0.001
    assert floor.value > 0.02


def test_the_mean_of_people_is_not_compared_but_one_of_them():
    """The mean of many people varies less than one judgement: comparing it would call any judge different."""
    rng = np.random.default_rng(4)
    rows = with_second_person(*ratings(200, seed=4))
    more = [
        rows[rows["rater"] == "person 1"].assign(rater=f"person {k}", score=rng.permuted(ratings(200, 4)[1]))
        for k in (3, 4)
    ]
    got = found(pd.concat([rows, *more]))
    assert got.one("score_divergence").n["labels"] == 200
    assert got.one("score_divergence").p_value > 0.01
    assert 1 < got.one("score_divergence", group="part=floor").n["splits"] <= 6


def test_tasks_and_judges_are_families():
    """Two judges, three tasks, one judge harsh on the third: each found where it is, with adjusted p-values."""
    judge, human, other = ratings(360, seed=5)
    task = np.repeat(["task 1", "task 2", "task 3"], 120)
    harsh = np.where(task == "task 3", np.maximum(judge - 0.25, 0), judge)
    rows = both(other, human, task=task)
    rows = pd.concat([rows, rows[rows["source"] == "synthetic"].assign(rater="harsh", score=harsh)])
    got = found(rows, tasks=3)
    for name in ("score_divergence", "energy_distance", "mmd"):
        cells = {(e.group, e.task): e for e in got.select(name) if e.task}
        assert len(cells) == 6
        flags = {key for key, e in cells.items() if e.p_adjusted <= 0.05}
        assert flags == {("rater=harsh", "task 3")}
        assert all(e.p_adjusted >= e.p_value and e.simultaneous for e in cells.values())
        assert all(e.adjustment == "Benjamini-Hochberg" for e in cells.values())
    assert got.one("score_divergence", group="rater=judge", task=None).p_adjusted is not None
    assert len({e.id for e in got.estimates}) == len(got.estimates)


def test_labels_have_a_divergence_and_no_distance():
    rng = np.random.default_rng(6)
    human = rng.choice(list("abc"), 150)
    judge = np.where(rng.random(150) < 0.3, "a", human)
    rows = both(np.full(150, np.nan), np.full(150, np.nan))
    rows["label"] = np.r_[judge, human]
    got = found(rows)
    counts = [[(side == name).sum() for name in "abc"] for side in (judge, human)]
    bias = (2 / 300 + 2 / 300) / 2 - 2 / 600
    assert got.one("score_divergence").value == pytest.approx(jensenshannon(*counts) ** 2 - bias, abs=1e-10)
    assert got.one("score_divergence", group="definition=total_variation").p_value < 0.05
    for name in ("energy_distance", "mmd", "two_sample_auc"):
        assert "numeric" in got.one(name).reason


def test_what_cannot_be_compared_says_why():
    judge, human, _ = ratings(60, seed=7)
    people = both(judge, human)
    mixed = people.assign(label=np.where(people["source"] == "human", "a", None))
    mixed.loc[mixed["source"] == "human", "score"] = np.nan
    cases = {
        "synthetic": people[people["source"] == "human"],
        "human": people[people["source"] == "synthetic"],
        "no item was judged both": people.assign(item=np.arange(120), cluster=np.arange(120)),
        "all judgements": both(np.ones(60), np.ones(60)),
        "6 items": both(judge[:5], human[:5]),
        "scales differ": both(judge * 4 + 1, human),
        "not comparable": mixed,
    }
    for reason, rows in cases.items():
        got = found(rows)
        wholes = [e for e in got.estimates if e.group is None]
        assert {e.quantity for e in wholes} == {"score_divergence", "energy_distance", "mmd", "two_sample_auc"}, reason
        assert all(reason in e.reason and e.value is None and e.low is None for e in wholes), reason
    floor = found(people).one("mmd", group="part=floor")
    assert floor.value is None
    assert "two people" in floor.reason


def test_one_constant_side_is_no_obstacle():
    _, human, _ = ratings(80, seed=8)
    got = found(both(np.full(80, 0.5), human))
    assert got.one("score_divergence").p_value == 0.001
    assert got.one("energy_distance").value > 0


def test_many_values_are_binned_for_the_histogram_alone():
    rng = np.random.default_rng(9)
    judge, human = rng.random(3000), rng.random(3000) ** 1.3
    got = found(both(judge, human))
    assert "10 bins" in got.one("score_divergence").method
    everything = stats.energy_distance(judge, human) ** 2
    assert got.one("energy_distance").value == pytest.approx(everything, abs=3e-4)
    assert got.one("energy_distance").p_value == 0.001


def hanna(criterion="Coherence"):
    """People's mean ratings [system, prompt] of 11 stories each to 96 prompts."""
    table = pd.read_csv(DATA)
    return np.array([ast.literal_eval(cell) for cell in table[criterion]])


MEASURES = {"score_divergence": js_measure, "energy_distance": kernel_measure(ENERGY)}


@needs_data
@pytest.mark.parametrize("name", MEASURES)
def test_public_ratings_split_by_prompt_are_not_told_apart(name):
    """Prompts put on two sides by lot, 500 times: rejected in 5 % within 2.6 Monte Carlo errors of 4 to 6 %."""
    y = hanna()
    values = (
        np.searchsorted(bin_edges(y.ravel(), 10), y, side="right").astype(float) if name != "energy_distance" else y
    )
    rng, replicates, rejected = np.random.default_rng(10), 500, 0
    for r in range(replicates):
        order = rng.permutation(96)
        sides = [values[:, order[part]] for part in (slice(0, 48), slice(48, 96))]
        clusters = tuple(np.tile(order[part], 11) for part in (slice(0, 48), slice(48, 96)))
        samples = two_samples(sides[0].ravel(), sides[1].ravel(), clusters)
        rejected += compare(samples, MEASURES[name], permutations=199, draws=None, random_seed=r).p_value <= 0.05
    error = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert 0.04 - error <= rejected / replicates <= 0.06 + error


@needs_data
def test_public_ratings_swapped_within_prompts_keep_the_level_and_find_known_differences():
    """Ten stories of each prompt on two sides by lot: 5 % rejected, as above. People's stories against a system's:
    always told apart."""
    y = hanna()
    rng, replicates, rejected = np.random.default_rng(11), 500, 0
    measure = MEASURES["energy_distance"]
    for r in range(replicates):
        order = rng.permuted(np.tile(np.arange(11), (96, 1)), axis=1)
        mixed = np.take_along_axis(y.T, order, axis=1)
        clusters = (np.repeat(np.arange(96), 5),) * 2
        samples = two_samples(mixed[:, :5].ravel(), mixed[:, 5:10].ravel(), clusters)
        rejected += compare(samples, measure, permutations=199, draws=None, random_seed=r).p_value <= 0.05
    error = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert 0.04 - error <= rejected / replicates <= 0.06 + error
    real = two_samples(y[0], y[1], (np.arange(96), np.arange(96)))
    assert compare(real, measure, permutations=999, draws=None).p_value == 0.001
