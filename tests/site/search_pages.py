"""Pages in many languages for the search index, and the names of those that are found."""

from __future__ import annotations

import zlib
from pathlib import Path

from garden.pages.address import Address
from garden.site.search import SearchRecord, search_index


def record(name: str, text: str, title: str = "A page") -> SearchRecord:
    return SearchRecord(
        address=Address(f"seeds/{name}/"),
        title=title,
        room="Seeds & Soil",
        authors=("Ada Lovelace", "Bo"),
        tags=("storage",),
        text=text,
        tended=1_741_000_000_123,
        kind="thread",
        fingerprint=f"{name}-{zlib.crc32(text.encode())}",
    )


PAGES = [
    record("beans", "How do we store bean seed over winter? In a jar, in a cool cellar.", "Bean storage"),
    record("peas", "Peas want a net. A net wants posts.", "Peas on a net"),
    record("japan", "豆の種を冬に保存する"),
    record("korea", "씨앗을 심다"),
    record("india", "यह हिन्दी में है, कि कु"),
    record("street", "Die Gärten im Straßenraum, façade Ελλάδα"),
]


def found(folder: Path, query: str, room: str | None = None, author: str | None = None) -> list[str]:
    return [hit.address.split("/")[1] for hit in search_index(folder, query, room=room, author=author)]
