"""How does text of any origin stand in Markdown so that it is shown as it is?"""

from __future__ import annotations

import re

from toolkit.language.names import clean

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+!|~@&:])")


def escaped(text: str) -> str:
    """Text of a log or a sentence about it, on one line: no heading, link, mention or image comes of it.

    A zero-width space keeps `www.` and e-mail addresses from becoming links where brackets alone would not.
    """
    return _MARKUP.sub(r"\\\1", clean(text)).replace("www.", "www\u200b.")
