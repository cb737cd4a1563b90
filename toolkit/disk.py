"""What must be on the disk before something else is done."""

from __future__ import annotations

import os
from pathlib import Path


def to_disk(*paths: Path) -> None:
    """Flush files and folders to the disk; links, and what is not there, are passed over. Raises OSError."""
    for path in dict.fromkeys(paths):
        if path.is_symlink() or not path.exists():
            continue
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
