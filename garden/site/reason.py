"""Why a room stands in the garden, as one line of its page tells it."""

from __future__ import annotations

from garden.site.consent_view import ReasonView
from garden.site.place import RoomPlace, present_time


def present_reason(place: RoomPlace) -> ReasonView:
    """Show why anyone may read a room, and since when."""
    opened = place.opened
    kind = "closed" if opened.closed else "vouched" if opened.vouched else "open"
    return ReasonView(
        kind=kind,
        by=opened.by,
        since=present_time(opened.at) if opened.at is not None else None,
        names=place.naming.value,
        index=place.index,
    )
