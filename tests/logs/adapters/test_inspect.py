"""Logs that Inspect made come in without loss; damaged, unfinished and hostile ones are counted or refused."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.logs.adapters.made_by_inspect import ITEMS, STAGES, right
from tests.logs.adapters.support import DATA, cells, import_, left, matrix, read
from toolkit.errors import LogRejected
from toolkit.logs.adapters import evalzip
from toolkit.logs.adapters.evalzip import DamagedArchive, EvalZip
from toolkit.logs.adapters.inspect_scores import to_number

LOGS = DATA / "inspect"


def expected() -> dict[tuple[int, str, str], float]:
    """Score by stage, task and item, as the mock model was told to answer; the mean over epochs."""
    return {
        (stage, task, f"{task}-{i}"): sum(right(task, stage, i, e) for e in range(1, epochs + 1)) / epochs
        for stage in STAGES
        for task, epochs in (("alpha", 2), ("beta", 1))
        for i in range(ITEMS)
    }


def header(path: Path) -> dict[str, Any]:
    with EvalZip(path) as archive:
        return json.loads(archive.read("header.json"))


def pack(path: Path, members: dict[str, str], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def log(
    status: str = "success", scores: Any = None, created: str = "2026-01-01T00:00:00", **spec: Any
) -> dict[str, str]:
    """A small log as Inspect writes it, one scorer `s`."""
    values = scores if scores is not None else {"a": "C", "b": "I"}
    head = {"version": 2, "status": status, "eval": {"task": "t", "model": "m/x", "created": created} | spec}
    samples = [{"id": k, "epoch": 1, "target": "x", "scores": {"s": {"value": v}}} for k, v in values.items()]
    return {"header.json": json.dumps(head), "summaries.json": json.dumps(samples)}


@pytest.mark.slow
@pytest.mark.parametrize("form", ["eval", "json"])
def test_the_real_tool_imports_losslessly(tmp_path: Path, form: str) -> None:
    """Runs Inspect itself, with its mock model."""
    if find_spec("inspect_ai") is None:
        pytest.skip("needs inspect-ai (pip install inspect-ai) to make a log")
    script = Path(__file__).with_name("made_by_inspect.py")  # a process of its own: its warnings are not ours
    subprocess.run([sys.executable, script, tmp_path / "logs", form], check=True, capture_output=True)
    import_("inspect", tmp_path / "logs", tmp_path / "log")
    found = {(row["stage"], row["task"], row["item"]): row["score"] for row in cells(tmp_path / "log")}
    assert found == expected()


def test_its_logs_come_in_item_by_item(tmp_path: Path) -> None:
    account = import_("inspect", LOGS, tmp_path / "log")
    found = {(row["stage"], row["task"], row["item"]): row["score"] for row in cells(tmp_path / "log")}
    assert found == expected()
    assert left(account) == {("scorers", "beside match, which is the score"): 9}
    assert read(tmp_path / "log").ledger.entries()["evaluations"].used == len(found)
    assert [text[:36] for text in account.warnings] == ["The order in which the tasks arrived"]


def test_means_are_those_that_the_logs_report(tmp_path: Path) -> None:
    import_("inspect", LOGS, tmp_path / "log")
    found = matrix(tmp_path / "log")
    for path in LOGS.glob("*.eval"):
        head = header(path)
        told = head["results"]["scores"][0]["metrics"]["accuracy"]["value"]
        assert found[head["eval"]["metadata"]["stage"], head["eval"]["task"]] == pytest.approx(told)


def test_judges_and_people_become_feedback(tmp_path: Path) -> None:
    import_("inspect", LOGS, tmp_path / "log", judges="model_graded_qa", people="form_of_answer/short")
    rows = cells(tmp_path / "log", "feedback")
    judged = [row for row in rows if row["source"] == "synthetic"]
    assert {row["rater"] for row in judged} == {"mockllm/model"}
    told = [
        score["scored_samples"]
        for path in LOGS.glob("*beta*.eval")
        for score in header(path)["results"]["scores"]
        if score["scorer"] == "model_graded_qa"
    ]
    assert len(judged) == sum(told) == 9  # a grade that the scorer does not allow is no score
    assert sum(row["source"] == "human" for row in rows) == len(STAGES) * ITEMS
    read(tmp_path / "log")


def test_another_scorer_and_an_entry_of_its_scores(tmp_path: Path) -> None:
    account = import_("inspect", LOGS, tmp_path / "log", scorer="form_of_answer/short")
    found = matrix(tmp_path / "log")
    for path in LOGS.glob("*beta*.eval"):
        head = header(path)
        told = next(s for s in head["results"]["scores"] if s["name"] == "short")["metrics"]["mean"]["value"]
        assert found[head["eval"]["metadata"]["stage"], "beta"] == pytest.approx(told)
    assert left(account)["logs", "without the scorer form_of_answer/short"] == 3


@pytest.mark.parametrize(
    ("value", "number"),
    [("C", 1), ("I", 0), ("P", 0.5), ("N", 0), ("yes", 1), ("False", 0), (True, 1), ("0.25", 0.25), (3, 3),
     ({"a": "C"}, 1), ("rubbish", None), ([1], None), (float("nan"), None), (None, None), ("inf", None)],
)  # fmt: skip
def test_values_are_numbers_as_inspect_makes_them(value: Any, number: float | None) -> None:
    assert to_number(value) == number


def test_values_are_those_of_the_tool_itself() -> None:
    scorer = pytest.importorskip("inspect_ai.scorer", reason="needs inspect-ai")
    for value in ("C", "I", "P", "N", "yes", "no", "TRUE", "0.5", 1, 0.25, True):
        assert to_number(value) == scorer.value_to_float()(value)


def test_logs_that_did_not_end_well_are_left_out_or_used(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    for number, status in enumerate(("error", "cancelled", "started", "success")):
        pack(tmp_path / "logs" / f"{status}.eval", log(status, created=f"2026-01-0{number + 1}T00:00:00"))
    account = import_("inspect", tmp_path / "logs", tmp_path / "log")
    assert sum(left(account).values()) == 3
    assert all(what == "logs" and why.startswith("ended as") for what, why in left(account))
    account = import_("inspect", tmp_path / "logs", tmp_path / "log", unfinished="use")
    assert sum("samples that it has were used" in text for text in account.warnings) == 3


def test_a_log_that_was_killed_is_read_from_its_journal(tmp_path: Path) -> None:
    members = log()
    killed = {"_journal/start.json": members["header.json"].replace('"success"', '"started"')}
    pack(tmp_path / "x.eval", killed | {"_journal/summaries/1.json": members["summaries.json"]})
    with pytest.raises(LogRejected, match="ended as 'started'"):
        import_("inspect", tmp_path / "x.eval", tmp_path / "log")
    import_("inspect", tmp_path / "x.eval", tmp_path / "log", unfinished="use")
    assert [row["score"] for row in cells(tmp_path / "log")] == [1, 0]


def test_samples_without_summaries_are_read_one_by_one(tmp_path: Path) -> None:
    members = log()
    samples = json.loads(members.pop("summaries.json"))
    pack(tmp_path / "x.eval", members | {f"samples/{s['id']}_epoch_1.json": json.dumps(s) for s in samples})
    import_("inspect", tmp_path / "x.eval", tmp_path / "log")
    assert {row["item"]: row["score"] for row in cells(tmp_path / "log")} == {"a": 1, "b": 0}


def test_epochs_without_a_reduction_are_trials_not_seeds(tmp_path: Path) -> None:
    members = log()
    rows = [{"id": 7, "epoch": e, "scores": {"s": {"value": v}}} for e, v in ((1, "C"), (2, "I"), (3, "C"), (4, "C"))]
    pack(tmp_path / "x.eval", members | {"summaries.json": json.dumps(rows)})
    import_("inspect", tmp_path / "x.eval", tmp_path / "log")
    assert [(row["item"], row["seed"], row["score"]) for row in cells(tmp_path / "log")] == [("7", 0, 0.75)]


def test_samples_with_errors_are_counted(tmp_path: Path) -> None:
    pack(tmp_path / "x.eval", log(scores={"a": "C", "b": float("nan"), "c": "what"}))
    account = import_("inspect", tmp_path / "x.eval", tmp_path / "log")
    assert left(account)["trials", "with an error or without a score of the scorer"] == 2
    assert len(cells(tmp_path / "log")) == 1


def test_the_newest_evaluation_wins_and_older_are_counted(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    for day, value in ((1, "I"), (3, "C"), (2, "P")):
        spec = {"created": f"2026-01-0{day}T00:00:00", "metadata": {"stage": 1}, "task_version": day}
        pack(tmp_path / "logs" / f"{day}.eval", log(scores={"a": value}, **spec))
    account = import_("inspect", tmp_path / "logs", tmp_path / "log")
    assert [row["score"] for row in cells(tmp_path / "log")] == [1]
    assert left(account) == {("logs", "older evaluations of the same task and checkpoint"): 2}


def test_versions_that_differ_over_stages_are_told(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    for stage in (1, 2):
        pack(tmp_path / "logs" / f"{stage}.eval", log(metadata={"stage": stage}, task_version=stage))
    account = import_("inspect", tmp_path / "logs", tmp_path / "log", model="m/x")
    assert any("version of the task differs" in text for text in account.warnings)


def test_a_stage_file_places_logs_by_model(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    for name in ("one", "two", "three"):
        pack(tmp_path / "logs" / f"{name}.eval", log(model=f"hf/{name}"))
    account = import_(
        "inspect", tmp_path / "logs", tmp_path / "log", stages="model,stage,arm\nhf/one,1,\ntwo,1,isolated\n"
    )
    assert {(row["stage"], row.get("arm", "stream")) for row in cells(tmp_path / "log")} == {
        (1, "stream"),
        (1, "isolated"),
    }
    assert [what for what, _ in left(account)] == ["runs"]


def test_a_mean_that_is_not_the_reported_one_is_told(tmp_path: Path) -> None:
    members = log()
    head = json.loads(members["header.json"])
    head["results"] = {"scores": [{"name": "s", "scorer": "s", "metrics": {"accuracy": {"value": 0.9}}}]}
    pack(tmp_path / "x.eval", members | {"header.json": json.dumps(head)})
    account = import_("inspect", tmp_path / "x.eval", tmp_path / "log")
    assert any("the log reports accuracy 0.9" in text for text in account.warnings)


# Damaged and hostile files


@pytest.mark.parametrize("keep", [0.99, 0.5, 0.01])
def test_a_truncated_archive_is_one_line_or_counted(tmp_path: Path, keep: float) -> None:
    (tmp_path / "logs").mkdir()
    whole = sorted(LOGS.glob("*.eval"))
    data = whole[0].read_bytes()
    (tmp_path / "logs" / "cut.eval").write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(LogRejected, match="no whole zip archive"):
        import_("inspect", tmp_path / "logs", tmp_path / "log")
    shutil.copy(whole[1], tmp_path / "logs")
    account = import_("inspect", tmp_path / "logs", tmp_path / "log")
    assert sum(n for (what, _), n in left(account).items() if what == "files") == 1


def test_every_damaged_byte_is_refused_or_harmless(tmp_path: Path) -> None:
    """One byte changed at many places: never a traceback, never another score."""
    source = min(LOGS.glob("*beta*.eval"), key=lambda path: path.name)
    data = bytearray(source.read_bytes())
    wanted = {key[2]: value for key, value in expected().items() if key[:2] == (0, "beta")}
    for place in range(0, len(data), 997):
        path = tmp_path / "damaged.eval"
        path.write_bytes(bytes(data[:place]) + bytes([data[place] ^ 0x55]) + bytes(data[place + 1 :]))
        try:
            import_("inspect", path, tmp_path / "log")
        except LogRejected:
            continue
        found = {row["item"]: row["score"] for row in cells(tmp_path / "log")}
        assert found.items() <= wanted.items()


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, 93])
def test_a_member_that_grows_beyond_its_bound_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: int
) -> None:
    monkeypatch.setattr(evalzip, "MOST_BYTES", 1 << 16)
    bomb = " " * (1 << 22)
    if method == zipfile.ZIP_DEFLATED:
        path = pack(tmp_path / "bomb.eval", {"header.json": bomb})
    else:
        path = zstandard(tmp_path / "bomb.eval", "header.json", bomb.encode(), told=100)
    with EvalZip(path) as archive, pytest.raises(DamagedArchive, match="when unpacked"):
        archive.read("header.json")
    with pytest.raises(LogRejected, match="when unpacked"):
        import_("inspect", path, tmp_path / "log")


def zstandard(path: Path, name: str, data: bytes, told: int) -> Path:
    """An archive of one member of method 93 whose directory says that it has `told` bytes."""
    packed = pa.Codec("zstd").compress(data, asbytes=True)
    common = struct.pack("<5H3I2H", 20, 0, 93, 0, 0, 0, len(packed), told, len(name), 0)
    local = b"PK\x03\x04" + common + name.encode()
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<3H2I", 0, 0, 0, 0, 0) + name.encode()
    start = len(local) + len(packed)
    end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 1, 1, len(central), start, 0)
    path.write_bytes(local + packed + central + end)
    return path


def test_names_of_members_are_never_paths(tmp_path: Path) -> None:
    members = {"../../evil.txt": "x", "/etc/evil": "x", "samples/../../evil_epoch_1.json": "{}"}
    pack(tmp_path / "logs.eval", log() | members)
    import_("inspect", tmp_path / "logs.eval", tmp_path / "log")
    assert {p.name for p in tmp_path.iterdir()} == {"logs.eval", "log"}
    assert len(cells(tmp_path / "log")) == 2


@pytest.mark.parametrize("text", ['{"eval": {"task"', "[]", '{"a": 1}', "\x00", "[" * 100_000, '{"eval": {"task": 3}}'])
def test_json_that_is_no_log_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(LogRejected, match="no usable Inspect log"):
        import_("inspect", tmp_path / "x.json", tmp_path / "log")


def test_two_logs_in_one_json_file(tmp_path: Path) -> None:
    """A restart that wrote behind the first log: the last whole one is read, the other counted."""
    one = {"status": "success", "eval": {"task": "t"}, "samples": [{"id": 1, "scores": {"s": {"value": 0}}}]}
    two = {**one, "samples": [{"id": 1, "scores": {"s": {"value": 1}}}]}
    (tmp_path / "x.json").write_text(json.dumps(one) + json.dumps(two))
    account = import_("inspect", tmp_path / "x.json", tmp_path / "log")
    assert [row["score"] for row in cells(tmp_path / "log")] == [1]
    assert any(what == "JSON objects" for what, _ in left(account))
