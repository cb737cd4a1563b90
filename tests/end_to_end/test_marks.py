"""Every number on a published page says where in results.json it stands, and equals it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.marks import Stored, printed, quotes, seen_on, wrong, wrong_on_index
from toolkit.results import Results

STREAM = "digits-under-change"
PAGES = ("index", "transfer", "forgetting", "feedback", "divergence", "generation", "releases")


@pytest.fixture(scope="module")
def folders(demo) -> list[Path]:
    """The publications, oldest first."""
    return [demo[1] / STREAM / stream.name for stream in demo[0]]


@pytest.fixture(scope="module")
def stored(folders: list[Path]) -> list[Stored]:
    """What each publication holds, with those before it."""
    results = [Results.model_validate_json((folder / "results.json").read_text()) for folder in folders]
    return [Stored(one, tuple(results[:place])) for place, one in enumerate(results)]


def test_no_number_is_without_a_mark(folders: list[Path]) -> None:
    """Digits outside of names, quoted code, drawings and static text stand in a marked element."""
    for folder in folders:
        for page in PAGES:
            seen = seen_on((folder / f"{page}.html").read_text())
            assert seen.unmarked == [], (folder.name, page)


def test_every_marked_number_is_that_of_results_json(folders: list[Path], stored: list[Stored]) -> None:
    """The raw value exactly, the text to the digits printed; quotations word for word."""
    total = 0
    for folder, held in zip(folders, stored, strict=True):
        for page in PAGES:
            seen = seen_on((folder / f"{page}.html").read_text())
            assert wrong(seen, held) == [], (folder.name, page)
            total += len(seen.marked)
    assert total > 2000


def test_the_releases_page_says_what_the_results_say(demo) -> None:
    """Of every publication on it, and one planted number is found."""
    html = (demo[1] / "index.html").read_text()
    seen = seen_on(html)
    assert seen.unmarked == []
    assert wrong_on_index(seen, demo[1]) == []
    assert {m.publication for m in seen.marked} >= {f"{STREAM}/{stream.name}/index.html" for stream in demo[0]}
    measured = next(m for m in seen.marked if m.field == "measured")
    planted = html.replace(f'data-field="measured">{measured.text}<', 'data-field="measured">9<')
    assert len(wrong_on_index(seen_on(planted), demo[1])) >= 1
    assert len(seen_on(html.replace("</main>", "<p>Lost 3.1 points.</p></main>")).unmarked) == 1


def test_findings_can_be_linked_to(folders: list[Path], stored: list[Stored]) -> None:
    """Ids are unique on a page; each axis page has its headline's, and the page names the command that opens it."""
    for folder, held in zip(folders, stored, strict=True):
        for page in PAGES:
            ids = seen_on((folder / f"{page}.html").read_text()).ids
            assert len(ids) == len(set(ids)), page
        for axis in held.results.axes:
            page = folder / ("divergence.html" if axis.axis == "alignment" else f"{axis.axis}.html")
            html = page.read_text()
            assert axis.headline in seen_on(html).ids
            assert f"<code>streamreview lab {STREAM}/{folder.name}#{axis.headline}</code>" in html


def test_a_planted_number_is_found(folders: list[Path], stored: list[Stored]) -> None:
    """Without a mark, with a mark that leads nowhere, with another value, and with another text."""
    html = (folders[-1] / "forgetting.html").read_text()
    plain = html.replace("</main>", "<p>Lost 3.1 points.</p></main>")
    assert len(seen_on(plain).unmarked) == 1
    name = "backward_transfer/stream/all"
    value = stored[-1].estimates[0][name].value
    for id_, raw, text in ((f"{name}/x", value, f"{100 * value:.2f}"), (name, 0.123, "12.3"), (name, value, "99.9")):
        planted = f'<data class="num" value="{raw}" data-estimate="{id_}" data-field="value">{text}</data></main>'
        assert len(wrong(seen_on(html.replace("</main>", planted)), stored[-1])) == 1, (id_, raw, text)
    said = '<span data-axis="forgetting" data-field="sentence">All is well with 7 tasks.</span></main>'
    assert len(wrong(seen_on(html.replace("</main>", said)), stored[-1])) == 1


def test_the_comparison_knows_rounding_and_quotation() -> None:
    """To the last printed digit, in hundredths or bare; a quotation may leave out whole clauses at an end."""
    assert printed("3.1", -0.0312)
    assert not printed("3.1", -0.0317)
    assert printed("1,400", 1400)
    assert printed("<\u00a00.001", 0.0002)
    assert not printed("<\u00a00.001", 0.2)
    assert quotes("Second one.", "First one. Second one.")
    assert not quotes("ond one.", "First one. Second one.")
