"""Do the examples of schedules still fit the command line that they call?"""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer
import yaml

from toolkit.cli.app import app
from toolkit.reporting.schedule import cron_line, make_job, parse_every, systemd_units

FOLDER = Path(__file__).parents[2] / "examples/schedules"
JOB = make_job(
    "support-tickets",
    Path("/srv/streams/support-tickets"),
    Path("/srv/reports"),
    python="/opt/streamreview/bin/python",
    fail_on="act,alarm",
    notify=["env:STREAMREVIEW_NOTIFY"],
)


def understood(words: list[str]) -> dict[str, object]:
    """The parameters that the real command line reads from `words`, without calling anything."""
    group = typer.main.get_command(app)
    command = group.commands[words[0]]
    context = command.make_context(words[0], words[1:])
    return dict(context.params)


def called(text: str) -> list[list[str]]:
    """Every call of the command in a shell text, as words after its name."""
    calls = []
    for line in text.splitlines():
        words = [word for word in shlex.split(line, comments=True) if word != ">/dev/null"]
        for place, word in enumerate(words):
            module = word == "toolkit" and words[place - 1] == "-m"
            program = word.endswith("bin/streamreview") or (word == "streamreview" and place == 0)
            if module or program:
                calls.append(words[place + 1 :])
                break
    return calls


def test_units_are_those_that_the_command_writes() -> None:
    units = systemd_units(JOB, parse_every("Mon 06:00"))
    assert {p.name: p.read_text() for p in (FOLDER / "systemd").iterdir()} == units
    (words,) = called(units["streamreview-support-tickets.service"].replace("ExecStart=:", ""))
    assert understood(words)["notify"] == ["env:STREAMREVIEW_NOTIFY"]


def test_the_crontab_is_what_the_command_writes() -> None:
    lines = (FOLDER / "crontab").read_text().splitlines()
    assert cron_line(JOB, parse_every("Mon 06:00")) in lines
    jobs = [line for line in lines if not line.startswith("#") and not re.match(r"[A-Z_]+=", line)]
    assert [line.split(" ")[:5] for line in jobs] == [list("06**1"), ["30", "5", "1", "*", "*"]]
    run, prune = (called(line)[0] for line in jobs)
    assert understood(run)["fail_on"] == "act,alarm"
    assert understood(prune)["apply"] is True


@pytest.mark.skipif(shutil.which("crontab") is None, reason="needs crontab")
def test_crontab_reads_it() -> None:
    """Debian's `crontab -n` and cronie's `crontab -T` check a file without installing it."""
    for option in ("-n", "-T"):
        order = ["crontab", option, str(FOLDER / "crontab")]
        done = subprocess.run(order, capture_output=True, text=True, check=False)
        if "invalid option" not in done.stderr:
            assert done.returncode == 0, done.stderr
            return
    pytest.skip("this crontab checks nothing")


def test_the_workflow_calls_what_is_there() -> None:
    """YAML with a schedule and steps; every streamreview command is one, with options that it has."""
    workflow = yaml.safe_load((FOLDER / "ci.yml").read_text())
    assert workflow[True]["schedule"] == [{"cron": "0 6 * * 1"}]  # YAML 1.1 reads the word `on` as true
    steps = workflow["jobs"]["review"]["steps"]
    calls = [call for step in steps for call in called(step.get("run", ""))]
    assert [call[0] for call in calls] == ["check", "run"]
    for call in calls:
        understood(call)
    named = understood(calls[1])["notify"]
    (step,) = (step for step in steps if "env" in step)
    assert [f"env:{name}" for name in step["env"]] == named
    assert str(understood(calls[1])["junit"]) in steps[-1]["with"]["path"].split()


def test_the_dag_is_python_and_calls_what_is_there() -> None:
    """Parsed only: running it needs Airflow, which the project does not install."""
    tree = ast.parse((FOLDER / "airflow_dag.py").read_text())
    (command,) = (
        ast.literal_eval(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "COMMAND"
    )
    (call,) = called(command)
    assert call[0] == "run"
    understood(call)
    operator = next(
        n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "BashOperator"
    )
    assert {k.arg for k in operator.keywords} >= {"task_id", "bash_command", "skip_on_exit_code"}
