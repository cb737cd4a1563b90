"""`streamreview lab`: opens JupyterLab on a working copy of the notebook behind a finding."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

from toolkit.cli.show import say, warn
from toolkit.errors import UsageError


def lab(report: str, *, to: Path, start: bool) -> int:
    """Make the working copy, say where it is, and open it; the exit code of JupyterLab, 0 where it is not to start."""
    from toolkit.notebook.working_copy import working_copy

    copy = working_copy(report, to)
    say(f"{'Working copy' if copy.made else 'Your working copy of before'}: {copy.path}")
    for warning in copy.warnings:
        warn(warning)
    if not start:
        return 0
    if importlib.util.find_spec("jupyterlab") is None:
        raise UsageError(f'JupyterLab is not installed: pip install "streamreview[lab]"; then jupyter lab {copy.path}')
    opened = [sys.executable, "-m", "jupyter", "lab", str(copy.path)]
    return subprocess.run(opened, check=False).returncode  # noqa: S603
