"""Which part of a file a reader asks for, as players do who seek: a header comes in, a range goes out."""

from __future__ import annotations

import re
from typing import Final

_ONE_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def read_range(header: str | None, size: int) -> range | None:
    """Return the bytes that a `Range` header asks for of a file of `size` bytes (RFC 9110, section 14.1.2).

    None stands for the whole file: without a header, and for one that cannot be read or asks for several
    parts, which a server may ignore. An empty range stands for a part that is not there.
    """
    found = _ONE_RANGE.fullmatch(header.strip()) if header else None
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        return range(size - min(size, int(last)), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)
