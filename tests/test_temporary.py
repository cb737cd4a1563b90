"""Is a temporary folder removed when its owner is dead, and never while it lives?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from toolkit.temporary import make_folder, remove_folder, remove_leftovers, temporary_folder

ROOT = Path(__file__).parents[1]
OWNER = """\
import sys, time
from pathlib import Path
from toolkit.temporary import make_folder
folder = make_folder(Path(sys.argv[1]))
(folder / "half").write_text("x")
print(folder, flush=True)
time.sleep(600)
"""


def owner(place: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process that made a folder and lives."""
    process = subprocess.Popen([sys.executable, "-c", OWNER, str(place)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_what_a_killed_process_left_goes_and_what_a_living_one_has_stays(tmp_path: Path) -> None:
    dead, left = owner(tmp_path)
    living, kept = owner(tmp_path)
    try:
        assert remove_leftovers(tmp_path) == []
        os.kill(dead.pid, signal.SIGKILL)
        dead.communicate()
        assert remove_leftovers(tmp_path) == [left]
        assert not left.exists()
        assert (kept / "half").is_file()
    finally:
        living.kill()
        living.communicate()
    assert remove_leftovers(tmp_path) == [kept]
    assert list(tmp_path.iterdir()) == []


def test_only_folders_with_a_lock_go(tmp_path: Path) -> None:
    """A name that looks right is not enough, and a lock that is a link opens nothing."""
    (tmp_path / "sr-00000000").mkdir()
    (tmp_path / "sr-other").mkdir()
    (tmp_path / "sr-other.lock").touch()
    precious = tmp_path / "precious"
    precious.write_text("p")
    (tmp_path / "sr-00000001").mkdir()
    (tmp_path / "sr-00000001.lock").symlink_to(precious)
    (tmp_path / "sr-00000002").symlink_to(tmp_path / "sr-00000000")
    (tmp_path / "sr-00000002.lock").touch()
    assert remove_leftovers(tmp_path) == []
    assert precious.read_text() == "p"
    assert (tmp_path / "sr-00000000").is_dir()
    assert (tmp_path / "sr-00000001").is_dir()


def test_ones_own_folder_goes_with_its_lock(tmp_path: Path) -> None:
    """Also where another thread removes it, as a finalizer may."""
    folder = make_folder(tmp_path)
    assert folder.stat().st_mode & 0o777 == 0o700
    thread = threading.Thread(target=remove_folder, args=(folder,))
    thread.start()
    thread.join()
    assert list(tmp_path.iterdir()) == []
    with temporary_folder() as place:
        assert place.is_dir()
        assert remove_leftovers() is not None
        assert place.is_dir()
    assert not place.exists()
