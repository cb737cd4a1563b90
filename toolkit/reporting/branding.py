"""In whose templates are pages rendered, and which logo stands at their head?"""

from __future__ import annotations

import base64
from pathlib import Path

from toolkit.errors import UsageError

_LOGOS = {"logo.svg": "image/svg+xml", "logo.png": "image/png"}
_LARGEST = 200_000  # bytes: it is repeated in every page


def template_folder(given: Path | None) -> Path | None:
    """The folder of --template, absolute. Raises UsageError where there is none."""
    if given is not None and not given.is_dir():
        raise UsageError(f"{given}: no such folder; --template takes a folder of templates")
    return None if given is None else given.resolve()


def logo_uri(template: Path | None) -> str | None:
    """The logo of a template folder (static/logo.svg or static/logo.png) as a data address, or None.

    Raises UsageError where it is too large to repeat on every page.
    """
    for name, kind in _LOGOS.items():
        path = template / "static" / name if template is not None else None
        if path is not None and path.is_file():
            content = path.read_bytes()
            if len(content) > _LARGEST:
                raise UsageError(f"{path}: {len(content):,} bytes are too many for a logo; use at most {_LARGEST:,}")
            return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
    return None
