"""Does the people plan keep its rules, whatever the evidence: never nobody, never lower for more harm, never healthy
for what is open?
"""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from tests.builders import config
from tests.review.rows import AXIS, CHOSEN, OF_JUDGE, VERDICTS, advice_of, first, piece, row_of
from toolkit.analyses import ANALYSES, Evidence
from toolkit.cube import reduce_stream
from toolkit.demo.run import write_releases
from toolkit.demo.settings import RELEASES, Settings
from toolkit.language.plan import REGULATED, UNCHECKED
from toolkit.logs import read_stream
from toolkit.results import Estimate, PlanRow
from toolkit.review import judged
from toolkit.review.labels import FIRST_LABELS
from toolkit.review.plan import EVIDENCE, people_plan
from toolkit.review.reasons import ADVICE, distance_piece
from toolkit.review.verdicts import REGULATED_NEEDS_MARGIN


def combinations() -> list[dict[str, str | None]]:
    """Every combination of kinds of evidence, absent or with each verdict."""
    states = (None, *VERDICTS)
    return [dict(zip(AXIS, each, strict=True)) for each in itertools.product(states, repeat=len(AXIS))]


@pytest.fixture(scope="module", params=[False, True], ids=["standard", "regulated"])
def all_advice(request: pytest.FixtureRequest) -> tuple[bool, dict[tuple[str | None, ...], int]]:
    """The advice of all combinations of verdicts."""
    regulated = bool(request.param)
    return regulated, {tuple(each.values()): advice_of(each, regulated=regulated) for each in combinations()}


def test_the_rules_hold_for_every_combination_of_verdicts(
    all_advice: tuple[bool, dict[tuple[str | None, ...], int]],
) -> None:
    """Least a watch sample, and that only where nothing is open; never of a regulated or an unchecked task."""
    regulated, found = all_advice
    for verdicts, advice in found.items():
        state = dict(zip(AXIS, verdicts, strict=True))
        if state["own gap"] == "healthy":
            del state["gap"]  # that of the task itself says more
        checked = [state[kind] for kind in OF_JUDGE if state[kind] is not None]
        if ADVICE[advice] == "watch":
            assert not regulated
            assert "healthy" in checked
            assert set(state.values()) <= {None, "healthy"}
        if not checked:
            assert ADVICE[advice] != "watch"
            if state["label_error_rate"] is None and state["backward_transfer"] is None:
                assert ADVICE[advice] == "required"
        if "act" in checked or state["label_error_rate"] == "act" or (regulated and "act" in state.values()):
            assert ADVICE[advice] == "required"


def test_more_harm_never_lowers_the_advice(all_advice: tuple[bool, dict[tuple[str | None, ...], int]]) -> None:
    """Raising any one verdict, or adding evidence that is not healthy to what is known of the judge."""
    _, found = all_advice
    kinds = list(AXIS)
    for verdicts, advice in found.items():
        checked = any(verdicts[kinds.index(kind)] is not None for kind in OF_JUDGE)
        for place, verdict in enumerate(verdicts):
            worse = VERDICTS[VERDICTS.index(verdict) + 1 :] if verdict else VERDICTS[1:]
            if verdict is None and kinds[place] in OF_JUDGE and not checked:
                worse = ("act",)  # a first look at the judge may clear what nothing was known of, but proved harm never
            for other in worse:
                changed = (*verdicts[:place], other, *verdicts[place + 1 :])
                assert found[changed] >= advice, (verdicts, changed)


def test_a_number_without_an_interval_does_not_check_the_judge() -> None:
    """Nor does one that nothing was said of: both count as open, and people stay required."""
    settings = config(1, review=CHOSEN)
    bare = piece("feedback_bias", "unclear", low=None, high=None, reason="needs two items")
    (row,) = people_plan([bare], settings)
    assert (row.advice, row.labels) == ("required", FIRST_LABELS)
    assert row.reasons[0] == UNCHECKED
    (row,) = people_plan([piece("feedback_bias", "healthy").model_copy(update={"verdict": None})], settings)
    assert row.advice == "review"
    (row,) = people_plan([piece("feedback_bias", "not measured", value=None, low=None, high=None)], settings)
    assert row.advice == "required"


def test_all_reasons_for_the_advice_stand_there_the_strongest_first() -> None:
    """Of what asks for as much as the advice, proved harm before possible harm before what is open."""
    verdicts = {"feedback_bias": "unclear", "gap": "watch", "label_error_rate": "watch", "backward_transfer": "act"}
    row = row_of(verdicts)
    assert row.advice == "review"
    starts = ["The task is being lost", "Too many generated samples may", "Over all tasks, the judge may", "Whether"]
    assert [reason.startswith(start) for reason, start in zip(row.reasons, starts, strict=True)] == [True] * 4
    assert row.why == " ".join(row.reasons)
    row = row_of({**verdicts, "feedback_bias": "act"})
    assert row.advice == "required"
    assert len(row.reasons) == 1  # the others alone would have asked for less
    assert row.reasons[0].startswith(
        "The judge's bias is beyond its margin: 0.040\xa0feedback points too high (0.010 to"
    )


