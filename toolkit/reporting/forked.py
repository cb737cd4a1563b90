"""How does a kernel start in a tenth of a second? It is forked from a process that has imported everything.

Kernels still are processes of their own, started by Jupyter's own extension point for that, a kernel provisioner.
The warm process starts with the run and warms up while the log is read. Where there is none, or it fails, kernels are
started anew: slower, with the same result.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from toolkit.reporting.kernel import kernel_environment

_PATIENCE = 1.0  # seconds


class WarmProcess:
    """A process that has imported what notebooks import, and forks kernels."""

    def __init__(self, folder: Path, *, threads: int) -> None:
        ours, theirs = socket.socketpair()
        self._lock = threading.Lock()
        self._connection = ours
        environment = os.environ | dict(kernel_environment(folder, threads=threads))
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "toolkit.reporting.warm", str(theirs.fileno())],
                pass_fds=[theirs.fileno()], env=environment, cwd=folder, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        self._answers = ours.makefile("r", encoding="utf-8")
        self.pid = self._process.pid

    def fork(self, arguments: list[str], env: Mapping[str, str], cwd: str, memory: int | None) -> ForkedProcess:
        """A new kernel. Raises OSError where the warm process is gone or the kernel is already."""
        request = {"arguments": arguments, "env": dict(env), "cwd": cwd, "memory": memory}
        with self._lock:
            self._connection.sendall(json.dumps(request).encode() + b"\n")
            answer = self._answers.readline()
        if not answer:
            raise ConnectionError("the warm process is gone")
        return ForkedProcess(int(answer))

    def close(self) -> None:
        """End the process; kernels that are left see that their parent is gone and end too."""
        self._answers.close()
        self._connection.close()
        try:
            self._process.wait(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:  # still warming up
            self._process.kill()
            self._process.wait()


class ForkedProcess:
    """What a kernel provisioner needs of subprocess.Popen, for a process that is not our child."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._handle = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """None while the process lives, else 0: its exit status went to the warm process."""
        if self.returncode is None and select.select([self._handle], [], [], 0)[0]:
            self._ended()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._handle], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"kernel {self.pid}", timeout or 0)
            self._ended()
        return 0

    def send_signal(self, number: int) -> None:
        """Send a signal to this process, whoever has its number now."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Make it end."""
        self.send_signal(signal.SIGKILL)

    def _ended(self) -> None:
        self.returncode = 0
        os.close(self._handle)


class ForkedProvisioner(LocalProvisioner):
    """Starts kernels by fork where their manager has a `warm` process, else as Jupyter does."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel that `cmd` would start."""
        warm, memory = getattr(self.parent, "warm", None), getattr(self.parent, "memory", None)
        if warm is None:
            return await super().launch_kernel(cmd, **kwargs)
        try:
            process = warm.fork(cmd[cmd.index("-f") :], kwargs["env"], kwargs.get("cwd") or os.getcwd(), memory)
        except (OSError, ValueError):
            return await super().launch_kernel(cmd, **kwargs)
        self.process, self.pid, self.pgid = process, process.pid, process.pid
        return self.connection_info


@contextmanager
def warm_process(folder: Path, *, threads: int) -> Iterator[WarmProcess | None]:
    """A warm process for the block, or None where this system cannot fork safely (it needs Linux 5.3)."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        yield None
        return
    try:
        os.close(os.pidfd_open(os.getpid()))
        process = WarmProcess(folder, threads=threads)
    except OSError:
        yield None
        return
    try:
        yield process
    finally:
        process.close()
