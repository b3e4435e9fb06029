"""What an audit, a doctor and a repair have found becomes words, and plain values for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from garden.archive.salvage import Salvage
from garden.care.audit import Audit, Place
from garden.care.finding import Finding, Level
from garden.care.repair import Repair
from garden.words import count

_TABLES = {
    "events": "the events",
    "malformed": "what was no event",
    "media": "what is known of pictures and files",
    "memory": "what the garden had noted for itself",
    "rooms": "the rooms",
    "selections": "what site.toml's entries stood for",
    "state": "the state of rooms",
    "veils": "what wishes had changed",
    "wishes": "the wishes to be left out or forgotten",
}
"""What a table of the archive holds, for people; others hold nothing that anybody would miss."""


def tell_audit(audit: Audit) -> Iterator[str]:
    """Say where texts stand."""
    for text in audit.texts:
        own = [place for place in audit.places if place.text == text and place.is_own]
        others = [place for place in audit.places if place.text == text and not place.is_own]
        if own:
            yield f"“{text}” stands in {count(len({place.path for place in own}), 'file')}:"
            yield from (line for place in own for line in _tell_place(place))
        else:
            yield f"“{text}” stands in no file that garden has written"
        if others:
            yield "  In what you have written yourself:"
            yield from (line for place in others for line in _tell_place(place))
    yield from (f"Note: {note}" for note in audit.notes)
    yield f"{count(audit.files, 'file')}, {audit.size / 1_000_000:,.1f} MB looked through"


def _tell_place(place: Place) -> Iterator[str]:
    yield f"  {place.path}: {count(place.count, 'place')}"
    yield from (f"    {where}" for where in place.where)


def audit_as_json(audit: Audit) -> dict[str, object]:
    """Return an audit as plain values."""
    return asdict(audit) | {"clean": audit.is_clean}


def tell_findings(findings: Sequence[Finding]) -> Iterator[str]:
    """Say what a doctor found, what is bad last."""
    for level in Level:
        for finding in findings:
            if finding.level is level:
                yield f"{level.value:<8} {finding.area}: {finding.what}"
                if finding.hint:
                    yield f"         → {finding.hint}"
    problems = sum(finding.level is Level.PROBLEM for finding in findings)
    notes = sum(finding.level is Level.NOTE for finding in findings)
    yield f"{count(problems, 'problem')}, {count(notes, 'note')}"


def findings_as_json(findings: Iterable[Finding]) -> list[dict[str, object]]:
    """Return findings as plain values."""
    return [asdict(finding) for finding in findings]


def tell_repair(repair: Repair) -> Iterator[str]:
    """Say what a repair did, what is lost, and what comes next."""
    for name in repair.leftovers:
        yield f"Removed {name}, which a killed command had left"
    for name in repair.dropped:
        yield f"Removed {name}, which nobody can read; what only it knew is lost"
    if repair.media:
        yield f"{count(len(repair.media), 'file')} damaged or gone; garden sync asks for them again"
    if repair.salvage is not None:
        yield from _tell_salvage(repair.salvage)
    if repair.built is not None:
        built = repair.built
        yield f"Built anew: {count(built.pages, 'conversation page')} and {count(built.notes, 'note')}"
    else:
        yield "Next: garden sync, then garden build; the site stays as it is until then"


def _tell_salvage(salvage: Salvage) -> Iterator[str]:
    kept = salvage.kept.get("events", 0)
    yield f"The archive was damaged and is whole again: {count(kept, 'event')} could be kept"
    for name in sorted({*salvage.gaps, *salvage.dropped, *salvage.lost} & _TABLES.keys()):
        yield f"  Lost: {'all' if name in salvage.lost else 'some'} of {_TABLES[name]}"
    if salvage.has_lost("wishes"):
        yield "  Attention: who was forgotten or has opted out may not be known any more"
        if salvage.recalled:
            found = count(salvage.recalled, "lost wish", "lost wishes")
            yield f"  {found} found again by what they had changed"
        yield "  → Before garden sync, run garden forget again for whoever and whatever was forgotten."
        yield "    opt_out in site.toml still holds; the sync hears again what members said in rooms."
    if salvage.has_lost("events", "rooms"):
        yield "  garden sync reads every room of the homeserver from its beginning"
        yield "  What only files had told may be lost: run garden import again with the same files"


def repair_as_json(repair: Repair) -> dict[str, object]:
    """Return what a repair did as plain values."""
    salvage = repair.salvage
    return {
        "leftovers": list(repair.leftovers),
        "dropped": list(repair.dropped),
        "media": list(repair.media),
        "built": repair.built is not None,
        "salvage": None
        if salvage is None
        else {
            "kept": dict(salvage.kept),
            "dropped": dict(salvage.dropped),
            "damaged_stretches": dict(salvage.gaps),
            "lost_tables": list(salvage.lost),
            "recalled_wishes": salvage.recalled,
            "wishes_lost": salvage.has_lost("wishes"),
        },
    }
