"""One room's way into the archive: what the homeserver tells about it goes into the store, batch by batch.

The first time: the token of the stream, then history from its end to its beginning, then what is new. Later
what is new alone, see `garden.archive.room_news`. Now and then the whole history again, because some
deletions leave nothing in the timeline. Whenever it is killed, the next sync goes on where the last batch
ended and comes to the same archive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from garden.archive.event import RoomId
from garden.archive.letting_go import CLOSED
from garden.archive.media_sync import MediaProblem, fetch_media, withdraw_media
from garden.archive.openings import ask_doubts
from garden.archive.own_membership import OwnMembership
from garden.archive.room_news import RoomNews
from garden.archive.room_records import CRAWL_IS_DUE
from garden.archive.source import RoomClosedError, RoomSource, StaleTokenError
from garden.archive.store import Appended, ArchiveStore, Cursor, Malformed, RoomRecord
from garden.archive.vocabulary import WORLD_READABLE
from garden.archive.way import Way
from garden.errors import HomeserverError, LoginError

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
    has_left: bool = False
    """Whether the account had left the room, and reads it as anybody does from now on."""


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
        self._own = OwnMembership(room_id, source, store)
        self._result = RoomResult(room_id, asked)
        self._read = 0
        self._way = Way(room_id)

    async def run(self, *, full: bool) -> RoomResult:
        """Bring the room up to date; a problem of this room stands in the result.

        Raises `LoginError` and `ArchiveError`, which concern all rooms.
        """
        try:
            self._reconsider_doubts()
            await self._look_at_oneself()
            await self._check_visibility()
            await self._read_events(full=full)
            await self._fetch_media()
        except LoginError:
            raise
        except HomeserverError as error:
            self._record_problem(error)
        else:
            self._save(visibility=WORLD_READABLE, synced_at=self._now_ms, problem=None)
            if self._record().crawled_at is None:
                self._save(crawled_at=self._now_ms)
        self._tell("done")
        return self._result

    async def _check_visibility(self) -> None:
        visibility = await self._source.read_visibility(self._room_id)
        if visibility != WORLD_READABLE:
            self._save(visibility=visibility)
            raise RoomClosedError(
                f"{self._room_id} is not world_readable: its history is visible to “{visibility}” only",
                hint="A moderator can set “Who can read history?” to “Anyone” in the room's settings; or take"
                " the room out of site.toml.",
            )
        record = self._record()
        if record.visibility not in {None, WORLD_READABLE} and record.crawled_at is not None:
            # A redaction that was sent while nobody could read the room left nothing to be told.
            self._store.make_crawl_due(self._room_id)

    async def _look_at_oneself(self) -> None:
        """Find out what the account is to this room by now; nobody who has left is believed about it."""
        if await self._own.leave_behind():
            self._result = replace(self._result, has_left=True)
            await self._check_visibility()
        if await self._own.is_inside():
            self._save(in_doubt=True)

    def _reconsider_doubts(self) -> None:
        """Where the last sync ended before it had asked, words in doubt may have been erased since."""
        if self._record().in_doubt and self._store.openings.list_doubts(self._room_id):
            self._store.make_crawl_due(self._room_id)

    async def _ask_doubts(self) -> None:
        if self._record().in_doubt:
            await ask_doubts(self._room_id, self._source, self._store.openings)
            self._save(in_doubt=False)

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
        await self._ask_doubts()

    async def _read_first(self, record: RoomRecord) -> None:
        """Read a room that was never read to its beginning.

        Where files have told events of it already, these have to find their place among the server's: so that
        is a crawl.
        """
        if record.stream_token is None and record.history_token is None:
            token = await self._source.start_stream(self._room_id)
            self._store.replace_state(self._room_id, await self._source.read_state(self._room_id))
            self._store.append(self._room_id, [], end="newest", cursor=Cursor(token))
            await self._look_at_oneself()
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
        news = RoomNews(
            self._room_id,
            self._source,
            self._store,
            self._now_ms,
            lambda appended: self._note(appended, "news"),
        )
        await news.follow(self._record().stream_token)
        await self._look_at_oneself()
        await news.place()

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
