"""Do real notebooks in real kernels end as they should, each failure in one line with its cell?"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.reporting.support import part, write_notebook
from toolkit.errors import RunFailed
from toolkit.reporting.execute import Work, run_wave
from toolkit.reporting.notebooks import Notebook


def work(folder: Path, *, timeout: float = 60, jobs: int = 2) -> Work:
    """A run's work below `folder`."""
    for name in ("parts", "executed", "cwd"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    given = {
        "stream": "/logs/{a} 'b'",
        "cube": "",
        "baseline": "",
        "parts": str(folder / "parts"),
        "history": "",
    }
    return Work(given, folder / "parts", folder / "executed", folder / "cwd", timeout, jobs)


def silent(notebook: Notebook, state: str, seconds: float) -> None:
    """Nobody watches."""


def failure(folder: Path, *cells: str, timeout: float = 60, **kwargs: str | None) -> str:
    """Run one notebook that fails and return the line that says why."""
    notebook = Notebook(write_notebook(folder, "transfer", *cells, **kwargs))
    with pytest.raises(RunFailed) as caught:
        run_wave([notebook], work(folder, timeout=timeout), silent)
    line = str(caught.value)
    assert "\n" not in line
    return line


def alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_notebooks_run_in_this_interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever kernels, profiles and proxies there are: same Python, toolkit importable, no history kept."""
    home = tmp_path / "home {x}"
    spec = home / ".local/share/jupyter/kernels/python3/kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": ["/bin/false"], "display_name": "wrong", "language": "python"}))
    startup = home / ".ipython/profile_default/startup/00.py"
    startup.parent.mkdir(parents=True)
    startup.write_text("raise SystemExit('a profile must not be read')")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    tell = (
        "import json, os, sys, toolkit\n"
        "history = get_ipython().history_manager.enabled\n"
        "told = [sys.executable, toolkit.__file__, os.getcwd(), stream, history]\n"
        "open(parts + '/transfer.json', 'w').write(json.dumps({'part': 'transfer'}))\n"
        "json.dump(told, open('told.json', 'w'))"
    )
    notebook = Notebook(write_notebook(tmp_path / "{braces}", "transfer", tell))
    states: list[str] = []
    run_wave([notebook], work(tmp_path / "out {y}"), lambda nb, state, s: states.append(f"{nb.name} {state}"))

    import sys

    import toolkit

    told = json.loads((tmp_path / "out {y}/cwd/told.json").read_text())
    assert told == [sys.executable, toolkit.__file__, str(tmp_path / "out {y}/cwd"), "/logs/{a} 'b'", False]
    assert states == ["transfer running", "transfer done"]
    assert not list(home.rglob("history.sqlite"))


def test_an_error_names_notebook_cell_and_error(tmp_path: Path) -> None:
    """And the executed notebook, up to the error, is there to look at."""
    line = failure(tmp_path, "x = 1", "raise ValueError('two\\nlines')", part("transfer"))
    assert line == "notebook transfer: cell 3: ValueError: two lines"
    executed = (tmp_path / "executed/transfer.ipynb").read_text()
    assert "two\\nlines" in executed or "two\\\\nlines" in executed


def test_leaving_early_is_no_success(tmp_path: Path) -> None:
    """papermill takes sys.exit(0) for the end of a good notebook; a report does not."""
    assert "SystemExit" in failure(tmp_path, part("transfer"), "import sys; sys.exit(0)", "1 + 1")


def test_a_notebook_without_its_part_failed(tmp_path: Path) -> None:
    assert "wrote no part transfer.json" in failure(tmp_path, "1 + 1")


def test_a_notebook_without_parameters_is_not_run(tmp_path: Path) -> None:
    assert "tag exactly one" in failure(tmp_path, "open('ran', 'w')", parameters=None)
    assert not (tmp_path / "cwd/ran").exists()


def test_a_file_that_is_no_notebook(tmp_path: Path) -> None:
    (tmp_path / "transfer.ipynb").write_text("PK not json")
    with pytest.raises(RunFailed, match="is no notebook"):
        run_wave([Notebook(tmp_path / "transfer.ipynb")], work(tmp_path), silent)


def test_the_time_limit_is_the_notebooks_and_ends_what_it_started(tmp_path: Path) -> None:
    """Three cells of a second each exceed two seconds together; a child process ends with the kernel."""
    child = "import subprocess, time\np = subprocess.Popen(['sleep', '60'])\nopen('child', 'w').write(str(p.pid))"
    start = time.monotonic()
    line = failure(tmp_path, child, *["time.sleep(2)"] * 20, timeout=4)
    assert time.monotonic() - start < 15
    assert "took longer than 4 seconds; give it more time with --timeout" in line
    assert "cell " in line
    time.sleep(0.2)
    assert not alive(int((tmp_path / "cwd/child").read_text()))


def test_a_dead_kernel_gets_one_second_try(tmp_path: Path) -> None:
    """A kernel that is killed the first time and not the second gives a good notebook."""
    once = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "if not Path('tried').exists():\n"
        "    Path('tried').touch()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    states: list[str] = []
    notebook = Notebook(write_notebook(tmp_path, "transfer", once, part("transfer")))
    run_wave([notebook], work(tmp_path), lambda nb, state, s: states.append(state))
    assert states == ["running", "again", "done"]


def test_a_kernel_that_dies_twice_failed(tmp_path: Path) -> None:
    """A part written before the crash does not make it a success."""
    line = failure(tmp_path, part("transfer"), "import os; os._exit(1)")
    assert line == ("notebook transfer: cell 3: the kernel died twice (out of memory, or a crash in native code)")


def test_all_failures_of_a_wave_are_counted(tmp_path: Path) -> None:
    """The others run to their end, and the first failure says how many more there are."""
    books = [
        Notebook(write_notebook(tmp_path, "a", "1 / 0")),
        Notebook(write_notebook(tmp_path, "b", "open('b ran', 'w'); {}['x']")),
        Notebook(write_notebook(tmp_path, "c", part("c"))),
    ]
    with pytest.raises(RunFailed, match=r"notebook a: cell 2: ZeroDivisionError.* \(and 1 more failed\)"):
        run_wave(books, work(tmp_path), silent)
    assert (tmp_path / "cwd/b ran").exists()
    assert (tmp_path / "parts/c.json").exists()


def test_an_interruption_ends_the_kernels(tmp_path: Path) -> None:
    """Ctrl-C is heard at once, and no kernel works on afterwards."""
    slow = "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(60)"
    notebook = Notebook(write_notebook(tmp_path, "transfer", slow))

    def interrupt() -> None:
        pid = tmp_path / "cwd/pid"
        while not (pid.exists() and pid.read_text()):
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    helper = threading.Thread(target=interrupt)
    helper.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_wave([notebook], work(tmp_path), silent)
    helper.join()
    assert time.monotonic() - start < 20
    assert not alive(int((tmp_path / "cwd/pid").read_text()))


def test_a_kernel_that_wants_more_memory_than_it_may_hold(tmp_path: Path) -> None:
    """One line with the cell, the limit and the option; within the limit the same notebook is fine."""
    from dataclasses import replace

    cell = "import numpy as np\nhundred = np.ones(100 * 2**17)"
    notebook = Notebook(write_notebook(tmp_path, "transfer", cell, part("transfer")))
    run_wave([notebook], replace(work(tmp_path), memory=2**30), silent)
    notebook = Notebook(write_notebook(tmp_path, "transfer", cell.replace("100", "2000"), part("transfer")))
    with pytest.raises(RunFailed, match=r"notebook transfer: cell 2: .*MemoryError.*1024 MB here.*--memory") as caught:
        run_wave([notebook], replace(work(tmp_path), memory=2**30), silent)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("text", "size"), [("4G", 2**32), ("512M", 2**29), ("1.5gb", 3 * 2**29), (None, None)])
def test_how_memory_is_said(text: str | None, size: int | None) -> None:
    from toolkit.cli.run import parse_memory

    assert parse_memory(text) == size


@pytest.mark.parametrize("text", ["", "4", "-1G", "10M", "4T", "many\n"])
def test_memory_that_cannot_be_meant(text: str) -> None:
    """One printable line that says how it is said."""
    from toolkit.cli.run import parse_memory
    from toolkit.errors import UsageError

    with pytest.raises(UsageError, match="at least 256M") as error:
        parse_memory(text)
    assert str(error.value).isprintable()
