"""Do a report's notebooks run, and if not, which one failed in which cell with what error?

They run side by side in threads, each in its own fresh kernel; the work is the kernels'. A kernel that died
(out of memory, a crash in native code) gets a second try; a notebook that raised does not, for it would raise
again.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import RunFailed
from toolkit.reporting.engine import CancelledError, KernelDiedError, Kernels, TimeIsUpError, execute
from toolkit.reporting.notebooks import (
    Notebook,
    check_parameters,
    check_part,
    last_cell,
    one_line,
    unfinished,
)

if TYPE_CHECKING:
    from toolkit.reporting.forked import WarmProcess

Report = Callable[[Notebook, str, float], None]
"""Called with notebook, state ("running", "again", "done", "failed") and seconds so far."""


@dataclass(frozen=True)
class Work:
    """What every notebook of a run is executed with.

    parameters: papermill's; parts: where first-wave notebooks write their part; executed: where executed
    notebooks go; folder: the kernels' working folder; timeout: seconds a notebook; jobs: notebooks at once;
    memory: bytes of data that a kernel may hold, None for no limit; warm: the process to fork kernels from.
    """

    parameters: Mapping[str, str]
    parts: Path
    executed: Path
    folder: Path
    timeout: float
    jobs: int
    memory: int | None = None
    warm: WarmProcess | None = None

    @property
    def threads(self) -> int:
        """Threads that each kernel may take."""
        return threads_of(self.jobs)


def threads_of(jobs: int) -> int:
    """Threads a kernel may take where `jobs` of them share the cores."""
    return max(1, (os.cpu_count() or 1) // max(1, jobs))


@dataclass(frozen=True)
class Outcome:
    """How one notebook ended: `failure` is None or the one line that says why."""

    notebook: Notebook
    seconds: float
    failure: str | None


def run_wave(notebooks: Sequence[Notebook], work: Work, report: Report) -> None:
    """Execute `notebooks` side by side, all of them even where one fails.

    Raises RunFailed naming notebook, cell and error of the first failure, and how many more failed.
    Interrupting ends every kernel before the interruption goes on.
    """
    kernels = Kernels()
    pool = ThreadPoolExecutor(max(1, work.jobs), thread_name_prefix="notebook")
    tasks: list[Future[Outcome]] = [pool.submit(run_one, nb, work, kernels, report) for nb in notebooks]
    try:
        pending = set(tasks)
        while pending:  # in short waits, so that signals are heard
            _, pending = wait(pending, timeout=0.5, return_when=FIRST_COMPLETED)
    except BaseException:
        kernels.cancel()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    failures = [outcome.failure for task in tasks if (outcome := task.result()).failure]
    if failures:
        more = f" (and {len(failures) - 1} more failed)" if len(failures) > 1 else ""
        raise RunFailed(f"{failures[0]}{more}")


def run_one(notebook: Notebook, work: Work, kernels: Kernels, report: Report) -> Outcome:
    """Execute one notebook and check that it did what a report needs; raises nothing that a notebook did."""
    start = time.monotonic()
    report(notebook, "running", 0.0)
    failure = _attempt(notebook, work, kernels)
    if isinstance(failure, KernelDiedError):
        report(notebook, "again", time.monotonic() - start)
        failure = _attempt(notebook, work, kernels)
        if isinstance(failure, KernelDiedError):
            last = _last_cell(work.executed / notebook.path.name)
            failure = f"{last}the kernel died twice (out of memory, or a crash in native code){_limit(work)}"
    seconds = time.monotonic() - start
    report(notebook, "failed" if failure else "done", seconds)
    return Outcome(notebook, seconds, f"notebook {notebook.name}: {failure}" if failure else None)


def _attempt(notebook: Notebook, work: Work, kernels: Kernels) -> str | KernelDiedError | None:
    from papermill.exceptions import PapermillException, PapermillExecutionError

    executed = work.executed / notebook.path.name
    part = work.parts / f"{notebook.name}.json"
    part.unlink(missing_ok=True)  # of a first try whose kernel died
    try:
        source = json.loads(notebook.path.read_text(encoding="utf-8"))
        check_parameters(source["cells"], notebook.path)
        execute(
            notebook.path,
            executed,
            work.parameters,
            folder=work.folder,
            timeout=work.timeout,
            threads=work.threads,
            kernels=kernels,
            memory=work.memory,
            warm=work.warm,
        )
    except KernelDiedError as died:
        return died
    except TimeIsUpError:
        last = _last_cell(executed)
        return f"{last}took longer than {work.timeout:g} seconds; give it more time with --timeout"
    except CancelledError:
        return "cancelled"
    except PapermillExecutionError as error:
        failure = unfinished(_cells(executed)) or f"{one_line(error.ename)}: {one_line(error.evalue)}"
        out_of_memory = "MemoryError" in str(error.ename) or "out of memory" in str(error.evalue).lower()
        return failure + (_limit(work) if out_of_memory else "")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return f"{notebook.path} is no notebook that can be executed ({one_line(error)})"
    except (PapermillException, RunFailed, OSError, RuntimeError) as error:
        return one_line(error)
    silent = notebook.second_wave or (notebook.own and not part.exists())
    return unfinished(_cells(executed)) or (None if silent else check_part(part))


def _limit(work: Work) -> str:
    """What to do where a kernel that has a limit wanted more memory."""
    if work.memory is None:
        return ""
    return f"; a kernel may hold {work.memory / 2**20:.0f} MB here, give it more with --memory"


def _last_cell(executed: Path) -> str:
    """`cell n: ` of the cell that was running when the kernel ended."""
    number = last_cell(_cells(executed))
    return f"cell {number}: " if number else ""


def _cells(executed: Path) -> list[dict[str, Any]]:
    """Cells of an executed notebook; none where it was never written."""
    try:
        cells: list[dict[str, Any]] = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return cells
