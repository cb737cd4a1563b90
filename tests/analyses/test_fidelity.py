"""Labels asked for, generated and verified: by hand, against statsmodels, SciPy and scikit-learn, and simulated."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats
from sklearn.metrics import confusion_matrix as sklearn_confusion
from statsmodels.stats.proportion import proportion_confint

from tests.builders import config, cube_from_tables
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.fidelity import confusion_matrix, fidelity


def label_counts(*rows, **columns):
    """Rows (asked for, generated, verified, n) of one seed and stage, or as `columns` say."""
    frame = pd.DataFrame(rows, columns=["target_label", "parsed_label", "verified_label", "n"])
    defaults = {"arm": "stream", "seed": 0, "stage": 1, "task": "task 1", "origin": "synthetic", "accepted": True}
    return frame.assign(**(defaults | columns))


def evidence(*frames, samples=None):
    tables = {"label_counts": pa.Table.from_pandas(pd.concat(frames), preserve_index=False)} if frames else {}
    if samples is not None:
        tables["samples"] = pa.Table.from_pylist(samples)
    return Evidence(cube_from_tables(config(1), **tables))


def test_generated_against_asked_for_and_verified_against_generated():
    """Of 100 accepted 10 were generated with another label, of 90 that were verified 15 carry another one."""
    frame = label_counts(
        ("a", "a", "a", 60), ("a", "a", "b", 15), ("a", "b", "b", 10), ("a", "a", None, 10), ("b", "b", "b", 5)
    )
    rejected = label_counts(("a", "b", "a", 1000), accepted=False)
    human = label_counts(("a", "b", "a", 1000), origin="human")
    found = fidelity(evidence(frame, rejected, human))
    parsed = found.one("label_error_rate", group="part=parsed", stage=None)
    verified = found.one("label_error_rate", group="part=verified-parsed", stage=None)
    assert (parsed.low, parsed.high) == pytest.approx(proportion_confint(10, 100, method="wilson"))
    assert (verified.low, verified.high) == pytest.approx(proportion_confint(15, 90, method="wilson"))
    assert found.one("label_error_rate", group="part=parsed", stage=1).value == pytest.approx(0.1)
    before = found.one("label_error_rate", group="side=generated", stage=None)  # the rejected count, people's do not
    assert (before.low, before.high) == pytest.approx(proportion_confint(25, 1090, method="wilson"))


def test_several_runs_have_t_over_seeds():
    shares = (4, 8, 7)
    frames = [label_counts(("a", "a", "a", 50 - n), ("a", "b", "b", n), seed=seed) for seed, n in enumerate(shares)]
    found = fidelity(evidence(*frames))
    got = found.one("label_error_rate", group="part=parsed", stage=None)
    want = stats.ttest_1samp(np.array(shares) / 50, 0).confidence_interval()
    assert (got.low, got.high, got.scope) == (pytest.approx(max(0, want.low)), pytest.approx(want.high), "seeds")
    confused = found.one("label_confusion", group="asked=a,found=b")
    strict = stats.ttest_1samp(np.array(shares) / 50, 0).confidence_interval(1 - 0.05 / 2)  # two are shown
    assert confused.high == pytest.approx(strict.high)


def test_the_matrix_is_that_of_scikit_learn():
    rng = np.random.default_rng(1)
    asked, found = rng.choice(list("abcd"), 300), rng.choice(list("bcde"), 300)
    labels = sorted({*asked, *found})
    each = pd.DataFrame({"target_label": asked, "verified_label": found, "task": rng.choice(["x", "y"], 300)})
    rows = each.value_counts().rename("n").reset_index()
    for task, part in ((None, each), ("x", each[each["task"] == "x"])):
        got = confusion_matrix(rows, task=task)
        want = sklearn_confusion(part["target_label"], part["verified_label"], labels=labels)[:4]
        assert got.dims == ("asked", "found")
        assert list(got.coords["found"].values) == labels
        assert (got.values == want).all()


def test_the_diagonal_is_all_there_and_confusions_are_the_largest():
    """Five labels, every confusion there is: 12 are shown, those with the highest lower ends, Bonferroni over 17."""
    rng = np.random.default_rng(2)
    counts = rng.integers(1, 80, (5, 5)) + 200 * np.eye(5, dtype=int)
    names = list("abcde")
    cells = [(a, a, b, counts[i, j]) for i, a in enumerate(names) for j, b in enumerate(names)]
    found = {e.group: e for e in fidelity(evidence(label_counts(*cells))).select("label_confusion")}
    assert len(found) == 17
    ends = {}
    for i, a in enumerate(names):
        for j, b in enumerate(names):
            ends[f"asked={a},found={b}"] = proportion_confint(counts[i, j], counts[i].sum(), 0.05 / 17, "beta")
    off = sorted((g for g in ends if g[6] != g[-1]), key=lambda g: -ends[g][0])[:12]
    assert set(found) == {*off, *(f"asked={a},found={a}" for a in names)}
    for group, estimate in found.items():
        assert (estimate.low, estimate.high) == pytest.approx(ends[group])
        assert estimate.simultaneous


@pytest.mark.nightly
def test_the_shown_confusions_hold_together_though_chosen_by_what_they_show():
    """Alike confusions, the luckiest are shown: all hold at once in .95 of logs; Wilson's do not."""
    rng = np.random.default_rng(3)
    k, n, runs, together, wilson = 6, 80, 60, 0, 0
    p = np.full((k, k), 0.02) + (1 - 0.02 * k) * np.eye(k)
    names = list("abcdef")
    for _ in range(runs):
        counts = np.array([rng.multinomial(n, row) for row in p])
        cells = [(names[i], None, names[j], counts[i, j]) for i, j in np.argwhere(counts)]
        shown = fidelity(evidence(label_counts(*cells))).select("label_confusion")
        truth = [p[names.index(e.group[6]), names.index(e.group[-1])] for e in shown]
        together += all(e.low <= t <= e.high for e, t in zip(shown, truth, strict=True))
        plain = [proportion_confint(e.value * n, n, method="wilson") for e in shown]
        wilson += all(low <= t <= high for (low, high), t in zip(plain, truth, strict=True))
    assert together / runs >= 0.95 - 2.6 * np.sqrt(0.05 * 0.95 / runs)
    assert wilson / runs <= 0.9


