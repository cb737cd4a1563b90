"""What stream.toml may say, and how its mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.errors import LogRejected
from toolkit.logs.config import check_release_name, load_config


def test_without_a_file_the_folder_names_the_stream(tmp_path: Path) -> None:
    """The name becomes a path component; the title is the folder's own name."""
    folder = tmp_path / "Support Tickets (new)"
    folder.mkdir()
    config = load_config(folder)
    assert (config.name, config.shown_title) == ("support-tickets-new", "Support Tickets (new)")
    assert config.score_range == (0, 1)


def test_a_full_file(tmp_path: Path) -> None:
    """Orders, margins, regulated tasks and durations are read as documented."""
    (tmp_path / "stream.toml").write_text(
        """
        name = "s"
        expect_every = "2d"
        [[tasks]]
        name = "a"
        [[tasks]]
        name = "b"
        risk = "regulated"
        [orders]
        other = ["b", "a"]
        [review.margins.regulated.forgetting]
        value = 0.01
        """
    )
    config = load_config(tmp_path)
    assert config.task_order() == ("a", "b")
    assert config.task_order("other") == ("b", "a")
    assert config.regulated == {"b"}
    assert config.expect_every_minutes == 2 * 24 * 60
    margin = config.review.margins.regulated.forgetting
    assert margin is not None
    assert margin.value == 0.01


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name =\ntitle = 1", ["not readable as TOML", "line 1"]),
        ('name = "A b"', ["name", "lower-case"]),
        ('nam = "a"', ["nam", "name"]),
        ('name = "a"\nscore_rnge = [0, 1]', ["score_rnge", "score_range"]),
        ('name = "a"\nscore_range = [1, 0]', ["score_range", "below"]),
        ('name = "a"\nmax_rejected = 2', ["max_rejected"]),
        ('name = "a"\nexpect_every = "daily"', ["expect_every", "2d"]),
        ('name = "a"\nrelease = "latest"', ["release"]),
        ('name = "a"\n[[tasks]]\nname = "x"\n[[tasks]]\nname = "x"', ["'x'", "twice"]),
        ('name = "a"\n[[tasks]]\nname = "x"\n[orders]\no = ["y"]', ["'y'"]),
        ('name = "a"\n[review]\nlevels = 0.9', ["review.levels", "level"]),
    ],
)
def test_mistakes(text: str, words: list[str], tmp_path: Path) -> None:
    """One line with file, key and remedy."""
    (tmp_path / "stream.toml").write_text(text)
    with pytest.raises(LogRejected) as caught:
        load_config(tmp_path)
    message = str(caught.value)
    assert "\n" not in message
    for word in ["stream.toml", *words]:
        assert word in message


@pytest.mark.parametrize("name", ["latest", "looks", "r2", "../x", "", "a/b", "-a", "a" * 65])
def test_release_names(name: str) -> None:
    """A release is one path component that means nothing else."""
    assert check_release_name("2026.11") == "2026.11"
    with pytest.raises(ValueError, match="release is named"):
        check_release_name(name)


@pytest.mark.parametrize(
    ("switch", "hidden"), [("", {"b"}), ('"standard"', {"b"}), ('"all"', set()), ('"none"', {"a", "b"})]
)
def test_whose_texts_are_hidden(switch: str, hidden: set[str], tmp_path: Path) -> None:
    """By default those of regulated tasks; all of them or none on request."""
    review = f"[review]\nshow_samples = {switch}\n" if switch else ""
    tasks = '[[tasks]]\nname = "a"\n[[tasks]]\nname = "b"\nrisk = "regulated"\n'
    (tmp_path / "stream.toml").write_text(f'name = "s"\n{review}{tasks}')
    assert load_config(tmp_path).hidden_texts == hidden


def test_an_unknown_switch_for_texts_is_refused(tmp_path: Path) -> None:
    """A word that means nothing must not mean "show"."""
    (tmp_path / "stream.toml").write_text('name = "s"\n[review]\nshow_samples = "regulated"\n')
    with pytest.raises(LogRejected, match=r"review\.show_samples"):
        load_config(tmp_path)