def test_a_regulated_task_says_so_and_what_holds() -> None:
    row = row_of({"feedback_bias": "healthy", "backward_transfer": "healthy"}, regulated=True)
    assert row.advice == "review"
    assert row.reasons == ("Inside their margins: the judge's bias, what was lost since arrival.", REGULATED)


def test_a_provisional_margin_clears_no_regulated_task() -> None:
    """Not by the bias, which says so, and not by the distance of distributions."""
    settings = config(2, regulated=("task 1",))
    close = {"value": 0.0, "low": -1e-6, "high": 1e-6}
    bias = piece("feedback_bias", "healthy", **close)
    (found,) = judged([bias], settings)
    row = first([found], settings)
    assert REGULATED_NEEDS_MARGIN in row.why
    there = distance_piece(Estimate(quantity="energy_distance", axis="alignment", task="task 1", **close), settings)
    assert there.verdict == "unclear"
    other = distance_piece(Estimate(quantity="energy_distance", axis="alignment", task="task 2", **close), settings)
    assert other.verdict == "healthy"


def test_an_assumed_ceiling_is_open_and_says_what_is_missing() -> None:
    """Where no item has two people's labels the gap is a bound under an assumption: no number, and no watch sample."""
    settings = config(2, review=CHOSEN)
    gap = piece("gap", "unclear", group="ceiling=1", value=-0.2, low=-0.3, high=-0.1, unit="share")
    row = first([piece("feedback_bias", "healthy"), gap], settings)
    assert row.advice == "review"
    assert row.reasons[0].startswith("No item was judged by two people")


def test_each_judge_counts_where_there_are_several() -> None:
    """A judge whose distribution is apart asks for a review, though another's is not."""
    settings = config(2, review=CHOSEN)
    near, far = (
        piece("energy_distance", verdict, group=f"rater={name}") for name, verdict in (("a", "healthy"), ("b", "watch"))
    )
    beside = piece("energy_distance", "act", group="rater=a,part=detectable")
    bias = piece("feedback_bias", "healthy")
    assert first([bias, near, beside], settings).advice == "watch"
    assert first([bias, near, far], settings).advice == "review"


def test_a_stream_of_one_task_has_its_evidence_over_all_tasks() -> None:
    """There the gap over all tasks is the task's own, and proved harm makes people required."""
    found = [piece("feedback_bias", "healthy"), piece("gap", "act")]
    assert first(found, config(1, review=CHOSEN)).advice == "required"
    assert first(found, config(2, review=CHOSEN)).advice == "review"


def test_distributions_within_the_bound_have_means_within_the_margin() -> None:
    """The Wasserstein distance never exceeds what the energy distance allows, nor total variation the divergence."""
    rng = np.random.default_rng(1)
    settings = config(1, review=CHOSEN, score_range=(1, 5))
    for _ in range(200):
        x, y = (rng.uniform(1, 5, rng.integers(1, 8)) for _ in range(2))
        energy = stats.energy_distance(x, y) ** 2
        made = Estimate(quantity="energy_distance", axis="alignment", task="task 1", value=energy, low=0, high=energy)
        apart = distance_piece(made, settings).apart
        assert stats.wasserstein_distance(x, y) <= apart + 1e-9
        p, q = rng.dirichlet([0.5] * 4, 2)
        made = made.model_copy(update={"quantity": "score_divergence", "high": float(jensenshannon(p, q)) ** 2})
        assert np.abs(p - q).sum() / 2 <= distance_piece(made, settings).apart + 1e-9


@pytest.mark.parametrize(
    ("value", "high", "p_value", "verdict"),
    [
        (0.001, 0.0049, 0.001, "healthy"),  # 2 x 0.05^2: equivalent within the margin, though not the same
        (0.001, 0.0051, 0.001, "watch"),
        (0.001, 0.0051, 0.3, "unclear"),
        (0.0051, 0.02, 0.3, "watch"),
        (0.001, None, 0.3, "unclear"),
    ],
)
def test_a_distance_is_judged_as_all_others_are(value: float, high: float, p_value: float, verdict: str) -> None:
    """Healthy below the margin, watch where zero is excluded or the value beyond it, else open."""
    made = Estimate(
        quantity="energy_distance", axis="alignment", task="task 1", value=value, low=0, high=high, p_value=p_value
    )
    assert distance_piece(made, config(2, review=CHOSEN)).verdict == verdict


def test_the_plan_rests_on_what_it_says_and_on_all_of_it(tmp_path: Path) -> None:
    """A real stream: the four analyses give the plan of all, and the judge's bias alone gives another."""
    small = Settings(tasks=5, seeds=2, tests_per_class=8, budget=600, checkpoints=(200, 600), human_new=40)
    (stream,) = write_releases(tmp_path / "streams", RELEASES[2:], small, jobs=1)
    with read_stream(stream) as log:
        evidence = Evidence(reduce_stream(log))
    settings = evidence.config
    found = {name: judged(analyse(evidence).estimates, settings) for name, analyse in ANALYSES.items()}

    def plan_of(*names: str) -> tuple[PlanRow, ...]:
        return people_plan([e for name in names for e in found[name]], settings)

    assert plan_of(*EVIDENCE) == plan_of(*ANALYSES)
    assert plan_of("feedback") != plan_of(*EVIDENCE)
    assert all(row.advice != "watch" for row in plan_of(*EVIDENCE) if row.risk == "regulated")
