"""How long work tells how far it is, whoever listens."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""
