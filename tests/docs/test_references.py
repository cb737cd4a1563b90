"""Does everything that the documentation names exist: commands, options, keys, files, anchors?"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer
from markdown_it import MarkdownIt
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from tests.docs.pages import DOCS, ROOT, blocks_of
from toolkit.cli.app import app
from toolkit.logs.config import Accepted, FeedbackScale, Margin, Margins, Review, StreamConfig, Task
from toolkit.reporting.many import Streams

PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
GROUP: Any = typer.main.get_command(app)
COMMON = {"--help", "--version", "--debug"}
FOREIGN = {"adapters", "branding", "CONTRIBUTING"}
"""Pages that name variables of styles, or options of other tools."""
TABLES = {
    "The stream": StreamConfig,
    "tasks": Task,
    "feedback": FeedbackScale,
    "review": Review,
    "review.margins": Margin,
    "accepted": Accepted,
}
"""The tables of configuration.md, and what reads each of them."""


def code_of(page: Path) -> list[str]:
    """All that a page sets in code: inline, and line by line in shell blocks."""
    tokens = MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8"))
    inline = [child.content for token in tokens for child in token.children or () if child.type == "code_inline"]
    indented = [line for token in tokens if token.type == "code_block" for line in token.content.splitlines()]
    shell = [block for block in blocks_of(page) if block.language in ("sh", "bash")]
    return inline + indented + [" ".join(words) for block in shell for words in block.commands]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_named_commands_and_options_exist(page: Path) -> None:
    for code in code_of(page):
        for call in re.split(r"[;|]|&&| do ", code):
            words = call.replace("[", " ").replace("]", " ").split()
            if words[:1] != ["streamreview"] or len(words) < 2 or not re.fullmatch(r"[a-z]+", words[1]):
                continue
            assert words[1] in GROUP.commands, f"{page.name}: `{code}`: there is no such command"
            command = GROUP.commands[words[1]]
            known = COMMON.union(*([*p.opts, *p.secondary_opts] for p in command.params))
            for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", call):
                assert option in known, f"{page.name}: `{code}`: {words[1]} has no {option}"


@pytest.mark.parametrize("page", [p for p in PAGES if p.stem not in FOREIGN], ids=lambda page: page.stem)
def test_options_named_alone_exist(page: Path) -> None:
    """An option by itself in code, such as `--fail-on act`, belongs to some command; no other does."""
    known = COMMON.union(*([*p.opts, *p.secondary_opts] for c in GROUP.commands.values() for p in c.params))
    alone = [code.split()[0] for code in code_of(page) if code.startswith("--") and code[2:3].isalpha()]
    assert [option for option in alone if re.match(r"--[a-z-]+", option)[0] not in known] == []  # type: ignore[index]


def test_every_command_is_in_the_readme_or_a_guide() -> None:
    """A command that no page names is found by nobody; the generated page does not count."""
    told = " ".join(
        word for page in PAGES if page.stem != "commands" for word in page.read_text(encoding="utf-8").split()
    )
    assert [name for name in GROUP.commands if f"streamreview {name}" not in told] == []


def rows_by_heading(page: Path) -> dict[str, dict[str, str]]:
    """The tables of a page by heading: the second cell by the first, where the first is one word of code."""
    found: dict[str, dict[str, str]] = {}
    heading = ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line[3:]
        elif match := re.fullmatch(r"\| `(\w+)` \| (.+?) \| .+ \|", line):
            found.setdefault(heading, {})[match[1]] = match[2]
    return found


@pytest.mark.parametrize("heading", TABLES)
def test_keys_of_the_configuration_are_documented_with_their_defaults(heading: str) -> None:
    documented = rows_by_heading(DOCS / "configuration.md")[heading]
    fields = TABLES[heading].model_fields
    if heading == "The stream":  # tables of their own have sections of their own
        text = (DOCS / "configuration.md").read_text(encoding="utf-8")
        apart = {name for name in fields if re.search(rf"^## .*\b{name}\b", text, re.MULTILINE)}
        fields = {name: field for name, field in fields.items() if name not in apart}
    assert set(documented) == set(fields)
    for name, told in documented.items():
        default = fields[name].default
        if default is PydanticUndefined:
            assert told == "needed", name
        elif default is None:
            assert told == "none", name
        elif isinstance(default, BaseModel):
            assert told == "provisional", name
        else:
            value = tomllib.loads(f"value = {told.strip('`')}")["value"]
            assert (tuple(value) if isinstance(value, list) else value) == default, name


def test_margins_can_be_set_for_the_axes_that_are_named() -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    section = text.split("## review.margins")[1].split("An axis without")[0]
    assert set(re.findall(r"`([a-z_]+)`", section)) == set(Margins.model_fields)


def test_options_of_many_streams_are_those_that_are_named() -> None:
    text = " ".join((DOCS / "many-streams.md").read_text(encoding="utf-8").split())
    named = re.search(r"`\[defaults\]` and `\[\[streams\]\]` take (.+?);", text)
    assert named
    options: Any = Streams.model_fields["defaults"].annotation
    assert set(re.findall(r"`(\w+)`", named[1])) == set(options.model_fields)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_configurations_shown_are_read(page: Path) -> None:
    """Every TOML block is a part of stream.toml, or a whole streams.toml, without an unknown key."""
    for block in blocks_of(page):
        if block.language != "toml" or block.mark == "not run":
            continue
        told = tomllib.loads(block.text)
        if "streams" in told:
            Streams.model_validate(told)
        elif "tool" not in told and "project" not in told:
            StreamConfig.model_validate({"name": "some-stream", **told})


def links_of(page: Path) -> list[str]:
    """Targets of all links and pictures of a page."""
    tokens = MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8"))
    inline = [child for token in tokens for child in token.children or ()]
    found = [child.attrGet("href") if child.type == "link_open" else child.attrGet("src") for child in inline]
    return [str(target) for target in found if target]


@pytest.mark.parametrize("page", sorted([*DOCS.glob("*.md"), *ROOT.glob("*.md")]), ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    """Files beside the page are there; addresses are whole. Anchors within docs/ are checked as the site is built."""
    for target in links_of(page):
        parts = urlsplit(target)
        if parts.scheme:
            assert parts.scheme in ("https", "mailto"), f"{page.name}: {target}"
            assert re.fullmatch(r"[\w.-]+\.[a-z]{2,}", parts.netloc), f"{page.name}: {target}"
        elif parts.path:
            assert (page.parent / parts.path).exists(), f"{page.name}: {target}: no such file"
