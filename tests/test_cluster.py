"""Does a Dask cluster give what this machine gives? Two real workers, each a process."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("distributed", reason="distributed comes with the extra `cluster`")

from distributed import Client, LocalCluster
from joblib import parallel_config

from tests.end_to_end.places import Ending
from tests.logs.streams import config, evaluations, write
from toolkit.cli import main
from toolkit.parallel import handed_out
from toolkit.reporting.many import Outcome, run_many
from toolkit.reporting.streams_file import load_streams
from toolkit.simulation.calibration.registry import STUDIES
from toolkit.simulation.calibration.running import run_studies
from toolkit.simulation.calibration.study import Line, Study
from toolkit.simulation.calibration.study import Outcome as Found

FEW = [STUDIES["transfer-one-task"], STUDIES["samples-saved-30"]]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


def pids(client: Client) -> set[int]:
    return set(client.run(os.getpid).values())


def test_calibration_gives_the_same_numbers(client: Client) -> None:
    here = {lines[0].study: lines for lines in run_studies(FEW, 120, jobs=1)}
    with parallel_config(backend="dask", client=client):
        there = {lines[0].study: lines for lines in run_studies(FEW, 120, jobs=1)}
    assert there == here


def test_calibration_is_done_by_the_workers(client: Client) -> None:
    """A study of one's own, which no registry has, says which process it ran in."""

    def replicate(rng: np.random.Generator) -> list[Found]:
        return [Found(float(os.getpid() in workers))]

    workers = pids(client)
    study = Study("where", (Line("there", "items", "method", (0, 1)),), replicate)
    assert os.getpid() not in workers
    with parallel_config(backend="dask", client=client):
        ((line,),) = run_studies([study], 100)
    assert line.value == 1


def test_many_streams(client: Client, tmp_path: Path) -> None:
    """Each is run on a worker, and its end is told."""
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/stream.toml").write_text("no_such_key = 1\n")
    path = tmp_path / "streams.toml"
    path.write_text("at_once = 2\n" + "".join(f'[[streams]]\nstream = "{name}"\n' for name in ("none", "bad", "no")))
    told: list[Outcome] = []
    client.wait_for_workers(2, timeout=20)
    with parallel_config(backend="dask", client=client):
        outcomes = run_many(load_streams(path), tmp_path, told.append)
    assert [(outcome.stream.name, outcome.code) for outcome in outcomes] == [("none", 2), ("bad", 4), ("no", 2)]
    assert sorted(map(id, told)) == sorted(map(id, outcomes))
    assert "no such folder" in outcomes[0].said


@pytest.mark.nightly
def test_whole_reports(client: Client, tmp_path: Path) -> None:
    """Two streams, published by the workers as here: the same numbers, and pages that open."""
    for name in ("one", "two"):
        config(tmp_path / name)
        toml = tmp_path / name / "stream.toml"
        toml.write_text(toml.read_text().replace('"test"', f'"{name}"'))
        write(tmp_path / name / "evaluations.parquet", evaluations(n=12 if name == "one" else 15))
    path = tmp_path / "streams.toml"
    published = {}
    for where in ("here", "there"):
        path.write_text(f'out = "{where}"\nat_once = 2\n[[streams]]\nstream = "one"\n[[streams]]\nstream = "two"\n')
        with parallel_config(backend="dask", client=client) if where == "there" else nullcontext():
            outcomes = run_many(load_streams(path), tmp_path, lambda outcome: None)
        assert [outcome.code for outcome in outcomes] == [0, 0], outcomes
        assert all(outcome.page is not None and outcome.page.exists() for outcome in outcomes)
        published[where] = [outcome.results["estimates"] for outcome in outcomes if outcome.results]
    assert published["here"] == published["there"]
    assert len(published["here"]) == 2


def spell(number: int) -> tuple[float, float]:
    begin = time.monotonic()
    time.sleep(0.1)
    return begin, time.monotonic()


def test_no_more_at_once_than_asked(client: Client) -> None:
    client.wait_for_workers(2, timeout=20)
    with parallel_config(backend="dask", client=client):
        spells = sorted(handed_out([(spell, (number,)) for number in range(5)], jobs=1, apart=True))
    assert all(end <= begin for (_, end), (begin, _) in pairwise(spells))


def test_the_command_line_names_a_scheduler(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["calibrate", "--scenario", "samples", "--replicates", "60"]
    assert main([*words, "--jobs", "1"]) == 0
    here = capsys.readouterr().out.splitlines()[:-1]
    assert main([*words, "--scheduler", client.scheduler.address]) == 0
    assert sorted(capsys.readouterr().out.splitlines()[:-1]) == sorted(here)


def test_what_ends_on_this_machine_is_no_business_of_the_cluster(client: Client) -> None:
    ending = Ending()
    ending.now()
    assert not client.submit(lambda given: given.asked.is_set(), ending).result(20)


@pytest.mark.parametrize(
    ("address", "said"),
    [("head", "not an address; write it like tcp://"), ("tcp://127.0.0.1:9", "no answer")],
)
def test_an_address_without_a_scheduler(
    address: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.cli.cluster._PATIENCE", 1)
    assert main(["calibrate", "--scheduler", address]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"--scheduler {address}: {said}" in line


def test_a_killed_worker_changes_no_number(client: Client) -> None:
    with parallel_config(backend="dask", client=client):
        results = run_studies(FEW, 400)
        first = next(results)
        os.kill(min(pids(client)), signal.SIGKILL)
        there = [first, *results]
    assert sorted(lines[0].study for lines in there) == sorted(study.name for study in FEW)
    here = {lines[0].study: lines for lines in run_studies(FEW, 400, jobs=1)}
    assert {lines[0].study: lines for lines in there} == here
