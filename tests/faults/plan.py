"""What goes wrong on the way, by a seed: a request and the homeserver's answer go in, a `Wire` comes out.

`HONEST` faults are such that a client can tell that something is wrong; with `LIES` it cannot, for what comes
is an answer like any other. The same seed does the same to the same request each time it is asked, in
whatever order rooms are read.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.faults.proxy import Asked, End, Proxy, Reply, Wire

Chance = random.Random
Fault = Callable[[Asked, Reply, Chance], Wire]

_GATEWAY: Final = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


def slow(_asked: Asked, reply: Reply, chance: Chance) -> Wire:
    return reply.wire(pause=chance.uniform(0.001, 0.03))


def drop_before(_asked: Asked, _reply: Reply, _chance: Chance) -> Wire:
    return Wire(b"")


def drop_in_the_headers(_asked: Asked, reply: Reply, chance: Chance) -> Wire:
    head = reply.head(len(reply.body))
    return Wire(head[: chance.randrange(1, len(head))])


def drop_in_the_body(_asked: Asked, reply: Reply, chance: Chance) -> Wire:
    return Wire(reply.head(len(reply.body)) + _part(reply.body, chance))


def drop_in_a_chunk(_asked: Asked, reply: Reply, chance: Chance) -> Wire:
    part = _part(reply.body, chance)
    return Wire(reply.head(None) + f"{len(part) + 7:x}\r\n".encode() + part)


def flood(_asked: Asked, reply: Reply, _chance: Chance) -> Wire:
    return Wire(reply.head(None), End.FLOOD)


def hang(_asked: Asked, reply: Reply, chance: Chance) -> Wire:
    whole = reply.head(len(reply.body)) + reply.body
    return Wire(whole[: chance.randrange(len(whole))], End.HANG)


def no_http(_asked: Asked, _reply: Reply, chance: Chance) -> Wire:
    return Wire(chance.choice([b"\x15\x03\x01\x00\x02\x02F", b"HTTP/1.1 2xx\r\n\r\n", b"hello\r\n" * 9]))


def limit(_asked: Asked, _reply: Reply, chance: Chance) -> Wire:
    """Be too busy, and say for how long in one of the ways that there are, or in none."""
    body = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests"}
    now = ("Date", "Sat, 21 Nov 2026 12:00:00 GMT")
    headers: list[tuple[tuple[str, str], ...]] = [
        (),
        (("Retry-After", "0"),),
        (("retry-after", "1"),),
        (("Retry-After", "Sat, 21 Nov 2026 12:00:01 GMT"), now),
        (("Retry-After", "soon"),),
    ]
    waits: list[dict[str, object]] = [{}, {"retry_after_ms": 5}, {"retry_after_ms": "5"}]
    text = chance.choice([_GATEWAY, json.dumps(body | chance.choice(waits)).encode()])
    return Reply(429, text, headers=chance.choice(headers)).wire()


def break_down(_asked: Asked, _reply: Reply, chance: Chance) -> Wire:
    status = chance.choice([500, 502, 503, 504])
    if chance.random() < 0.3:
        return _refuse(status, "M_UNKNOWN")
    return Reply(status, _GATEWAY, "text/html").wire()


def web_page(asked: Asked, _reply: Reply, chance: Chance) -> Wire:
    """Answer as a proxy does that knows nothing of Matrix."""
    statuses = [400, 403, 404] if "/media/" in asked.path else [200, 400, 403, 404]
    return Reply(chance.choice(statuses), _GATEWAY, "text/html").wire()


def wrong_json(_asked: Asked, reply: Reply, chance: Chance) -> Wire:
    """Cut the body and give the length of what is left."""
    return replace(reply, body=_part(reply.body, chance)).wire()


def wrong_shape(_asked: Asked, reply: Reply, chance: Chance) -> Wire:
    shapes: list[object] = [[], {}, None, 7, {"chunk": {}}, {"chunk": None, "end": 5}]
    return replace(reply, body=json.dumps(chance.choice(shapes)).encode()).wire()


def refuse_token(_asked: Asked, _reply: Reply, chance: Chance) -> Wire:
    return _refuse(400, chance.choice(["M_INVALID_PARAM", "M_UNKNOWN"]))


def log_out(_asked: Asked, _reply: Reply, _chance: Chance) -> Wire:
    return _refuse(401, "M_UNKNOWN_TOKEN")


def close_room(_asked: Asked, _reply: Reply, chance: Chance) -> Wire:
    return _refuse(*chance.choice([(403, "M_FORBIDDEN"), (404, "M_NOT_FOUND"), (403, "M_UNKNOWN")]))


def double(_asked: Asked, reply: Reply, chance: Chance) -> Wire:
    def change(chunk: list[Any]) -> list[Any]:
        return [event for event in chunk for _ in range(chance.choice([1, 1, 2, 3]))]

    return _change_chunk(reply, change).wire()


def shuffle(_asked: Asked, reply: Reply, chance: Chance) -> Wire:
    return _change_chunk(reply, lambda chunk: chance.sample(chunk, len(chunk))).wire()


def strangers(_asked: Asked, reply: Reply, chance: Chance) -> Wire:
    """Put things among the events that are none."""
    odd: list[object] = [
        None,
        7,
        "event",
        [],
        {},
        {"event_id": 1},
        {"type": "m.room.message", "content": {"body": "x"}},
    ]

    def change(chunk: list[Any]) -> list[Any]:
        return [thing for event in chunk for thing in (event, *chance.choices(odd, k=chance.choice([0, 1])))]

    return _change_chunk(reply, change).wire()


def hollow(_asked: Asked, reply: Reply, _chance: Chance) -> Wire:
    """Leave out all events of a page."""
    return _change_chunk(reply, lambda _chunk: []).wire()


def cut_file(_asked: Asked, reply: Reply, chance: Chance) -> Wire:
    """Give half a file and say that it is whole."""
    return replace(reply, body=_part(reply.body, chance)).wire()


def miss_file(_asked: Asked, _reply: Reply, _chance: Chance) -> Wire:
    return _refuse(404, "M_NOT_FOUND")


HONEST: Final[Mapping[Fault, int]] = {
    slow: 6,
    drop_before: 3,
    drop_in_the_headers: 2,
    drop_in_the_body: 3,
    drop_in_a_chunk: 2,
    flood: 1,
    hang: 1,
    no_http: 2,
    limit: 4,
    break_down: 4,
    web_page: 2,
    wrong_json: 2,
    wrong_shape: 2,
    log_out: 1,
}
"""Faults of any request, with how often they come."""

_OF_FILES: Final = {
    fault: times for fault, times in HONEST.items() if fault not in {flood, wrong_json, wrong_shape}
}
"""Nobody can tell of a file what it should be, so half of one, another one and one without end are lies."""

_PAGES: Final[Mapping[Fault, int]] = {double: 3, shuffle: 3, strangers: 3, hollow: 1}


@dataclass
class Plan:
    """One way in which everything goes wrong; `Plan(…).meddle` is for `Proxy.meddle`."""

    seed: int
    share: float
    """How many of the requests meet a fault, from 0 to 1; to be lowered until all is well."""
    has_lies: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    """What to call rooms and files, whose ids are others at each run."""
    met: Counter[str] = field(default_factory=Counter)
    """How often each fault came."""
    _asked: Counter[str] = field(default_factory=Counter)
    _told: dict[str, list[Reply]] = field(default_factory=dict)

    async def meddle(self, proxy: Proxy, asked: Asked) -> Wire:
        """Answer one request."""
        key = f"{asked.method} {asked.path} {asked.query.get('room_id', '')}"
        for name, known_as in self.names.items():
            key = key.replace(name, known_as)
        self._asked[key] += 1
        chance = random.Random(f"{self.seed} {key} {self._asked[key]}")
        is_page = asked.path.endswith(("/messages", "/events"))
        if is_page and asked.query.get("from", "").startswith("gap"):
            return (await proxy.fetch(asked, target=_without_gap(asked))).wire()
        if self.share <= 0 or chance.random() >= self.share:
            return (await proxy.fetch(asked)).wire()
        reply = await proxy.fetch(asked)
        special = self._lie(asked, reply, chance) if self.has_lies and chance.random() < 0.5 else None
        if special is not None:
            return special
        faults = {**(_OF_FILES if "/media/" in asked.path else HONEST), **_special(asked)}
        (fault,) = chance.choices(list(faults), list(faults.values()))
        self.met[fault.__name__] += 1
        return fault(asked, reply, chance)

    def _lie(self, asked: Asked, reply: Reply, chance: Chance) -> Wire | None:
        if asked.path.endswith(("/messages", "/events")) and reply.status == 200:
            told = self._told.setdefault(asked.room + asked.path, [])
            told.append(reply)
            if chance.random() < 0.3:
                self.met["again"] += 1
                return chance.choice(told).wire()
            if chance.random() < 0.3 and asked.path.endswith("/messages"):
                self.met["gap"] += 1
                return _gap(asked).wire()
            (fault,) = chance.choices(list(_PAGES), list(_PAGES.values()))
        elif "/media/" in asked.path and reply.status == 200:
            # Of half a text nobody can ever tell that it is one.
            is_picture = reply.kind.startswith("image/")
            fault = chance.choice([miss_file, flood, cut_file] if is_picture else [miss_file, flood])
        else:
            return None
        self.met[fault.__name__] += 1
        return fault(asked, reply, chance)


def _special(asked: Asked) -> Mapping[Fault, int]:
    """Return the faults that only some requests meet."""
    if asked.path.endswith(("/messages", "/events")) and "from" in asked.query:
        return {refuse_token: 4, close_room: 2}
    return {close_room: 2} if asked.room else {}


def _gap(asked: Asked) -> Reply:
    """Return an empty page from which it goes on where this one would have been."""
    return Reply(200, json.dumps({"chunk": [], "end": f"gap-{asked.query.get('from', '')}"}).encode())


def _without_gap(asked: Asked) -> str:
    return asked.target.replace("from=gap-&", "").replace("&from=gap-", "&from=").removesuffix("&from=")


def _refuse(status: int, errcode: str) -> Wire:
    return Reply(status, json.dumps({"errcode": errcode, "error": "no"}).encode()).wire()


def _change_chunk(reply: Reply, change: Callable[[list[Any]], list[Any]]) -> Reply:
    value = json.loads(reply.body)
    return replace(reply, body=json.dumps(value | {"chunk": change(value["chunk"])}).encode())


def _part(body: bytes, chance: Chance) -> bytes:
    return body[: chance.randrange(len(body))] if body else body
