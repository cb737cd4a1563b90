"""On which Dask cluster is work done, where the command line names one?"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from toolkit.errors import RunFailed, UsageError
from toolkit.logs.shown import shown

_PATIENCE = 10  # seconds for the scheduler to answer, and for a first worker
_ADDRESS = r"(tcp|tls|wss?)://\S+:\d+"


@contextmanager
def on_cluster(scheduler: str | None) -> Iterator[None]:
    """Within it work goes to the cluster of the scheduler at this address; None: it stays on this machine.

    Raises UsageError without the package or the scheduler, RunFailed where the cluster has no workers, or is lost.
    """
    if scheduler is None:
        yield
        return
    if find_spec("distributed") is None:
        raise UsageError("--scheduler needs distributed, not installed here: pip install 'streamreview[cluster]'")
    if not re.fullmatch(_ADDRESS, scheduler):
        raise UsageError(f"--scheduler {shown(scheduler)}: not an address; write it like tcp://head:8786")
    from distributed import Client
    from distributed.client import FutureCancelledError
    from joblib import parallel_config

    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # whole stack traces; we say it in one line
    try:
        client = Client(scheduler, timeout=_PATIENCE, set_as_default=False)
    except OSError as error:  # a TimeoutError is one
        raise UsageError(
            f"--scheduler {shown(scheduler)}: no answer ({shown(error)}); give the address that `dask scheduler` prints"
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError:
            raise RunFailed(
                f"--scheduler {shown(scheduler)}: it has no workers; start some with `dask worker`"
            ) from None
        try:
            with parallel_config(backend="dask", client=client):
                yield
        except FutureCancelledError as error:
            raise RunFailed(
                f"--scheduler {shown(scheduler)}: given up there ({shown(error.reason)}); run again"
            ) from None
