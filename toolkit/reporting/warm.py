"""What a warm process does: import once what every notebook imports, then become a kernel as often as it is asked.

Run as a program by `toolkit.reporting.forked`, with the number of its socket. A request is one JSON line (command
line, environment, working folder, memory) and its answer the new process's number. Every kernel is a process of its
own, forked before anything was computed: what one notebook does to a module, no other sees. The warm process itself
opens no kernel, no connection and no thread, since a fork takes over threads' locks but not the threads.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

_OURS = ("analyses", "cube", "figures", "inference", "language", "results", "review")
_OTHER_ENGINES = ("toolkit.cube.dialect", "toolkit.cube.spark")
_THEIRS = (
    "duckdb",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "matplotlib.backends.backend_svg",
    "matplotlib.pyplot",
    "pandas",
    "patsy",
    "pyarrow.parquet",
    "scipy.integrate",
    "scipy.interpolate",
    "scipy.optimize",
    "scipy.spatial",
    "scipy.special",
    "scipy.stats",
    "seaborn",
    "sklearn.linear_model",
    "statsmodels.formula.api",
    "statsmodels.stats.api",
    "xarray",
)
"""Modules that our functions import on first use. Not those that look for a running IPython when they are imported, as
Matplotlib's inline backend and `toolkit.notebook` do: the kernel imports them itself."""


def main(descriptor: int) -> None:
    """Serve requests on an inherited socket until its other end is closed."""
    sys.path[:] = [place for place in sys.path if place]
    warm_up()
    signal.signal(signal.SIGCHLD, lambda *_: _bury())
    with socket.socket(fileno=descriptor) as connection, connection.makefile("r", encoding="utf-8") as lines:
        for line in lines:
            request = json.loads(line)
            child = os.fork()
            if child == 0:
                _become_kernel(connection, request)
            with suppress(OSError):  # the child has done it, or is gone
                os.setpgid(child, child)
            connection.sendall(f"{child}\n".encode())


def _bury() -> None:
    """Wait for the kernels that have ended, so that they leave no zombies and their time is accounted for."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def warm_up() -> None:
    """Import everything, and put it where no collection of garbage writes to its pages."""
    import toolkit

    for package in _OURS:
        path = [f"{next(iter(toolkit.__path__))}/{package}"]
        for module in pkgutil.walk_packages(path, f"toolkit.{package}."):
            if not module.name.startswith(_OTHER_ENGINES) and not module.name.endswith(".__main__"):
                _import(module.name)
    for name in _THEIRS:
        _import(name)
    gc.collect()
    gc.freeze()


def _import(name: str) -> None:
    """Import a module ahead of its use; one that needs what is not installed is left to whoever wants it."""
    with suppress(ImportError):
        importlib.import_module(name)


def _become_kernel(connection: socket.socket, request: Mapping[str, Any]) -> None:
    """Be the kernel of this request until it is told to end; never returns."""
    code = 1
    try:
        os.setpgid(0, 0)  # so that the kernel and whatever it starts can be ended together
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        connection.close()
        os.environ.clear()
        os.environ.update(request["env"])
        os.chdir(request["cwd"])
        tempfile.tempdir = None  # to be looked up anew, by this kernel's own variables
        if request["memory"] is not None:
            import resource

            resource.setrlimit(resource.RLIMIT_DATA, (request["memory"], request["memory"]))
        _kernel(request["arguments"])
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        with suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _kernel(arguments: list[str]) -> None:
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    np.random.seed()  # noqa: NPY002 - else the global generator of every kernel would give the same numbers
    sys.argv = ["ipykernel_launcher", *arguments]
    IPKernelApp.launch_instance([*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])


if __name__ == "__main__":
    main(int(sys.argv[1]))
    os._exit(0)
