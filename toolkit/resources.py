"""Where do the notebooks and the templates lie: beside the package in a checkout, inside it in a wheel?"""

from __future__ import annotations

from pathlib import Path

from toolkit.errors import RunFailed

_PACKAGE = Path(__file__).resolve().parent


def notebooks_folder() -> Path:
    """Folder of the project's notebooks; RunFailed where the installation has none."""
    return _resource("notebooks")


def templates_folder() -> Path:
    """Folder of the report and index templates; RunFailed where the installation has none."""
    return _resource("templates")


def _resource(name: str) -> Path:
    # The wheel's copy first: a folder of the same name beside site-packages/toolkit is somebody else's.
    candidates = (_PACKAGE / f"_{name}", _PACKAGE.parent / name)
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise RunFailed(
        f"no {name} folder at {candidates[0]} or {candidates[1]}: "
        "the installation is incomplete; install streamreview again"
    )
