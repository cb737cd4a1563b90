"""Runs the command line: `python -m toolkit` is `streamreview`."""

from __future__ import annotations

import sys

from toolkit.cli import main

if __name__ == "__main__":
    sys.exit(main())
