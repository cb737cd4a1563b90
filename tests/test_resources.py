"""Notebooks and templates are found in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit import resources
from toolkit.errors import RunFailed


def test_checkout_wheel_and_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the package, else inside it; the wheel's own copy wins; a broken installation says so."""
    assert (resources.templates_folder() / "report" / "index.html.j2").is_file()
    package = tmp_path / "site" / "toolkit"
    package.mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", package)
    with pytest.raises(RunFailed, match="installation is incomplete"):
        resources.templates_folder()
    (tmp_path / "site" / "notebooks").mkdir()
    assert resources.notebooks_folder() == tmp_path / "site" / "notebooks"
    (package / "_notebooks").mkdir()
    assert resources.notebooks_folder() == package / "_notebooks"
