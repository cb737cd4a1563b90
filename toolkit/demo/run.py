"""How does the demo come to lie in a folder? All replicates side by side, each release whole or not there.

Replicates write into a hidden folder beside the place of their release, which is renamed when its last one is
done. A file a seed, whatever process wrote it: the folder is the same, byte for byte, for any number of jobs.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from pathlib import Path

from toolkit.demo.settings import RELEASES, Method, Settings
from toolkit.errors import RunFailed, StreamBusy, UsageError

Progress = Callable[[int, int, str], None]
_Work = tuple[Path, Method, int, Settings]


def run_demo(folder: Path, *, jobs: int = 2, progress: Progress | None = None) -> list[Path]:
    """Run the bundled pipeline, write its three releases under `folder`, return their folders, oldest first.

    jobs: processes at once. progress: called as (replicates done, replicates to do, what was done).
    Releases that are already there, from this version of the demo, are left alone.

    Raises UsageError where something else is in the way, StreamBusy where another demo writes to `folder`,
    and RunFailed where a replicate could not finish.
    """
    return write_releases(Path(folder), RELEASES, Settings(), jobs=jobs, progress=progress)


def write_releases(
    folder: Path,
    releases: Sequence[Method],
    settings: Settings,
    *,
    jobs: int = 1,
    progress: Progress | None = None,
) -> list[Path]:
    """`run_demo` for any releases, each the baseline of the next, and at any size."""
    if jobs < 1:
        raise UsageError(f"jobs is {jobs}: it must be at least 1")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: not a folder; name another one for the demo")
    done = [folder / method.release for method in releases]
    waiting = [method for method in releases if not _finished(folder / method.release, method, settings)]
    if not waiting:
        return done
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _only_one(folder):
            _write(folder, releases, waiting, settings, jobs, progress)
    except OSError as error:
        where = error.filename or folder
        raise RunFailed(f"{where}: {error.strerror or error}; make room or name another folder") from error
    except BrokenProcessPool as error:
        raise RunFailed(
            f"{folder}: a process of the demo ended early; use one job, or, in a script of your own, "
            'call the demo below `if __name__ == "__main__":`'
        ) from error
    return done


def _write(
    folder: Path,
    releases: Sequence[Method],
    waiting: Sequence[Method],
    settings: Settings,
    jobs: int,
    progress: Progress | None,
) -> None:
    # By process: what an abandoned worker of a killed run still writes can never reach this run's rows.
    hidden = {m.release: folder / f".{m.release}.partial-{os.getpid()}" for m in waiting}
    left = {method.release: settings.seeds for method in waiting}
    work = [(hidden[m.release], m, seed, settings) for m in waiting for seed in range(settings.seeds)]
    try:
        for release, path in hidden.items():
            for left_over in folder.glob(f".{release}.partial-*"):
                shutil.rmtree(left_over, ignore_errors=True)
            path.mkdir()
        with closing(_carry_out(work, jobs)) as finished:  # whatever happens, no worker outlives its folder
            for count, (_, method, seed, _) in enumerate(finished, start=1):
                left[method.release] -= 1
                if not left[method.release]:
                    _describe(hidden[method.release], method, releases, settings)
                    hidden[method.release].rename(folder / method.release)
                if progress is not None:
                    progress(count, len(work), f"{method.release}, seed {seed}")
    finally:
        for path in hidden.values():
            shutil.rmtree(path, ignore_errors=True)


def _carry_out(work: Sequence[_Work], jobs: int) -> Generator[_Work, None, None]:
    """Each piece of work as it is done."""
    if jobs == 1:
        for piece in work:
            write_replicate(*piece)
            yield piece
        return
    # Spawned, not forked: a fork would copy the threads' locks of whatever the caller had imported.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(jobs, len(work)), mp_context=context, initializer=_follow_parent)
    try:
        futures = {pool.submit(write_replicate, *piece): piece for piece in work}
        for future in as_completed(futures):
            future.result()
            yield futures[future]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _follow_parent() -> None:
    """Leave an interrupt from the keyboard to the parent, and do not outlive it."""
    import signal
    from threading import Thread

    def watch() -> None:
        if parent := multiprocessing.parent_process():
            parent.join()
            os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=watch, daemon=True).start()


def write_replicate(folder: Path, method: Method, seed: int, settings: Settings) -> None:
    """Run one seed and put its rows into `folder`, as evaluations/seed-0.jsonl and so on."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    from toolkit.demo.images import load_tasks
    from toolkit.demo.logbook import Logbook
    from toolkit.demo.pipeline import run_replicate
    from toolkit.logs.writer import StreamLogWriter

    own = folder / f"seed-{seed}"
    # One thread: sums of floating-point numbers hang on how they are shared out.
    with threadpool_limits(limits=1), StreamLogWriter(own) as writer:
        run_replicate(load_tasks(settings), method, seed, settings, Logbook(writer, seed))
    for table in sorted(own.iterdir()):
        (file,) = table.iterdir()
        (folder / table.name).mkdir(exist_ok=True)
        file.rename(folder / table.name / f"seed-{seed}.jsonl")
    shutil.rmtree(own)


def _describe(folder: Path, method: Method, releases: Sequence[Method], settings: Settings) -> None:
    from toolkit.demo.images import load_tasks
    from toolkit.demo.streamfile import similarity_csv, stream_toml

    position = releases.index(method)
    previous = releases[position - 1].release if position else None
    (folder / "similarity.csv").write_text(similarity_csv(load_tasks(settings)), encoding="utf-8")
    (folder / "stream.toml").write_text(stream_toml(method, settings, previous), encoding="utf-8")


def _finished(path: Path, method: Method, settings: Settings) -> bool:
    """Whether the release lies there already; UsageError where something else does."""
    from toolkit.errors import LogRejected
    from toolkit.logs.config import load_config

    if not path.exists():
        return False
    try:
        found = load_config(path).models.get("demo")
    except (LogRejected, OSError):
        found = None
    wanted = settings.fingerprint(method)
    if found == wanted:
        return True
    was = f"written by demo version {found}" if found else "not written by the demo"
    raise UsageError(f"{path}: {was}, this is version {wanted}; remove it or name another folder")


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    try:
        with FileLock(folder / ".demo.lock", timeout=0):
            yield
    except Timeout:
        raise StreamBusy(f"{folder}: another demo is writing there; wait for it or name another folder") from None
