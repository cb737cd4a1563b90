"""What the log of a demo must hold: which rows, how many, and numbers that agree with each other."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sklearn.datasets import load_digits

from toolkit.demo.description import LOOPS
from toolkit.demo.images import TaskImages
from toolkit.demo.settings import Settings

Row = dict[str, Any]
Rows = dict[str, list[Row]]
TASKS = ("as-scanned", "rotated-15", "inverted")


@pytest.fixture(params=[0, 1], ids=["first release", "second release"])
def log(request: pytest.FixtureRequest, logs: list[Rows]) -> Rows:
    return logs[request.param]


class TestEvaluations:
    def test_every_item_of_every_task_at_every_stage(self, log: Rows) -> None:
        """40 items: stream 4 stages x 3 tasks, isolated and joint each task once; 2 seeds."""
        counts = Counter((r["arm"], r["seed"], r["stage"], r["task"]) for r in log["evaluations"] if r["step"] is None)
        wanted = {("stream", s, k, t) for s in (0, 1) for k in range(4) for t in TASKS}
        wanted |= {("isolated", s, k, t) for s in (0, 1) for k, t in enumerate(TASKS, start=1)}
        wanted |= {("joint", s, 3, t) for s in (0, 1) for t in TASKS}
        assert counts == dict.fromkeys(wanted, 40)

    def test_score_is_whether_answer_is_truth(self, log: Rows) -> None:
        """Every row of the score matrix has both, and truth is the data set's label of that image."""
        labels = load_digits().target
        rows = [r for r in log["evaluations"] if r["step"] is None]
        assert {r["score"] for r in rows} == {0, 1}
        for row in rows:
            assert row["score"] == (row["answer"] == row["truth"])
            assert row["truth"] == str(labels[int(row["cluster"].removeprefix("d"))])
            assert row["item"] == f"{row['cluster']}-{row['task']}"

    def test_curves_end_where_the_matrix_begins(self, log: Rows, small: Settings) -> None:
        """Each stage's own task in both arms, all checkpoints, and at the last the scores after the stage."""
        after = {
            (r["arm"], r["seed"], r["stage"], r["item"]): r["score"] for r in log["evaluations"] if r["step"] is None
        }
        curve = [r for r in log["evaluations"] if r["step"] is not None]
        counts = Counter((r["arm"], r["seed"], r["stage"], r["task"], r["step"]) for r in curve)
        assert counts == {
            (arm, s, k, t, step): 40
            for arm in ("stream", "isolated")
            for s in (0, 1)
            for k, t in enumerate(TASKS, start=1)
            for step in small.checkpoints
        }
        for row in curve:
            if row["step"] == small.budget:
                assert row["score"] == after[row["arm"], row["seed"], row["stage"], row["item"]]

    def test_stages_never_go_back(self, log: Rows) -> None:
        """Within a replicate's file stages only rise: a fall would look like a restarted run."""
        for table in log.values():
            for seed in (0, 1):
                stages = [r["stage"] for r in table if r["seed"] == seed]
                assert stages == sorted(stages)


class TestFeedback:
    def test_every_judgement_is_what_its_rater_thinks_of_the_answer(self, log: Rows) -> None:
        """People's judgement of an answer is its score; nobody is asked twice about the same."""
        after = {
            (r["seed"], r["stage"], r["item"]): r["score"]
            for r in log["evaluations"]
            if r["step"] is None and r["arm"] == "stream"
        }
        people = [r for r in log["feedback"] if r["source"] == "human"]
        assert people
        for row in people:
            assert row["score"] == after[row["seed"], row["stage"], row["item"]]
        keys = [(r["seed"], r["stage"], r["item"], r["rater"], r.get("target")) for r in log["feedback"]]
        assert len(set(keys)) == len(keys)

    def test_attributes_are_those_of_the_answer(self, log: Rows) -> None:
        """A judged answer's loops are those of the class that the student gave, its ink that of the image."""
        given = {
            (r["seed"], r["stage"], r["item"]): r
            for r in log["evaluations"]
            if r["step"] is None and r["arm"] == "stream"
        }
        for row in log["feedback"]:
            if "target" in row:
                assert "attr_loops" not in row
                continue
            answered = given[row["seed"], row["stage"], row["item"]]
            assert row["attr_loops"] == LOOPS[int(answered["answer"])]
            assert row["attr_ink"] == answered["attr_ink"]

    def test_probability_is_the_share_that_people_saw(self, log: Rows) -> None:
        """In each stage and task: looked at / judged, and everyone looked at had been judged."""
        answers = [r for r in log["feedback"] if "target" not in r]
        judged = Counter((r["seed"], r["stage"], r["task"]) for r in answers if r["source"] == "synthetic")
        looked = Counter((r["seed"], r["stage"], r["task"]) for r in answers if r["source"] == "human")
        assert set(judged) == {(s, k, t) for s in (0, 1) for k in (1, 2, 3) for t in TASKS[:k]}
        assert set(judged.values()) == {40, 12}
        assert set(looked.values()) == {10, 6}
        known = {(r["seed"], r["stage"], r["item"]) for r in answers if r["source"] == "synthetic"}
        for row in answers:
            where = row["seed"], row["stage"], row["task"]
            if row["source"] == "human":
                assert row["probability"] == pytest.approx(looked[where] / judged[where])
                assert (row["seed"], row["stage"], row["item"]) in known
            else:
                assert "probability" not in row

    def test_raters_are_named_by_kind(self, log: Rows) -> None:
        """One rater a source; the rule judges what people judged, and samples."""
        assert {(r["source"], r["rater"]) for r in log["feedback"]} == {
            ("synthetic", "nystroem-logistic"),
            ("human", "uci-annotators"),
            ("rule", "1-nn-rule"),
        }
        seen = {
            source: {
                (r["seed"], r["stage"], r["item"])
                for r in log["feedback"]
                if r["source"] == source and "target" not in r
            }
            for source in ("human", "rule")
        }
        assert seen["human"] == seen["rule"]

    def test_judged_samples_agree_with_the_samples_table(self, log: Rows) -> None:
        """A sample's judgement is whether the judge's, or the rule's, class is the one asked for."""
        samples = {(r["seed"], r["sample"]): r for r in log["samples"]}
        rows = [r for r in log["feedback"] if r.get("target") == "sample"]
        assert len(rows) == 2 * 3 * 5 * 2
        for row in rows:
            sample = samples[row["seed"], row["item"]]
            said = sample["parsed_label" if row["source"] == "synthetic" else "verified_label"]
            assert row["score"] == (said == sample["target_label"])


