"""The process that reads recordings: bytes come by standard input, clean ones leave by standard output.

`garden.archive.recording` starts it with the name of the one demuxer that may look at the bytes. It gives up
what it does not need before it looks at them. Its answer is a line of JSON, a problem or what was measured;
then the clean bytes follow.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from garden.archive.remux import RemuxError, load_decoders, remux

_MEMORY: Final = 1 << 30
"""Bytes, beside what the recording itself needs."""

_COPIES: Final = 8
"""How often the recording may lie in memory: as it came, in packets, as it goes, and while buffers grow."""

_PROCESSOR_SECONDS: Final = 60


def give_up_privileges(size: int) -> None:
    """Let this process open no file any more and use little memory and time; `size` is that of its input."""
    limits = (
        (resource.RLIMIT_AS, _MEMORY + _COPIES * size),
        (resource.RLIMIT_CPU, _PROCESSOR_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_CORE, 0),
    )
    for kind, limit in limits:
        # Not every system can limit each of them.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit, limit))


def main() -> None:
    """Read a recording, and answer with a line of JSON and its clean bytes."""
    data = sys.stdin.buffer.read()
    load_decoders()
    give_up_privileges(len(data))
    try:
        measured, clean = remux(data, sys.argv[1])
        answer: Mapping[str, object] = asdict(measured)
    except RemuxError as error:
        answer, clean = {"problem": str(error)}, b""
    except Exception:  # noqa: BLE001 - a decoder fails in any way at all on bytes that are made to hurt it
        answer, clean = {"problem": "it cannot be decoded"}, b""
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + clean)


if __name__ == "__main__":
    main()