def test_labels_that_are_texts_are_refused():
    cells = [(f"text {i}", None, f"text {i}", 1) for i in range(300)]
    (got,) = fidelity(evidence(label_counts(*cells))).select("label_confusion")
    assert got.value is None
    assert "300 different" in got.reason


def codes(found):
    return {notice.code for notice in found.notices}


def test_a_generated_label_that_was_overwritten_is_told():
    """It never differs among 200, verified ones do; not with 199, nor where one differs, nor where none is wrong."""
    copied = label_counts(("a", "a", "a", 180), ("a", "a", "b", 20))
    assert "label-overwritten" in codes(fidelity(evidence(copied)))
    few = label_counts(("a", "a", "a", 179), ("a", "a", "b", 20))
    found = label_counts(("a", "a", "a", 180), ("a", "a", "b", 20), ("a", "b", "b", 1))
    right = label_counts(("a", "a", "a", 250))
    for frame in (few, found, right):
        assert "label-overwritten" not in codes(fidelity(evidence(frame)))


def test_what_verified_labels_stand_for_is_told():
    rejected = label_counts(("a", "a", None, 30), accepted=False)
    every = label_counts(("a", "a", "a", 50))
    assert codes(fidelity(evidence(every, rejected))) == {"verified-accepted-only"}
    part = label_counts(("a", "a", "a", 50), ("a", "a", None, 50))
    assert codes(fidelity(evidence(part))) == {"verified-part"}
    assert not codes(fidelity(evidence(every)))


def test_failures_that_were_kept_are_counted():
    row = {"arm": "stream", "seed": 0, "stage": 1, "task": "task 1", "origin": "synthetic", "n": 50}
    samples = [row | {"accepted": True, "parse_failed": 3}, row | {"accepted": False, "parse_failed": 9}]
    (notice,) = fidelity(evidence(samples=samples)).notices
    assert notice.code == "failures-kept"
    assert notice.message.startswith("3 of 50")


def test_what_is_missing_is_said():
    assert all("log target_label" in e.reason for e in fidelity(evidence()).estimates)
    found = fidelity(evidence(label_counts(("a", None, None, 5))))
    assert "needs parsed_label beside target_label" in found.one("label_error_rate", group="part=parsed").reason
    assert "needs verified_label" in found.one("label_confusion").reason
