"""Where do a report's numbers come from? Who ran what, when, with which versions, on which files."""

from __future__ import annotations

import datetime as dt
import getpass
import hashlib
import json
import platform
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.logs.config import StreamConfig
    from toolkit.results import InputFile, Provenance

ENGINES = {"duckdb": ("duckdb",), "spark": ("pyspark", "sqlglot")}
"""Where evaluations can be reduced, and the packages that do it, the engine's own first."""
RANDOM_SEED = 0
"""The seed of every draw that a report makes; results are the same on every run."""

_PACKAGES = (
    "duckdb", "ipykernel", "jinja2", "matplotlib", "nbclient", "nbconvert", "numpy", "pandas", "papermill",
    "pyarrow", "pydantic", "scikit-learn", "scipy", "seaborn", "statsmodels", "xarray",
)  # fmt: skip

_COMPUTING = frozenset({"duckdb", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "statsmodels", "xarray"})
_NUMBERS = ("logs", "cube", "inference", "analyses", "results", "review")


@cache
def package_versions() -> dict[str, str]:
    """Versions of the installed packages that numbers and pages depend on; absent ones are left out."""
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def engine_versions(engine: str) -> dict[str, str]:
    """Versions of the packages that reduce evaluations on this engine."""
    return {name: metadata.version(name) for name in ENGINES[engine]}


@cache
def numbers_version() -> str:
    """SHA-256 over what decides numbers: the sources that compute them, the packages below, and Python."""
    import toolkit
    from toolkit.reporting.uptodate import tree_sha256

    package = Path(toolkit.__file__).parent
    sources = [tree_sha256(package / name) for name in _NUMBERS]
    versions = {name: version for name, version in package_versions().items() if name in _COMPUTING}
    made_by = [sources, versions, platform.python_version()]
    return hashlib.sha256(json.dumps(made_by, sort_keys=True).encode()).hexdigest()


@cache
def toolkit_version() -> str:
    """The toolkit's version; "0+unknown" where it runs from a checkout that is not installed."""
    try:
        return metadata.version("streamreview")
    except metadata.PackageNotFoundError:
        return "0+unknown"


def operator() -> str:
    """The account that runs this process, or its number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no entry in the password database, as in many containers
        import os

        return f"uid {os.getuid()}"


def provenance(
    *,
    started: dt.datetime,
    finished: dt.datetime,
    inputs: Sequence[InputFile],
    fingerprint: str,
    config: StreamConfig,
    previous_sha256: str | None,
    engine: str = "duckdb",
) -> Provenance:
    """The record that results.json carries; `fingerprint` is that of the run, times are UTC."""
    from toolkit.results import Provenance

    return Provenance(
        started=started.astimezone(dt.UTC).isoformat(timespec="seconds"),
        finished=finished.astimezone(dt.UTC).isoformat(timespec="seconds"),
        operator=operator(),
        toolkit=toolkit_version(),
        python=platform.python_version(),
        packages=package_versions() | engine_versions(engine),
        engine=engine,
        inputs=tuple(inputs),
        fingerprint=fingerprint,
        config=config.model_dump(mode="json"),
        models=dict(config.models),
        random_seed=RANDOM_SEED,
        previous_sha256=previous_sha256,
        numbers=numbers_version(),
    )
