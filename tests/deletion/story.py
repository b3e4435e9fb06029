"""What is planted: dice go in, a room comes out in which every place that can hold a word holds one.

What a sender controls in one event stands in `tests.hostile.places`; here it is said into a room with
threads, answers, edits, quotations, mentions, names and pictures, and with another room that links to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from garden.archive.transcript import file_uri
from garden.archive.vocabulary import NOTICE
from tests.archive.material import Json
from tests.deletion.dice import Dice
from tests.deletion.planting import (
    BED,
    BEN,
    BOT,
    CLEO,
    MEADOW,
    MO,
    NAMED,
    NEVER,
    SAID,
    WORDED,
    Planting,
    Scope,
    edit_of,
    formatted,
    in_thread,
    text,
)
from tests.hostile.places import EVENTS, MESSAGES, STATE
from tests.uploads import uploads

_DROPPED: Final = frozenset({"reply-fallback", "reply-fallback-html", "encrypted"})
"""Copies of another message, and what nobody can read: neither stays."""

NOTICE_ID: Final = "$notice"
POLL: Final = "m.poll.start"


def plant_everywhere(dice: Dice, *, history: bool = False) -> Planting:
    """Plant a word in every place, and words that stay beside them; `history` is what `site.toml` says."""
    planting = Planting(dice)
    planting.wren = f"@{planting.word('user id', Scope.PERSON)}:fen.example"
    _open_rooms(planting)
    _join(planting)
    root = _plant_titles(planting)
    _plant_contents(planting, root)
    _plant_files(planting, root)
    _plant_edits(planting, root, history=history)
    _plant_quotations(planting, root)
    _plant_mentions(planting)
    _plant_removals(planting)
    _plant_what_is_no_event(planting)
    _plant_links(planting, root)
    planting.set_state("m.room.pinned_events", {"pinned": ["$pinned", root]})
    return planting


def _open_rooms(planting: Planting) -> None:
    for room in (BED, MEADOW):
        planting.set_state("m.room.create", {"room_version": "11"}, room=room)
        users = {MO: 100, planting.wren: 50} if room == BED else {MO: 100}
        planting.set_state("m.room.power_levels", {"users": users, "redact": 50}, room=room)
        visibility = {"history_visibility": "world_readable"}
        planting.set_state("m.room.history_visibility", visibility, room=room)
    planting.set_state("m.room.name", {"name": planting.word("other room", NEVER)}, room=MEADOW)
    topic = planting.word("earlier topic, by her", Scope.EVENT | Scope.ROOM, is_shown=False)
    planting.set_state("m.room.topic", {"topic": topic}, planting.wren)
    for place in ("name", "topic", "alias", "avatar", "bridge", "widget", "key", "emotes", "ban", "kick"):
        word = planting.word(f"state: {place}", Scope.ROOM, is_shown=place in {"name", "alias", "topic"})
        kind, key, content = STATE[place](word)
        planting.set_state(kind, content, key=key)
    notice = {
        "msgtype": "m.notice",
        "body": "This room is published.",
        NOTICE: {"base_url": "https://fen.example/"},
    }
    planting.tell("notice", "m.room.message", notice, MO)


def _join(planting: Planting) -> None:
    """Wren comes with one name, is sent away with a reason, and comes again with another."""
    wren = planting.wren
    before = {
        "displayname": planting.word("earlier name", NAMED, is_shown=False),
        "avatar_url": planting.file("earlier avatar", NAMED, is_shown=False),
    }
    planting.set_state("m.room.member", {"membership": "join", **before}, wren, key=wren)
    reason = {"membership": "leave", "reason": planting.word("reason of a kick", NAMED, is_shown=False)}
    planting.set_state("m.room.member", reason, MO, key=wren)
    now = {
        "displayname": f"{planting.word('name', Scope.PERSON)} {planting.word('last name', Scope.PERSON)}",
        "avatar_url": planting.file("avatar", NAMED),
    }
    planting.set_state("m.room.member", {"membership": "join", **now}, wren, key=wren)
    for room, user, scope in ((BED, CLEO, Scope.ROOM), (MEADOW, BEN, NEVER), (BED, MO, Scope.ROOM)):
        name = {"displayname": planting.word(f"name of {user}", scope, is_shown=user != MO)}
        if user == CLEO:
            name["avatar_url"] = planting.file("avatar of cleo", Scope.ROOM)
        planting.set_state("m.room.member", {"membership": "join", **name}, user, key=user, room=room)


def name_of(planting: Planting) -> str:
    """Return Wren's display name."""
    words = {each.place: each.word for each in planting.planted}
    return f"{words['name']} {words['last name']}"