class TestSamples:
    def test_counts_and_names(self, log: Rows, small: Settings) -> None:
        """Every draw is there, in both arms, under a name of its own."""
        made = [r for r in log["samples"] if r["origin"] == "synthetic"]
        counts = Counter((r["arm"], r["seed"], r["stage"], r["task"]) for r in made)
        assert counts == {
            (arm, s, k, t): small.draws_per_class * 10
            for arm in ("stream", "isolated")
            for s in (0, 1)
            for k, t in enumerate(TASKS, start=1)
        }
        assert len({r["sample"] for r in made}) == len(made)

    def test_accepted_are_readable_and_what_the_judge_saw(self, log: Rows) -> None:
        """Nothing is accepted against the judge; every class that is given is one of ten."""
        made = [r for r in log["samples"] if r["origin"] == "synthetic"]
        assert {r["accepted"] for r in made} == {True, False}
        for row in made:
            assert row["cost"] in (1, 2)
            assert row["parse_ok"] == ("parsed_label" in row) == ("verified_label" in row)
            if row["accepted"]:
                assert row["parse_ok"]
                assert row["parsed_label"] == row["target_label"]

    def test_human_images_are_training_images_with_their_labels(self, log: Rows, tasks: tuple[TaskImages, ...]) -> None:
        """No test image is among them, and the labels are those of the data set."""
        tested = {f"d{image:04d}" for image in tasks[0].test.ids}
        labels = load_digits().target
        human = [r for r in log["samples"] if r["origin"] == "human"]
        for row in human:
            image = row["sample"].split("-")[0]
            assert image not in tested
            assert row["target_label"] == row["verified_label"] == str(labels[int(image[1:])])

    def test_people_label_as_long_as_the_release_says(self, logs: list[Rows]) -> None:
        """The isolated arm has seed images in every task, the stream until its last human stage."""
        for rows, last in zip(logs, (3, 1), strict=True):
            counts = Counter((r["arm"], r["stage"]) for r in rows["samples"] if _taught_by_people(r))
            assert counts == {("isolated", k): 80 for k in (1, 2, 3)} | {("stream", k): 80 for k in range(1, last + 1)}

    def test_arms_start_from_the_same_seed_images(self, logs: list[Rows]) -> None:
        """What people labelled for the stream is what they labelled for the isolated arm."""
        human = {
            arm: {(r["seed"], r["sample"]) for r in logs[0]["samples"] if _taught_by_people(r) and r["arm"] == arm}
            for arm in ("stream", "isolated")
        }
        assert human["stream"] == human["isolated"]

    def test_human_reference_is_apart_from_what_is_taught(self, log: Rows, small: Settings) -> None:
        """As many images as the settings say for every task and seed, in every stage, none of them a seed image."""
        taught = {(r["seed"], r["sample"]) for r in log["samples"] if _taught_by_people(r)}
        rows = [r for r in log["samples"] if r["origin"] == "human" and not r["accepted"]]
        counts = Counter((r["arm"], r["seed"], r["stage"], r["task"]) for r in rows)
        assert counts == {
            ("stream", s, k, t): small.reference_images for s in (0, 1) for k, t in enumerate(TASKS, start=1)
        }
        assert len({(r["seed"], r["sample"]) for r in rows}) == len(rows)
        assert taught.isdisjoint((r["seed"], r["sample"]) for r in rows)

    def test_every_image_of_the_stream_is_described(self, log: Rows) -> None:
        """Accepted or not, generated or human: 16 numbers on the scale of the images, 8 x 8 characters, and the
        loops of the class asked for. Other arms carry none of it."""
        for row in log["samples"]:
            described = {"embedding", "text", "attr_intensity", "attr_loops"} & set(row)
            if row["arm"] != "stream":
                assert not described
                continue
            assert len(described) == 4
            assert len(row["embedding"]) == 16
            assert 0 <= min(row["embedding"]) <= max(row["embedding"]) <= 1
            assert row["attr_intensity"] == pytest.approx(sum(row["embedding"]) / 16, abs=0.0101)
            assert [len(line) for line in row["text"].split("\n")] == [8] * 8
            assert row["attr_loops"] == LOOPS[int(row["target_label"])]


def _taught_by_people(row: Row) -> bool:
    return bool(row["origin"] == "human" and row["accepted"])


def test_human_reference_is_the_same_in_every_release(logs: list[Rows]) -> None:
    """What the samples of two releases are held against is one and the same, also where people no longer label."""
    human = [[r for r in rows["samples"] if r["origin"] == "human" and not r["accepted"]] for rows in logs]
    assert human[0] == human[1]


def test_isolated_arm_is_the_same_in_every_release(logs: list[Rows]) -> None:
    """Releases change the stream; what each task is compared with stays."""
    for table in ("evaluations", "samples"):
        alone = [[r for r in rows[table] if r["arm"] != "stream"] for rows in logs]
        assert alone[0] == alone[1]
