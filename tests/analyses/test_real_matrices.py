"""Published accuracy matrices: our averages and backward transfer are those that others compute from them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.builders import config, cube_from_scores, scores_from_matrix
from toolkit.analyses import Evidence, forgetting, transfer

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs the public test data in ../shared/data")


def headline(R, *, scale=(0, 1)):
    """Average accuracy and backward transfer of R[seed, stage, task], stages 1 to K, as a whole log gives them."""
    seeds, stages, tasks = R.shape
    whole = np.full((1, seeds, stages + 1, tasks), np.nan)
    whole[0, :, 1:] = R
    evidence = Evidence(cube_from_scores(scores_from_matrix(whole), config(tasks, score_range=list(scale))))
    average = transfer(evidence).one("average_accuracy", task=None)
    return average, forgetting(evidence).one("backward_transfer", task=None, stage=None)


def o_lora(run):
    """R[1, stage, task] in percent, of the tasks seen so far."""
    folders = sorted((DATA / "o_lora" / run).iterdir(), key=lambda folder: int(folder.name.split("-")[0]))
    order = [re.sub(r"^\d+-", "", folder.name) for folder in folders]
    R = np.full((1, len(order), len(order)), np.nan)
    for stage, folder in enumerate(folders):
        scores = json.loads((folder / "all_results.json").read_text())
        for j, task in enumerate(order[: stage + 1]):
            R[0, stage, j] = scores[f"predict_exact_match_for_{task}"]
    return R


@needs_data
@pytest.mark.parametrize(
    ("run", "average", "backward"),
    [
        ("long_olora", 72.1746, -0.7329),
        ("long_seqlora", 32.04, -47.9640),
        ("long_icrlora", 58.44, -19.44),
        ("order1_olora", 78.37, -1.18),
        ("order1_seqft", 67.77, -14.50),
    ],
)
def test_o_lora_matrices(run, average, backward):
    """Definitions of GEM on the authors' own results, to the digits that are known."""
    got = headline(o_lora(run), scale=(0, 100))
    for estimate, want in zip(got, (average, backward), strict=True):
        places = len(str(want).split(".")[1])
        assert estimate.value == pytest.approx(want, abs=0.5 * 10**-places + 1e-9)
        assert estimate.low is None  # one seed, no items
        assert "two seeds" in estimate.reason


def proglearn(arm):
    """R[replicate, stage, task] of ten CIFAR-100 tasks, sixty replicates."""
    frame = pd.read_csv(DATA / "proglearn" / "R_long.csv.gz", keep_default_na=False)  # one arm is called "None"
    frame = frame[(frame["benchmark"] == "cifar100_10x500") & (frame["arm"] == arm)]
    columns = ["slot", "shift", "stage", "task"]
    cells = frame.assign(
        **{name: frame[name].astype(int) for name in columns}, accuracy=frame["accuracy"].astype(float)
    )
    R = np.full((60, 10, 10), np.nan)
    replicate = (cells["slot"] - 1) * 6 + cells["shift"] - 1
    R[replicate, cells["stage"] - 1, cells["task"] - 1] = cells["accuracy"]
    return R


@needs_data
@pytest.mark.parametrize(
    ("arm", "average", "backward"),
    [
        ("EWC", 0.3576, -0.0073), ("LwF", 0.4212, 0.0047), ("None", 0.2918, -0.1419), ("agem", 0.2743, -0.1734),
        ("er", 0.3157, -0.1264), ("model_zoo", 0.4584, 0.0476), ("dnn0", 0.3946, 0.0374),
    ],
)  # fmt: skip
def test_proglearn_replicates(arm, average, backward):
    got = headline(proglearn(arm))
    assert [e.value for e in got] == pytest.approx([average, backward], abs=6e-5)
    assert all(e.scope == "seeds" and e.low < e.value < e.high for e in got)


@needs_data
def test_a_method_that_cannot_forget_has_no_interval_of_width_zero():
    """Prog_NN: backward transfer is exactly zero in every replicate; without items nothing says how it varies."""
    _, backward = headline(proglearn("Prog_NN"))
    assert (backward.value, backward.low) == (0, None)
    assert "says nothing" in backward.reason


@needs_data
def test_three_replicates_cover_the_mean_of_the_others():
    """Draw three replicates with different test sets of the sixty: t over them covers the mean of the rest."""
    rng = np.random.default_rng(1)
    R = proglearn("er")
    lost = np.mean([R[:, -1, j] - R[:, j, j] for j in range(9)], axis=0)
    draws, hits = 150, 0
    for _ in range(draws):
        slots, shifts = rng.permutation(10)[:3], rng.permutation(6)[:3]
        drawn = slots * 6 + shifts
        others = np.setdiff1d(np.arange(60), drawn)
        _, got = headline(R[drawn])
        own = lost[others].std(ddof=1) / np.sqrt(len(others))
        hits += got.low - 2 * own <= lost[others].mean() <= got.high + 2 * own
    assert hits / draws >= 0.93 - 2.6 * np.sqrt(0.05 * 0.95 / draws)
