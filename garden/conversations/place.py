"""Places: the content of a location message comes in, a checked place goes out."""

from __future__ import annotations

import re
from typing import Final

from garden.archive.event import JsonObject, get_object, get_text
from garden.conversations.conversation import Location
from garden.conversations.label import clean_label

_LOCATION_KEYS: Final = ("m.location", "org.matrix.msc3488.location")
_LONGEST_DESCRIPTION: Final = 300
_NUMBER: Final = r"-?\d{1,3}(?:\.\d{1,15})?"
_GEO_URI: Final = re.compile(
    rf"geo:(?P<latitude>{_NUMBER}),(?P<longitude>{_NUMBER})(?:,-?\d{{1,6}}(?:\.\d{{1,15}})?)?"
    r"(?P<parameters>(?:;[A-Za-z0-9-]{1,30}(?:=[\w\[\]:&+$.!~*'()%-]{0,60})?){0,8})",
    re.ASCII | re.IGNORECASE,
)
_UNCERTAINTY: Final = re.compile(r"\d{1,8}(?:\.\d{1,15})?", re.ASCII)


def read_location(content: JsonObject) -> Location | None:
    """Read `geo_uri`, or the place of an extensible event (MSC3488); None where it is no place on earth."""
    block = next((found for key in _LOCATION_KEYS if (found := get_object(content, key))), None)
    for uri in (get_text(content, "geo_uri"), get_text(block, "uri")):
        place = check_geo_uri(uri or "")
        if place is not None:
            return Location(place, _describe(content, block))
    return None


def check_geo_uri(uri: str) -> str | None:
    """Return a `geo:` URI of coordinates in WGS 84 and their uncertainty (RFC 5870, 3.3), else None.

    Height and what else a client may have added are left out.
    """
    parts = _GEO_URI.fullmatch(uri.strip()) if len(uri) < 400 else None  # noqa: PLR2004 - far above any place
    if parts is None:
        return None
    latitude, longitude = parts["latitude"], parts["longitude"]
    if abs(float(latitude)) > 90 or abs(float(longitude)) > 180:  # noqa: PLR2004 - the poles, the date line
        return None
    given = dict(each.lower().partition("=")[::2] for each in parts["parameters"].split(";")[1:])
    if given.get("crs", "wgs84") != "wgs84":
        return None
    uncertainty = given.get("u", "")
    suffix = f";u={uncertainty}" if _UNCERTAINTY.fullmatch(uncertainty) else ""
    return f"geo:{latitude},{longitude}{suffix}"


def _describe(content: JsonObject, block: JsonObject | None) -> str:
    """Beside a description the body is a fallback, and so is one that repeats the coordinates."""
    description = get_text(block, "description")
    if description is None:
        body = get_text(content, "body") or ""
        description = "" if "geo:" in body.lower() else body
    return clean_label(description, _LONGEST_DESCRIPTION)
