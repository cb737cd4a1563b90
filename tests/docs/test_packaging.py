"""Do locks, metadata, citation, changes and the workflow say the same as the project?"""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import toolkit
from tests.docs.pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
RUN = [*PROJECT["project"]["dependencies"], *EXTRAS["lab"]]
NEEDED = {
    "requirements.txt": RUN,
    "requirements-dev.txt": [*RUN, *EXTRAS["adapters"], *EXTRAS["docs"], *PROJECT["dependency-groups"]["dev"]],
}
WORKFLOW = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")


def locked(text: str) -> list[tuple[Requirement, str]]:
    """Each requirement of a lock, and the lines that follow it."""
    parts = re.split(r"^(?=[a-zA-Z0-9])", text, flags=re.MULTILINE)
    return [(Requirement(part.split("\\\n")[0]), part) for part in parts if part.strip()]


@pytest.mark.parametrize("name", NEEDED)
def test_a_lock_holds_what_the_project_asks_for(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    versions: dict[str, list[str]] = {}
    for requirement, part in locked(text):
        assert "--hash=sha256:" in part, requirement.name
        (pin,) = requirement.specifier
        versions.setdefault(canonicalize_name(requirement.name), []).append(pin.version)
    assert not re.search(r"https?://|^--?(?:index|extra|find)", text, re.MULTILINE)
    for line in NEEDED[name]:
        asked = Requirement(line)
        found = versions.get(canonicalize_name(asked.name), [])
        assert found, f"{line} is not in {name}: lock anew (CONTRIBUTING.md)"
        assert all(asked.specifier.contains(version) for version in found), line


def test_what_is_locked_twice_has_one_version() -> None:
    """What runs and what is tested are the same."""
    run, dev = (
        {(r.name, str(r.marker)): str(r.specifier) for r, _ in locked((ROOT / name).read_text(encoding="utf-8"))}
        for name in NEEDED
    )
    assert {key: dev.get(key) for key in run} == run


def test_versions_agree() -> None:
    version = PROJECT["project"]["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (toolkit.__version__, citation["version"], citation["license"]) == (version, version, "Apache-2.0")
    assert f"\n## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_workflow_is_pinned_and_may_only_read() -> None:
    jobs = yaml.safe_load(WORKFLOW)
    assert jobs["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in jobs["jobs"].values())
    used = re.findall(r"uses: (.+)", WORKFLOW)
    assert used
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action) for action in used)


def test_the_workflow_calls_targets_that_exist_on_the_versions_that_are_promised() -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    called = re.findall(r"run: make (\w+)", WORKFLOW)
    assert set(called) == {"check", "test", "docs"} <= set(targets)
    matrix = yaml.safe_load(WORKFLOW)["jobs"]["test"]["strategy"]["matrix"]["python"]
    promised = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["project"]["classifiers"]))
    assert matrix == promised