def _plant_titles(planting: Planting) -> str:
    """What a conversation begins with stands in its address, in lists, feeds and other pages' links."""
    pdf = uploads()[file_uri("plan.pdf")]
    titles: dict[str, Callable[[str], Json]] = {
        "title": lambda word: text(f"How do we store {word} over winter?"),
        "title formatted": lambda word: formatted(f"<h2>Of {word}</h2><p>Well.</p>"),
        "title caption": lambda word: {
            "msgtype": "m.image",
            "body": f"Look: {word}",
            "filename": "bean.png",
            "url": planting.file("title picture", WORDED),
        },
        "title file": lambda word: {
            "msgtype": "m.file",
            "body": f"{word}.pdf",
            "filename": f"{word}.pdf",
            "url": planting.file("title file", WORDED, pdf + planting.word("file bytes", WORDED).encode()),
        },
        "title emote": lambda word: text(f"waters the {word}", msgtype="m.emote"),
    }
    roots = []
    for place, make in titles.items():
        root = planting.say(place, make(planting.word(place, WORDED)))
        roots.append(root)
        for number in range(2):
            steady = planting.word(f"answer {number} to {place}", Scope.ROOM)
            planting.answer(f"{place} {number}", root, f"I say {steady}.", (BEN, CLEO)[number])
    planting.tell(
        "title poll", POLL, poll(planting.word("title poll", WORDED), planting.word("poll answer", WORDED))
    )
    return roots[0]


def poll(question: str, answer: str) -> Json:
    """Return the content of a poll."""
    answers = [
        {"m.id": str(number), "m.text": [{"body": each}]} for number, each in enumerate((answer, "No"))
    ]
    return {
        "m.text": [{"body": question}],
        "m.poll": {"question": {"m.text": [{"body": question}]}, "answers": answers},
    }


def _plant_contents(planting: Planting, root: str) -> None:
    """Everything that one event can hold, as answers in a thread."""
    for place, make in MESSAGES.items():
        word = _plant_content(planting, f"message: {place}", is_kept=place not in _DROPPED)
        planting.say(f"message {place}", in_thread(root, make(word)))
    for place, make_event in EVENTS.items():
        word = _plant_content(planting, f"event: {place}", is_kept=place not in _DROPPED)
        kind, content = make_event(word)
        planting.tell(f"event {place}", kind, in_thread(root, content))
    tagged = planting.word("hashtag", WORDED)
    planting.say("hashtag", in_thread(root, text(f"As we say: #{tagged}")))
    pinned = planting.word("pinned", WORDED)
    planting.say("pinned", in_thread(root, text(f"Mind the {pinned}.")))
    for place, reaction in (
        ("reaction", {"key": planting.word("reaction", SAID)}),
        ("emoji", {"key": planting.file("emoji", SAID)}),
    ):
        relation = {"rel_type": "m.annotation", "event_id": "$title-0", **reaction}
        code = planting.word(f"{place}: shortcode", SAID, is_shown=place == "emoji")
        planting.tell(place, "m.reaction", {"m.relates_to": relation, "shortcode": code})
    word = planting.word("unknown event", WORDED)
    planting.tell("unknown", "org.example.gift", in_thread(root, text(word, about=word)))


