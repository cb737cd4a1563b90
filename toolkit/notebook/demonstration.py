"""Where is the bundled demonstration, for notebooks that are opened without a stream?"""

from __future__ import annotations

import logging
import os
from pathlib import Path


def demo_stream() -> Path:
    """The newest release of the bundled demonstration, made on first use in the user's cache folder.

    STREAMREVIEW_DEMO names another folder for it. Making it takes minutes, which is said in one line on stderr.
    """
    import platformdirs

    from toolkit.demo import run_demo

    given = os.environ.get("STREAMREVIEW_DEMO")
    folder = Path(given) if given else Path(platformdirs.user_cache_dir("streamreview")) / "demo"
    if not folder.exists():
        logging.getLogger("streamreview").warning(
            "No stream was named: making the bundled demonstration in %s, once, which takes minutes", folder
        )
    return run_demo(folder)[-1]
