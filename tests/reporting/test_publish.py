"""Does a reader always see a whole report, and does a published file ever change?"""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from toolkit.errors import RunFailed
from toolkit.reporting.layout import Layout
from toolkit.reporting.publish import carry_over, seal, swap, with_notice, write_atomically

PAGE = "<!doctype html><html><main><!--notice--><h1>Page</h1></main></html>"


def notice(href: str, revision: int) -> str:
    """A notice that shows what it was given."""
    return f"[{href} {revision}]"


class TestSwap:
    """What swap promises."""

    def test_a_reader_never_finds_nothing(self, tmp_path: Path) -> None:
        """While the link is swapped hundreds of times, every read gives one of the two builds."""
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "index.html").write_text(name)
        entry = tmp_path / "stream" / "1"
        swap(entry, tmp_path / "one")
        done = threading.Event()
        seen: list[str] = []

        def read() -> None:
            while not done.is_set():
                seen.append((entry / "index.html").read_text())

        reader = threading.Thread(target=read)
        reader.start()
        for number in range(300):
            assert swap(entry, tmp_path / ("two" if number % 2 == 0 else "one"))
        done.set()
        reader.join()
        assert set(seen) <= {"one", "two"}
        assert len(seen) > 10

    def test_links_are_relative(self, tmp_path: Path) -> None:
        """A reports folder that is moved still works."""
        (tmp_path / "reports" / ".builds" / "x").mkdir(parents=True)
        swap(tmp_path / "reports" / "s" / "1", tmp_path / "reports" / ".builds" / "x")
        (tmp_path / "reports").rename(tmp_path / "moved")
        assert (tmp_path / "moved" / "s" / "1").resolve() == tmp_path / "moved" / ".builds" / "x"

    def test_a_folder_of_somebody_else_is_not_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "s" / "1").mkdir(parents=True)
        with pytest.raises(RunFailed, match="is no link made by a run"):
            swap(tmp_path / "s" / "1", tmp_path)
        assert not (tmp_path / "s" / "1").is_symlink()

    def test_nothing_to_do_is_said(self, tmp_path: Path) -> None:
        assert swap(tmp_path / "a", tmp_path / "b")
        assert not swap(tmp_path / "a", tmp_path / "b")


class TestCarryOver:
    """What carry_over promises."""

    def _build(self, folder: Path) -> Path:
        for place in (folder, folder / "notebooks", folder / "cube"):
            place.mkdir(parents=True)
        for page in ("index.html", "old.html"):
            (folder / page).write_text(PAGE)
        for file in ("results.json", "cube/meta.json", "notebooks/summary.ipynb"):
            (folder / file).write_text(file)
        return folder

    def test_earlier_files_are_the_same_and_their_pages_lead_to_the_correction(self, tmp_path: Path) -> None:
        """Data are hard links, pages are copies with a notice, and the first build is unchanged."""
        first = self._build(tmp_path / "first")
        before = {p: p.read_text() for p in first.rglob("*") if p.is_file()}
        second = tmp_path / "second"
        (second / "r2").mkdir(parents=True)
        (second / "r2" / "index.html").write_text(PAGE)
        carry_over(first, second, 2, notice)
        assert os.path.samefile(second / "results.json", first / "results.json")
        assert os.path.samefile(second / "cube/meta.json", first / "cube/meta.json")
        assert "[r2/index.html 2]" in (second / "index.html").read_text()
        assert "[r2/index.html 2]" in (second / "old.html").read_text()  # r2 has no such page
        assert {p: p.read_text() for p in first.rglob("*") if p.is_file()} == before

    def test_a_third_revision_corrects_both(self, tmp_path: Path) -> None:
        """Every earlier page carries one notice, and it leads to the newest."""
        first = self._build(tmp_path / "first")
        second, third = tmp_path / "second", tmp_path / "third"
        self._build(second / "r2")
        carry_over(first, second, 2, notice)
        (third / "r3").mkdir(parents=True)
        (third / "r3" / "index.html").write_text(PAGE)
        carry_over(second, third, 3, notice)
        assert (third / "index.html").read_text().count("[") == 1
        assert "[r3/index.html 3]" in (third / "index.html").read_text()
        assert "[../r3/index.html 3]" in (third / "r2" / "index.html").read_text()
        assert (third / "r2" / "results.json").read_text() == "results.json"
        assert sorted(p.name for p in third.iterdir() if p.is_dir()) == ["cube", "notebooks", "r2", "r3"]


def test_a_notice_with_backslashes_is_put_in_as_it_is() -> None:
    once = with_notice(PAGE, r"\1 \g<0>")
    assert r"\1 \g<0>" in once
    assert with_notice(once, "new").count("new") == 1
    assert r"\1" not in with_notice(once, "new")


def test_a_sealed_build_has_its_final_name(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.partial("x").mkdir(parents=True)
    (layout.partial("x") / "a").write_text("1")
    assert (seal(layout, "x") / "a").read_text() == "1"
    assert not layout.partial("x").exists()


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "new \ud800")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["index.html"]
