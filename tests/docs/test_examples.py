"""Do the documented examples run, top to bottom, and print what the pages say?

Shell lines go through the real command line and Python blocks through the interpreter, page after page in one
folder, as a reader would: the guides use what the tutorial made. Blocks that take minutes or need other tools say so in
a comment `<!-- not run: why -->`.
"""

from __future__ import annotations

import doctest
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, Block, blocks_of
from toolkit.cli import main

PAGES = (
    *(DOCS / f"{name}.md" for name in ("tutorial", "logging", "margins", "methods", "analysts", "export")),
    ROOT / "README.md",
)
GIVEN = {
    "methods": 'from toolkit import open_run\nrun = open_run(stream="odd-digits")\n',
    "analysts": 'import shutil\nshutil.copytree("odd-digits", "my-stream")\n',
    "export": "import shutil\n"
    "from toolkit import open_release\n"
    'shutil.copytree("reports/odd-digits/1", "reports/my-stream/2026.11")\n',
}
"""What a page's blocks take for granted."""
_ALIKE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The reader's folder, with a home of its own."""
    place = tmp_path_factory.mktemp("reader")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setenv("HOME", str(place / "home"))
        patch.setenv("XDG_CACHE_HOME", str(place / "home/cache"))
        yield place


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_does_what_it_says(page: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    exec(GIVEN.get(page.stem, ""), names)  # noqa: S102
    ran = 0
    for block in blocks_of(page):
        if block.mark == "file":
            path = folder / block.detail
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.mark == "not run":
            continue
        elif block.language == "python":
            exec(compile("\n" * block.line + block.text, str(page), "exec"), names)  # noqa: S102
            ran += 1
        elif block.language == "sh":
            run(block, capsys)
            ran += 1
    assert ran


def run(block: Block, capsys: pytest.CaptureFixture[str]) -> None:
    """Run the lines of a shell block, each with the exit code that the page names (else 0)."""
    capsys.readouterr()
    for words in block.commands:
        assert words[0] == "streamreview", f"{block.place}: {words[0]} is not ours; mark the block as not run, and why"
        code = main(words[1:])
        said = capsys.readouterr()
        assert code == int(block.detail or 0), f"{block.place}: {' '.join(words)}: {said.err}"
    checker = doctest.OutputChecker()
    wanted = block.output.strip() + "\n"
    if block.output and not checker.check_output(wanted, said.out.strip() + "\n", _ALIKE):
        raise AssertionError(f"{block.place}: the page says\n{block.output}\nbut it prints\n{said.out}")
