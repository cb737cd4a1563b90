"""Are kernels that are forked from a warm process as separate, and as mortal, as kernels that were started anew?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.reporting.support import part, write_notebook
from tests.reporting.test_execute import alive, silent, work
from toolkit.errors import RunFailed
from toolkit.reporting.execute import run_wave
from toolkit.reporting.forked import WarmProcess, warm_process
from toolkit.reporting.notebooks import Notebook

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(os, "pidfd_open"), reason="kernels are forked on Linux alone"
)

ABOUT = """
import json, os, random, sys, threading
import numpy as np
import toolkit.errors
about = {
    "pid": os.getpid(), "parent": os.getppid(), "group": os.getpgrp(), "executable": sys.executable,
    "changed": getattr(toolkit.errors, "changed", None), "warm": "seaborn" in sys.modules,
    "random": random.random(), "numpy": float(np.random.random()), "profile": os.environ["IPYTHONDIR"],
    "cwd": os.getcwd(), "pyplot": sys.modules["matplotlib"].get_backend() if "matplotlib" in sys.modules else "",
}
toolkit.errors.changed = about["pid"]
open(f"about-{about['pid']}", "w").write(json.dumps(about))
"""


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmProcess]:
    with warm_process(tmp_path_factory.mktemp("warm"), threads=1) as process:
        assert process is not None
        yield process


def told(folder: Path) -> list[dict[str, Any]]:
    """What the kernels said of themselves."""
    return [json.loads(file.read_text()) for file in sorted((folder / "cwd").glob("about-*"))]


def test_each_kernel_is_a_process_of_its_own(tmp_path: Path, warm: WarmProcess) -> None:
    """What one notebook does to a module, its random numbers and its settings, the next does not see."""
    books = [Notebook(write_notebook(tmp_path, name, ABOUT, part(name))) for name in ("a", "b")]
    run_wave(books, replace(work(tmp_path), warm=warm), silent)
    first, second = told(tmp_path)
    assert first["parent"] == second["parent"] == warm.pid
    assert first["warm"]
    assert first["executable"] == sys.executable
    assert first["pid"] == first["group"] != second["pid"] == second["group"]
    assert first["changed"] is None
    assert second["changed"] is None
    for what in ("random", "numpy", "profile"):
        assert first[what] != second[what], what
    assert first["cwd"] == str(tmp_path / "cwd")
    assert first["pyplot"].endswith("inline")
    for one in (first, second):
        assert not alive(one["pid"])


def test_results_and_figures_are_shown(tmp_path: Path, warm: WarmProcess) -> None:
    """What looks for a running IPython when it is imported finds that of its own kernel."""
    drawn = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    estimate = (
        "import toolkit.notebook\nfrom toolkit.results import Estimate\n"
        "Estimate(quantity='backward_transfer', axis='forgetting', value=0.1, low=0.0, high=0.2, scope='seeds')"
    )
    notebook = Notebook(write_notebook(tmp_path, "transfer", drawn, estimate, part("transfer")))
    run_wave([notebook], replace(work(tmp_path), warm=warm), silent)
    cells = json.loads((tmp_path / "executed/transfer.ipynb").read_text())["cells"]
    kinds = [set(output["data"]) for cell in cells for output in cell.get("outputs", [])]
    assert any("image/png" in kind for kind in kinds)
    assert any("text/html" in kind for kind in kinds)


def test_warming_up_starts_no_thread_of_python() -> None:
    """A fork takes over locks that other threads hold, but not the threads that would open them again."""
    script = "import threading, toolkit.reporting.warm as w; w.warm_up(); print(threading.active_count())"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == "1"


def test_a_killed_kernel_gets_its_second_try(tmp_path: Path, warm: WarmProcess) -> None:
    once = (
        "import os, signal\nfrom pathlib import Path\n"
        "if not Path('tried').exists():\n    Path('tried').touch()\n    os.kill(os.getpid(), signal.SIGKILL)"
    )
    states: list[str] = []
    notebook = Notebook(write_notebook(tmp_path, "transfer", once, part("transfer")))
    run_wave([notebook], replace(work(tmp_path), warm=warm), lambda nb, state, s: states.append(state))
    assert states == ["running", "again", "done"]


def test_the_time_limit_ends_kernel_and_children(tmp_path: Path, warm: WarmProcess) -> None:
    cell = (
        "import os, subprocess, time\np = subprocess.Popen(['sleep', '60'])\n"
        "open('pids', 'w').write(f'{os.getpid()} {p.pid}')\ntime.sleep(60)"
    )
    notebook = Notebook(write_notebook(tmp_path, "transfer", cell))
    with pytest.raises(RunFailed, match="took longer than 3 seconds"):
        run_wave([notebook], replace(work(tmp_path, timeout=3), warm=warm), silent)
    time.sleep(0.2)
    pids = [int(pid) for pid in (tmp_path / "cwd/pids").read_text().split()]
    assert len(pids) == 2
    assert not any(map(alive, pids))
    assert alive(warm.pid)


def test_memory_is_limited(tmp_path: Path, warm: WarmProcess) -> None:
    cell = "import numpy as np\nmuch = np.ones(2000 * 2**17)"
    notebook = Notebook(write_notebook(tmp_path, "transfer", cell, part("transfer")))
    with pytest.raises(RunFailed, match=r"cell 2: .*MemoryError.*1024 MB here"):
        run_wave([notebook], replace(work(tmp_path), warm=warm, memory=2**30), silent)


def test_without_the_warm_process_kernels_start_anew(tmp_path: Path) -> None:
    """Killed while it waits: the report is made all the same."""
    with warm_process(tmp_path, threads=1) as process:
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        notebook = Notebook(write_notebook(tmp_path, "transfer", ABOUT, part("transfer")))
        run_wave([notebook], replace(work(tmp_path), warm=process), silent)
    (one,) = told(tmp_path)
    assert one["parent"] == os.getpid()
    assert not one["warm"]


def test_when_it_ends_its_kernels_end(tmp_path: Path) -> None:
    """A run that was killed leaves no kernel behind: the parent's end is the kernels' end."""
    with warm_process(tmp_path, threads=1) as process:
        assert process is not None
        connection = tmp_path / "kernel.json"
        kernel = process.fork(["-f", str(connection)], os.environ, str(tmp_path), None)
        assert kernel.poll() is None
        os.kill(process.pid, signal.SIGKILL)
    assert kernel.wait(timeout=20) == 0
    assert kernel.poll() == 0
