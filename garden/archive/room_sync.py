"""One room's way into the archive: what the homeserver tells about it goes into the store, batch by batch.

The first time: the token of the stream, then history from its end to its beginning, then the stream. Later:
the stream alone, or a walk back where the server has no stream. Now and then the whole history again,
because some deletions leave nothing in the timeline. Whenever it is killed, the next sync goes on where the
last batch ended and comes to the same archive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from garden.archive.event import JsonObject, RoomId, get_text
from garden.archive.letting_go import CLOSED
from garden.archive.media_sync import MediaProblem, fetch_media, withdraw_media
from garden.archive.room_records import CRAWL_IS_DUE
from garden.archive.source import RoomClosedError, RoomSource, StaleTokenError
from garden.archive.store import Appended, ArchiveStore, Cursor, Malformed, RoomRecord
from garden.archive.vocabulary import PREFERENCE, ROBOTS
from garden.archive.way import Way
from garden.errors import HomeserverError, LoginError

PUBLIC: Final = "world_readable"
_RULES: Final = frozenset({"m.room.history_visibility", ROBOTS, PREFERENCE})
"""State events by which a room says who may read it: what was erased since may be read again."""
_MOST_CRAWLS: Final = 2
"""Crawls in one sync: a second one where the first has found out that it began too early."""

Stage = Literal["history", "news", "crawl", "media", "done"]


@dataclass(frozen=True, slots=True)
class SyncLimits:
    """How far a sync goes."""

    recrawl_ms: int
    """After how many milliseconds a room's whole history is compared again."""
    max_media_bytes: int
    """Size of the largest file that is fetched."""
    concurrency: int = 4
    """How many rooms are synced at once."""
    keep_closed: bool = False
    """Whether what is archived of a room stays when it is closed or a space lets it go."""


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far one room is."""

    room_id: RoomId
    stage: Stage
    events: int
    """Events read in this sync so far."""


@dataclass(frozen=True, slots=True)
class RoomResult:
    """What a sync did with one room."""

    room_id: RoomId | None
    """None where the entry of `site.toml` could not be looked up."""
    asked: str
    """The entry of `site.toml` that brought the room here."""
    new_events: int = 0
    changed_events: int = 0
    malformed: tuple[Malformed, ...] = ()
    """What was handed over as an event, is none, and was not seen before."""
    media_problems: tuple[MediaProblem, ...] = ()
    problem: HomeserverError | None = None
    """Why the room was skipped."""


class RoomSync:
    """One sync of one room; good for one `run`."""

    def __init__(
        self,
        room_id: RoomId,
        asked: str,
        source: RoomSource,
        store: ArchiveStore,
        now_ms: int,
        limits: SyncLimits,
        report: Callable[[SyncProgress], None],
    ) -> None:
        self._room_id = room_id
        self._source = source
        self._store = store
        self._now_ms = now_ms
        self._limits = limits
        self._report = report
        self._result = RoomResult(room_id, asked)
        self._read = 0
        self._way = Way(room_id)

    async def run(self, *, full: bool) -> RoomResult:
        """Bring the room up to date; a problem of this room stands in the result.

        Raises `LoginError` and `ArchiveError`, which concern all rooms.
        """
        try:
            await self._check_visibility()
            await self._read_events(full=full)
            await self._fetch_media()
        except LoginError:
            raise
        except HomeserverError as error:
            self._record_problem(error)
        else:
            self._save(visibility=PUBLIC, synced_at=self._now_ms, problem=None)
            if self._record().crawled_at is None:
                self._save(crawled_at=self._now_ms)
        self._tell("done")
        return self._result

    async def _check_visibility(self) -> None:
        visibility = await self._source.read_visibility(self._room_id)
        if visibility != PUBLIC:
            self._save(visibility=visibility)
            raise RoomClosedError(
                f"{self._room_id} is not world_readable: its history is visible to “{visibility}” only",
                hint="A moderator can set “Who can read history?” to “Anyone” in the room's settings; or take"
                " the room out of site.toml.",
            )
        record = self._record()
        if record.visibility not in {None, PUBLIC} and record.crawled_at is not None:
            # A redaction that was sent while nobody could read the room left nothing to be told.
            self._store.make_crawl_due(self._room_id)

    async def _read_events(self, *, full: bool) -> None:
        record = self._record()
        if record.crawling:
            # Before the stream: a crawl erases what it does not see, and it began before what is new now.
            await self._crawl(record.crawl_token)
        elif not record.history_done:
            await self._read_first(record)
        await self._read_news()
        await self._settle_redactions()
        for _ in range(_MOST_CRAWLS):
            if full or self._is_old(self._record().crawled_at):
                full = False
                await self._check_visibility()
                await self._crawl_anew()
                await self._settle_redactions()

    async def _read_first(self, record: RoomRecord) -> None:
        """Read a room that was never read to its beginning.

        Where files have told events of it already, these have to find their place among the server's: so that
        is a crawl.
        """
        if record.stream_token is None and record.history_token is None:
            token = await self._source.start_stream(self._room_id)
            self._store.replace_state(self._room_id, await self._source.read_state(self._room_id))
            self._store.append(self._room_id, [], end="newest", cursor=Cursor(token))
            record = self._record()
        if record.history_token is None and self._store.count_events(self._room_id):
            await self._crawl_anew()
        else:
            await self._walk_history(record)

    async def _walk_history(self, record: RoomRecord) -> None:
        token, is_done = record.history_token, False
        while not is_done:
            try:
                batch = await self._source.read_history(self._room_id, token)
            except StaleTokenError:
                await self._crawl_anew()
                return
            self._way.note(batch)
            token, is_done = batch.next_token, batch.next_token is None
            cursor = Cursor(record.stream_token, token, history_done=is_done)
            appended = self._store.append(
                self._room_id, batch.events, end="oldest", cursor=cursor, now_ms=self._now_ms
            )
            self._note(appended, "history")

    async def _read_news(self) -> None:
        token = self._record().stream_token
        if token is not None:
            try:
                await self._follow_stream(token)
            except StaleTokenError:
                token = None
        if token is None:
            # The new token comes first, so that nothing falls between the walk and the stream.
            await self._walk_back(await self._source.start_stream(self._room_id))

    async def _follow_stream(self, token: str) -> None:
        way = Way(self._room_id)
        while True:
            batch = await self._source.read_stream(self._room_id, token)
            way.note(batch)
            next_token = batch.next_token or token
            await self._prepare_for(batch.events)
            self._keep_news(batch.events, next_token)
            if not batch.events:
                return
            token = next_token

    async def _walk_back(self, new_token: str | None) -> None:
        """Read back from the end until a page and the one behind it hold nothing new; keep it all at once.

        The page behind it because servers order events differently, and some come late.
        """
        events: list[JsonObject] = []
        token, quiet_pages = None, 0
        way = Way(self._room_id)
        while quiet_pages < 2:  # noqa: PLR2004 - the page and the one behind it
            try:
                batch = await self._source.read_history(self._room_id, token)
            except StaleTokenError:
                way.restart()
                events, token, quiet_pages = [], None, 0
                continue
            way.note(batch)
            events += batch.events
            token = batch.next_token
            if token is None:
                break
            if batch.events:
                quiet_pages = 0 if self._store.differs(self._room_id, batch.events) else quiet_pages + 1
        events.reverse()
        known = self._store.known_ids(self._room_id, (str(get_text(event, "event_id")) for event in events))
        await self._prepare_for([event for event in events if get_text(event, "event_id") not in known])
        self._keep_news(events, new_token)

    def _keep_news(self, events: Sequence[JsonObject], token: str | None) -> None:
        cursor = Cursor(token, history_done=True)
        appended = self._store.append(self._room_id, events, end="newest", cursor=cursor, now_ms=self._now_ms)
        self._note(appended, "news")

    async def _prepare_for(self, events: Sequence[JsonObject]) -> None:
        """Do what new events call for beside being kept, before they are kept.

        Before, because a kept event is not new to the next sync, and all of this can be done twice.
        """
        if any(get_text(event, "type") in _RULES for event in events):
            self._store.make_crawl_due(self._room_id)
        targets = {_target(event) for event in events if get_text(event, "type") == "m.room.redaction"}
        if targets and any(event.event_id in targets for event in self._store.state(self._room_id)):
            self._store.replace_state(self._room_id, await self._source.read_state(self._room_id))
        else:
            states = (event for event in events if get_text(event, "state_key") is not None)
            self._store.apply_state(self._room_id, states)

    async def _crawl_anew(self) -> None:
        self._way = Way(self._room_id)
        self._store.crawls.start(self._room_id)
        await self._crawl(None)

    async def _crawl(self, token: str | None) -> None:
        """Compare the whole history; what the server no longer has is erased at the end."""
        while True:
            try:
                batch = await self._source.read_history(self._room_id, token)
            except StaleTokenError:
                self._way.restart()
                self._store.crawls.start(self._room_id)
                token = None
                continue
            self._way.note(batch)
            token = batch.next_token
            appended = self._store.crawls.append(
                self._room_id, batch.events, token=token, now_ms=self._now_ms
            )
            self._note(appended, "crawl")
            if token is None:
                break
        self._store.files.ask_again(self._room_id)
        await withdraw_media(self._room_id, self._source, self._store)
        self._store.replace_state(self._room_id, await self._source.read_state(self._room_id))
        self._store.crawls.finish(self._room_id, crawled_at=self._now_ms)

    async def _settle_redactions(self) -> None:
        for target in self._store.open_redactions(self._room_id):
            answer = await self._source.fetch_event(self._room_id, target)
            self._store.settle_redaction(self._room_id, target, answer)

    async def _fetch_media(self) -> None:
        limit = self._limits.max_media_bytes
        async for problem in fetch_media(self._room_id, self._source, self._store, limit):
            if problem is not None:
                problems = (*self._result.media_problems, problem)
                self._result = replace(self._result, media_problems=problems)
            self._tell("media")

    def _is_old(self, crawled_at: int | None) -> bool:
        """Whether the whole history has to be compared again; None means it is read for the first time.

        A time that has not come yet is from a clock that was ahead, and says nothing.
        """
        if crawled_at is None:
            return False
        age = self._now_ms - crawled_at
        return crawled_at == CRAWL_IS_DUE or age >= self._limits.recrawl_ms or age < 0

    def _record_problem(self, error: HomeserverError) -> None:
        """Note why the room is skipped; where it is closed, nothing of it stays but what a garden keeps."""
        self._result = replace(self._result, problem=error)
        record = self._record()
        if isinstance(error, RoomClosedError) and record.origin == "homeserver":
            is_archived = self._store.count_events(self._room_id) or self._store.state(self._room_id)
            if is_archived and not self._limits.keep_closed:
                self._store.erase_room(self._room_id)
            if is_archived or record.visibility is None:
                self._save(visibility=CLOSED)
        self._save(problem=str(error))

    def _note(self, appended: Appended, stage: Stage) -> None:
        self._read += len(appended.new)
        self._result = replace(
            self._result,
            new_events=self._result.new_events + len(appended.new),
            changed_events=self._result.changed_events + len(appended.changed),
            malformed=self._result.malformed + appended.malformed,
        )
        self._tell(stage)

    def _tell(self, stage: Stage) -> None:
        self._report(SyncProgress(self._room_id, stage, self._read))

    def _record(self) -> RoomRecord:
        return self._store.room(self._room_id) or RoomRecord(self._room_id)

    def _save(self, **changes: object) -> None:
        self._store.save_room(replace(self._record(), **changes))  # type: ignore[arg-type]


def _target(event: JsonObject) -> str | None:
    """Return what a redaction is about, wherever the room's version keeps it."""
    return get_text(event, "content", "redacts") or get_text(event, "redacts")