def _plant_content(planting: Planting, place: str, *, is_kept: bool) -> str:
    return planting.word(place, WORDED, is_shown=False, is_kept=is_kept)


def _plant_files(planting: Planting, root: str) -> None:
    """Files of every kind, and everything that shows one."""
    shown: Mapping[str, Callable[[], Json]] = {
        "picture": lambda: {"msgtype": "m.image", "url": planting.file("picture", WORDED)},
        "video": lambda: {
            "msgtype": "m.video",
            "url": planting.file("video", WORDED, uploads()[file_uri("bee.mp4")]),
            "info": {"thumbnail_url": planting.file("thumbnail", WORDED)},
        },
        "voice": lambda: {
            "msgtype": "m.audio",
            "url": planting.file("voice", WORDED, uploads()[file_uri("hum.ogg")]),
            "org.matrix.msc3245.voice": {},
        },
        "picture in words": lambda: formatted(
            f'<p>x <img src="{planting.file("picture in words", WORDED)}" alt="y"></p>'
        ),
        "emoticon": lambda: formatted(
            f'<p>x <img data-mx-emoticon src="{planting.file("emoticon", WORDED)}" alt="y"></p>'
        ),
    }
    for place, make in shown.items():
        planting.say(place, in_thread(root, {"body": "a file", **make()}))
    sticker: Json = {"body": "a sticker", "url": planting.file("sticker", WORDED)}
    planting.tell("sticker", "m.sticker", in_thread(root, sticker))


def _plant_edits(planting: Planting, root: str, *, history: bool) -> None:
    """A first wording, one between and a last one; a poll that asks something else."""
    first = planting.word("edited: first wording", WORDED, is_kept=history)
    edited = planting.say("edited", in_thread(root, text(f"It is {first}.")))
    for step in ("between", "last"):
        word = planting.word(f"edited: wording {step}", WORDED, is_kept=history or step == "last")
        planting.say(f"edited {step}", edit_of(edited, text(f"It is {word}.")))
    first, answer = (
        planting.word(f"edited poll: first {part}", WORDED, is_kept=history, is_shown=False)
        for part in ("question", "answer")
    )
    asked = planting.tell("edited poll", POLL, in_thread(root, poll(first, answer)))
    last, answer = (planting.word(f"edited poll: last {part}", WORDED) for part in ("question", "answer"))
    planting.tell("edited poll last", POLL, edit_of(asked, poll(last, answer)))
    others = planting.word("edit by another", SAID, is_shown=False)
    planting.say("edited by another", edit_of(edited, text(others)), CLEO)


def _plant_quotations(planting: Planting, root: str) -> None:
    """What others copied of Wren's words, in front of words of their own that stay."""
    in_html = planting.word("quotation", SAID)
    own = planting.word("answer below a quotation", Scope.ROOM)
    planting.answer("quoting", root, formatted(f"<blockquote>So {in_html}?</blockquote><p>Yes, {own}.</p>"))
    plain = planting.word("plain quotation", SAID)
    own = planting.word("answer below a plain quotation", Scope.ROOM)
    planting.answer("quoting plain", root, f"> So {plain}?\n\nYes, {own}.")
    asked = planting.answer("quoting edit", root, "Hm.", CLEO)
    in_edit = planting.word("quotation in an edit", SAID)
    own = planting.word("answer in an edit", Scope.ROOM)
    planting.say("quoting edit 1", edit_of(asked, text(f"> So {in_edit}?\n\nNo, {own}.")), CLEO)
    fallback = planting.word("reply fallback", NEVER, is_kept=False)
    html = f"<mx-reply><blockquote>{fallback}</blockquote></mx-reply>Fine."
    planting.answer("fallback", root, formatted(html, f"> <{planting.wren}> {fallback}\n\nFine."))


