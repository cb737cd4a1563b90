"""In which Python does a notebook run? In this very interpreter, whatever kernels the home folder lists.

A kernel spec under the user's home may point to another interpreter, and a profile there may run code at
start; neither may change a report. Sockets are files where the path allows (no port can be taken by another
process, no other user can connect), else TCP on the loopback.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

    from toolkit.reporting.forked import WarmProcess

_LIMITED = """\
import resource, runpy
resource.setrlimit(resource.RLIMIT_DATA, ({memory}, {memory}))
runpy.run_module("ipykernel_launcher", run_name="__main__", alter_sys=True)
"""
"""RLIMIT_DATA rather than RLIMIT_AS: libraries reserve far more address space than they use."""
_LONGEST_SOCKET = 90  # sun_path holds 104 (macOS) to 108 bytes, and a suffix is added


def new_kernel(
    folder: Path, *, threads: int, memory: int | None = None, warm: WarmProcess | None = None
) -> AsyncKernelManager:
    """A manager for a fresh kernel whose files (connection, profile) lie in `folder`; it is not started.

    threads: how many threads numerical libraries may take, so that notebooks side by side share the cores.
    memory: bytes of data the kernel may hold; a cell that wants more gets a MemoryError.
    warm: the process to fork the kernel from; None to start it anew.
    """
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    launcher = ["-m", "ipykernel_launcher"] if memory is None else ["-c", _LIMITED.format(memory=memory)]
    command = [sys.executable, *launcher, "-f", "{connection_file}"]
    spec = KernelSpec(
        argv=[*command, "--HistoryManager.enabled=False", "--IPKernelApp.log_level=40"],
        display_name="Python 3",
        language="python",
        env=kernel_environment(folder, threads=threads),
        metadata={} if warm is None else _forked(),
    )

    class OwnKernelManager(AsyncKernelManager):
        warm: WarmProcess | None = None
        memory: int | None = None

        @property
        def kernel_spec(self) -> KernelSpec:
            return spec

    connection = folder / "kernel.json"
    short = len(os.fsencode(connection)) < _LONGEST_SOCKET and os.name == "posix"
    manager = OwnKernelManager(
        kernel_name="python3", connection_file=str(connection), transport="ipc" if short else "tcp"
    )
    manager.warm, manager.memory = warm, memory
    return manager


def _forked() -> dict[str, object]:
    """What a kernel's specification says so that Jupyter has it started by our provisioner."""
    from importlib.metadata import EntryPoint

    from jupyter_client.provisioning.factory import KernelProvisionerFactory

    name, group = "streamreview-forked", KernelProvisionerFactory.GROUP_NAME
    found = KernelProvisionerFactory.instance().provisioners
    found.setdefault(name, EntryPoint(name, "toolkit.reporting.forked:ForkedProvisioner", group))
    return {"kernel_provisioner": {"provisioner_name": name}}


def kernel_environment(folder: Path, *, threads: int, cache: Path | None = None) -> Mapping[str, str]:
    """Variables that a kernel gets beside those of this process.

    The package is importable in the kernel as it is here; profile and history of the home folder are not
    read; fonts are cached once for all kernels; temporary files of a notebook go with its kernel.
    """
    import platformdirs

    import toolkit

    package = str(Path(toolkit.__file__).resolve().parent.parent)
    cache = cache or Path(platformdirs.user_cache_dir("streamreview"))
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    share = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
    return {
        **share,
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": str(_writable(cache / "matplotlib", folder / "matplotlib")),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(folder),
    }


def kill(manager: AsyncKernelManager) -> bool:
    """Kill a kernel and the processes it started; whether there was one to kill."""
    provisioner = manager.provisioner
    pid = getattr(provisioner, "pid", None)
    if pid is None:
        return False
    try:
        os.killpg(os.getpgid(pid), signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _writable(wanted: Path, fallback: Path) -> Path:
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError:
        return fallback
    return wanted if os.access(wanted, os.W_OK) else fallback