def _plant_mentions(planting: Planting) -> None:
    """Whatever names Wren in what others say, in both rooms."""
    wren, name = planting.wren, name_of(planting)
    escaped = wren.replace("@", "%40").replace(":", "%3A")
    for room, scope in ((BED, NAMED), (MEADOW, Scope.PERSON)):
        short = room[1:4]
        # The page of a mention says how the room calls her, whatever the link's words are.
        pill, in_markdown, titled = (
            planting.word(f"{each} in {short}", scope, is_shown=each == "link")
            for each in ("pill", "link", "title")
        )
        mentions: dict[str, Json] = {
            "pill": formatted(f'<a href="https://matrix.to/#/{wren}">{pill}</a>: see?', f"{pill}: see?"),
            "pill escaped": formatted(f'<a href="https://matrix.to/#/{escaped}">{name}</a>: see?'),
            "pill titled": formatted(f'<a href="https://matrix.to/#/{wren}" title="{titled}">{titled}</a>?'),
            "markdown": text(f"I ask [{in_markdown}](https://matrix.to/#/{wren})."),
            "plain": text(f"As {wren} said."),
            "uri": formatted(f'<a href="matrix:u/{wren[1:]}">{name}</a> knows'),
            "named": text(f"{name}: come!", **{"m.mentions": {"user_ids": [wren]}}),
            "caption": {
                "msgtype": "m.file",
                "body": f"For {wren}",
                "filename": f"for {wren} and {name}.txt",
                "url": "mxc://fen.example/lost",
            },
        }
        for place, content in mentions.items():
            planting.say(f"mention {place} {short}", content, BEN, room=room)
        planting.tell(
            f"note {short}", "org.example.note", {"body": wren, wren: name, "by": [wren]}, BEN, room=room
        )
    profile = {
        "id": wren,
        "displayname": planting.word("profile", NAMED),
        "avatar_url": planting.file("profile", NAMED),
    }
    own = planting.word("said for her", Scope.ROOM)
    planting.say("profile", text(own, **{"com.beeper.per_message_profile": profile}), BOT)
    planting.set_state("org.example.call", {"user_id": wren, "name": name}, key=f"_{wren}_DEVICE")
    planting.tell(
        "reacted",
        "m.reaction",
        {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$title-0", "key": "👍"}},
    )


def _plant_removals(planting: Planting) -> None:
    """Wren took back something of her own, and something of Ben's, each with a reason."""
    gone = planting.word("taken back", NEVER, is_kept=False)
    for name, sender in (("taken back", planting.wren), ("taken away", BEN)):
        target = planting.say(name, gone, sender)
        reason = planting.word(f"reason of {name}", SAID, is_shown=False)
        planting.tell(f"removal {name}", "m.room.redaction", {"redacts": target, "reason": reason})
        because = planting.rooms[BED][-1]
        planting.rooms[BED][-2] |= {"content": {}, "unsigned": {"redacted_because": because}}


def _plant_what_is_no_event(planting: Planting) -> None:
    by_her = planting.word("no event of hers", SAID, is_shown=False)
    planting.tell("no event", "m.room.message", by_her)
    of_her = planting.word("no event that names her", NAMED, is_shown=False)
    planting.tell("no event of her", "m.room.message", [of_her, planting.wren], BEN)
    planting.tell(
        "no event else", "m.room.message", planting.word("no event", Scope.ROOM, is_shown=False), BEN
    )


def _plant_links(planting: Planting, root: str) -> None:
    """Each room links to the other: a page quotes the sentences that link to it, and gives its title."""
    steady = planting.word("sentence that links here", NEVER)
    link = f"https://matrix.to/#/{BED}/{root}"
    planting.say("link", f"Compare {steady} with {link} some day.", BEN, room=MEADOW)
    said = planting.word("sentence that links there", WORDED)
    planting.say(
        "link there", in_thread(root, text(f"As {said} is told in https://matrix.to/#/{MEADOW}/$link now."))
    )
    steady = planting.word("other words", NEVER)
    planting.say("other words", f"We speak of {steady}.", BEN, room=MEADOW)
