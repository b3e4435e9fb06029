"""Who is covered is named nowhere in an event any more, however it was written; nothing else changes."""

from __future__ import annotations

import html
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garden.archive.cover import Cover, cover_event, cover_source, find_people
from garden.archive.event import NOBODY, JsonObject, RoomId, UserId, get_object, read_event
from garden.archive.known_name import fold_name, name_forms

ADA = UserId("@ada:fen.example")
BEN = UserId("@ben:fen.example")
ROOM = RoomId("!room:fen.example")
REED = Cover(UserId("@member-abcdefghijkl:garden.invalid"), "Reed Warbler 27")
HTML = {"format": "org.matrix.custom.html"}


@dataclass
class Known:
    """Covers for some people, with their names."""

    covers: Mapping[UserId, Cover]
    names: Mapping[UserId, tuple[str, ...]]

    def of(self, user: UserId) -> Cover | None:
        return self.covers.get(user)

    def bears(self, user: UserId, words: str) -> bool:
        return any(fold_name(words) in name_forms(name) for name in self.names.get(user, ()))


def ada(cover: Cover = REED) -> Known:
    return Known({ADA: cover}, {ADA: ("Ada Lindqvist", "🌱 Ada (she/her)")})


GONE = ada(Cover(NOBODY, "…"))


def source(
    content: JsonObject, sender: str = BEN, kind: str = "m.room.message", **more: object
) -> JsonObject:
    return {
        "type": kind,
        "room_id": ROOM,
        "event_id": "$event:fen.example",
        "sender": sender,
        "origin_server_ts": 1_741_003_200_000,
        "content": content,
        **more,
    }


def covered(content: JsonObject, known: Known | None = None) -> JsonObject:
    return get_object(cover_source(source(content), known or ada()), "content") or {}


def body(text: str, known: Known | None = None) -> object:
    return covered({"body": text}, known).get("body")


def formatted(text: str, known: Known | None = None) -> object:
    return covered({"body": "", **HTML, "formatted_body": text}, known).get("formatted_body")


# --- where an identifier stands as a value ---


def test_an_event_that_names_nobody_who_is_covered_stays_the_same_object() -> None:
    content = {"body": f"mail ada@fen.example, ask {BEN} & Ada, 100%", "m.mentions": {"user_ids": [BEN]}}
    told = source(content, unsigned={"redacted_because": source({}), "age": 7})
    assert cover_source(told, ada()) is told
    event = read_event(told, ROOM)
    assert cover_event(event, ada()) is event


def test_a_sender_a_state_key_and_who_redacted_it_are_covered() -> None:
    because = source({"reason": "Ada"}, ADA, "m.room.redaction", redacts="$other")
    told = source(
        {}, ADA, "m.room.power_levels", state_key=ADA, unsigned={"redacted_because": because, "age": 7}
    )
    found = cover_source(told, ada())
    assert (found["sender"], found["state_key"]) == (REED.user_id, REED.user_id)
    assert get_object(found, "unsigned") == {"redacted_because": {**because, "sender": REED.user_id}}
    assert json.loads(json.dumps(found)) == found
    assert set(found) == set(told)


@pytest.mark.parametrize("key", [f"_{ADA}_DEVICE_m.call", f"{ADA}_2", f"widget {quote(ADA)}"])
def test_a_state_key_that_holds_an_identifier_is_covered(key: str) -> None:
    found = cover_source(source({}, kind="m.call.member", state_key=key), ada())["state_key"]
    assert "ada" not in str(found)
    assert REED.user_id in str(found)


def test_values_lists_and_keys_are_covered() -> None:
    content = {
        "creator": ADA,
        "additional_creators": [ADA, BEN],
        "users": {ADA: 100, BEN: 50, f"{ADA}_x": 1},
        "m.mentions": {"user_ids": [BEN, ADA], "room": True},
        "deep": [[{"any": [ADA]}]],
    }
    pseudonym = str(REED.user_id)
    assert covered(content) == {
        "creator": pseudonym,
        "additional_creators": [pseudonym, BEN],
        "users": {pseudonym: 100, BEN: 50, f"{pseudonym}_x": 1},
        "m.mentions": {"user_ids": [BEN, pseudonym], "room": True},
        "deep": [[{"any": [pseudonym]}]],
    }


def test_nobody_is_dropped_from_lists_and_keys() -> None:
    content = {"creator": ADA, "users": {ADA: 100, BEN: 50}, "m.mentions": {"user_ids": [ADA, BEN, ADA]}}
    assert covered(content, GONE) == {
        "creator": NOBODY,
        "users": {BEN: 50},
        "m.mentions": {"user_ids": [BEN]},
    }


def test_identifiers_of_events_rooms_and_files_stay() -> None:
    content = {
        "body": f"{ADA}",
        "url": "mxc://fen.example/ada",
        "m.relates_to": {"event_id": f"$1{ADA}", "m.in_reply_to": {"event_id": f"$2{ADA}"}},
        "pinned": [f"$3{ADA}"],
        "alias": "#ada:fen.example",
        "room_id": f"!{ADA}",
    }
    assert covered(content) == content | {"body": "@Reed Warbler 27"}


# --- identifiers in words ---


@pytest.mark.parametrize(
    "spelt",
    [
        ADA,
        "%40ada%3Afen.example",
        "%40ada:fen.example",
        "@ada%3afen.example",
        "%2540ada%253Afen.example",
        "%40%61d%61%3Afen%2Eexample",
        "&#64;ada&#58;fen.example",
        "&#x40;ada&colon;fen&period;example",
        "&commat;ada%3Afen.example",
        "@Ada:Fen.Example",
    ],
)
def test_an_identifier_in_words_is_found_however_it_is_spelt(spelt: str) -> None:
    assert body(f"ask {spelt}, or ({spelt}).") == "ask @Reed Warbler 27, or (@Reed Warbler 27)."
    assert body(f"ask {spelt}.", GONE) == "ask @…."
    assert formatted(f"<p title='{spelt}'>{spelt}</p>") == "<p title='@Reed Warbler 27'>@Reed Warbler 27</p>"
    for url in ("https://matrix.to/#/{}?via=fen.example", "https://fen.example/?user={}&a=%20b"):
        assert body(url.format(spelt)) == url.format(REED.user_id)
        assert body(url.format(spelt), GONE) == url.format(NOBODY)


@pytest.mark.parametrize(
    ("spelt", "then"),
    [
        ("matrix:u/ada:fen.example?action=chat", "matrix:u/member-abcdefghijkl:garden.invalid?action=chat"),
        ("web+matrix:user/ada%3Afen.example", "web+matrix:user/member-abcdefghijkl:garden.invalid"),
        ("MATRIX:U/ada:fen.example", "MATRIX:U/member-abcdefghijkl:garden.invalid"),
        ("x@ada:fen.example!", "x@Reed Warbler 27!"),
        ("@ada:fen.example:8448", "@Reed Warbler 27:8448"),
        ("@ada:fen.example.Thanks", "@Reed Warbler 27.Thanks"),
        ("> <@ada:fen.example> words", "> <@Reed Warbler 27> words"),
        ("@@@ada:fen.example", "@@@Reed Warbler 27"),
        ("@x:@ada:fen.example", "@x:@Reed Warbler 27"),
        ("@ada:fen.example@ada:fen.example", "@Reed Warbler 27@Reed Warbler 27"),
    ],
)
def test_an_identifier_is_found_whatever_stands_around_it(spelt: str, then: str) -> None:
    assert body(spelt) == then


@pytest.mark.parametrize(
    "other",
    ["@ada:fen.examples", "@adaa:fen.example", "#ada:fen.example", "ada:fen.example", "@ada", "@ada:"],
)
def test_somebody_else_stays(other: str) -> None:
    nameless = Known({ADA: REED}, {})
    assert body(f"ask {other} {ADA}", nameless) == f"ask {other} @Reed Warbler 27"


@pytest.mark.parametrize(
    "user",
    [
        *("@a@b:fen.example", "@ÄÖ!~*'(x)=/+:fen.example", "@a%41&b;<c>:fen.example", "@:fen.example"),
        *("@ada:[2001:db8::1]:8448", "@ada:[::1]", "@ada:10.0.0.1:80", "@ada:localhost", "@陳:fen.example"),
    ],
)
def test_old_identifiers_and_any_server_are_found(user: str) -> None:
    known = Known({UserId(user): REED}, {})
    for spelt in (user, quote(user, safe=""), quote(quote(user, safe=""), safe=""), html.escape(user)):
        assert body(f"see {spelt} there", known) == "see @Reed Warbler 27 there"
    assert covered({"users": {user: 1}, "x": user}, known) == {"users": {REED.user_id: 1}, "x": REED.user_id}


def test_every_text_of_an_event_is_covered() -> None:
    words = f"by {ADA}"
    content = {
        "topic": words,
        "m.topic": {"m.text": [{"body": words}, {"body": f"<b>{words}</b>", "mimetype": "text/html"}]},
        "filename": words,
        "info": {"any": words},
        "m.poll": {"question": {"m.text": words}, "answers": [{"m.id": "1", "m.text": words}]},
        "m.new_content": {"body": words, "formatted_body": words},
    }
    shown = json.dumps(covered(content))
    assert "ada" not in shown
    assert shown.count("@Reed Warbler 27") == 8


# --- names ---


@pytest.mark.parametrize(
    ("link", "then"),
    [
        (f'<a href="https://matrix.to/#/{ADA}">Countess</a>!', "@Reed Warbler 27"),
        (f"<A class=x HREF=https://matrix.to/#/{ADA}>Coun<b>te</b>ss</A>!", "@Reed Warbler 27"),
        ("<a href='https://matrix.to/#/%40ada%3Afen.example'><b>Ada</b> <i>L.</i></a>!", "@Reed Warbler 27"),
        ('<a title="a > b" href="matrix:u/ada:fen.example">Ada</a>!', "@Reed Warbler 27"),
    ],
)
def test_the_words_of_a_link_to_somebody_are_the_name(link: str, then: str) -> None:
    found = str(formatted(f"Hi {link} Bye."))
    assert f">{then}</" in found
    assert found.startswith("Hi <")
    assert found.endswith(">! Bye.")
    assert "Coun" not in found
    assert "Ada" not in found


def test_a_link_to_somebody_in_markdown_shows_the_name() -> None:
    text = "[Countess](https://matrix.to/#/@ada:fen.example) and [b](https://fen.example)"
    then = "[@{}](https://matrix.to/#/{}) and [b](https://fen.example)"
    assert body(text) == then.format(REED.name, REED.user_id)
    assert body(text, GONE) == then.format("…", NOBODY)


def test_what_a_link_calls_somebody_is_a_name_in_the_plain_words_too() -> None:
    content = {
        "body": "Countess: yes",
        **HTML,
        "formatted_body": f'<a href="https://matrix.to/#/{ADA}">Countess</a>: yes',
    }
    assert covered(content)["body"] == "Reed Warbler 27: yes"


@pytest.mark.parametrize(
    ("words", "then"),
    [
        ("Ada: hi", "Reed Warbler 27: hi"),
        ("ADA LINDQVIST's, ada  lindqvist", "Reed Warbler 27's, Reed Warbler 27"),
        ("@Ada, 🌱 Ada (she/her)!", "@Reed Warbler 27, Reed Warbler 27!"),
        ("Ａda and A\u200bda", "Reed Warbler 27 and Reed Warbler 27"),
        ("Adaptation, Canada, ada_l", "Adaptation, Canada, ada_l"),
        (
            "https://ada.example/ada #ada:fen.example @b:ada.example",
            "https://ada.example/ada #ada:fen.example @b:ada.example",
        ),
    ],
)
def test_a_name_goes_where_the_event_names_its_bearer(words: str, then: str) -> None:
    content = {"body": words, "m.new_content": {"body": words}, "m.mentions": {"user_ids": [ADA]}}
    found = covered(content)
    assert (found["body"], found["m.new_content"]) == (then, {"body": then})


def test_a_name_in_html_goes_through_tags_and_entities_and_the_tags_stay() -> None:
    known = Known({ADA: REED}, {ADA: ("Ada O'Brien",)})
    text = (
        f'{ADA} <b>Ada</b> O&#39;Brien<br><img alt="ada o&#39;brien" src="mxc://a/ada">'
        "<p>Ada</p><p>O'Brien</p>"
    )
    assert formatted(text, known) == (
        "@Reed Warbler 27 <b>Reed Warbler 27</b><br>"
        '<img alt="Reed Warbler 27" src="mxc://a/ada"><p>Ada</p><p>O\'Brien</p>'
    )


def test_names_in_scripts_without_blanks_are_found() -> None:
    known = Known({ADA: REED}, {ADA: ("陳小明", "अदिति", "Nguye\u0302\u0303n")})
    text = f"{ADA} 請問陳小明先生 अदिति Nguy\u1ec5n"
    assert body(text, known) == "@Reed Warbler 27 請問Reed Warbler 27先生 Reed Warbler 27 Reed Warbler 27"


def test_a_name_stays_where_the_event_names_nobody() -> None:
    told = source({"body": "Ada Lindqvist was a mathematician."})
    assert cover_source(told, ada()) is told


def test_known_names_can_be_told_of_an_event() -> None:
    event = read_event(source({"body": "Ada: yes"}), ROOM)
    assert cover_event(event, ada(), [ADA, BEN]).content == {"body": "Reed Warbler 27: yes"}


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("Ada  Lindqvist", ("ada lindqvist",)),
        ("🌱 Ada (she/her)", ("🌱 ada (she/her)", "ada (she/her", "ada")),
        ("Ada | Fen", ("ada | fen", "ada")),
        ("A", ()),
        ("陳", ("陳",)),
        ("", ()),
        ("\u200b", ()),
    ],
)
def test_a_name_has_the_forms_in_which_people_write_it(name: str, forms: tuple[str, ...]) -> None:
    assert name_forms(name) == forms


# --- memberships and profiles ---


def test_a_membership_keeps_that_somebody_is_there_and_nothing_else() -> None:
    content = {
        "membership": "join",
        "displayname": "Ada Lindqvist",
        "avatar_url": "mxc://fen.example/ada",
        "reason": "back again",
        "third_party_invite": {"display_name": "a…@fen.example"},
        "join_authorised_via_users_server": BEN,
    }
    found = cover_source(source(content, ADA, "m.room.member", state_key=ADA), ada())
    assert found["content"] == {
        "membership": "join",
        "join_authorised_via_users_server": BEN,
        "displayname": "Reed Warbler 27",
    }
    emptied = cover_source(source({}, ADA, "m.room.member", state_key=ADA), ada())
    assert emptied["content"] == {}


@pytest.mark.parametrize("key", ["m.per_message_profile", "com.beeper.per_message_profile"])
def test_a_covered_bridge_speaks_for_nobody_by_name(key: str) -> None:
    profile = {
        "id": "discord_7",
        "displayname": "Cleo",
        "avatar_url": "mxc://fen.example/cleo",
        "has_fallback": True,
    }
    wording = {
        key: profile,
        "body": "Cleo: words of Cleo's",
        "formatted_body": "<strong data-mx-profile-fallback>Cleo: </strong>words",
    }
    content = {**wording, "body": "* Cleo: words", "m.new_content": wording}
    other = Cover(UserId("@member-cleocleocleo:garden.invalid"), "Fen Owl 3")
    own = Known({ADA: REED, UserId(f"{ADA} discord_7"): other}, {})
    found = get_object(cover_source(source(content, ADA), own), "content") or {}
    assert found[key] == {"id": other.user_id, "displayname": "Fen Owl 3"}
    assert (found["body"], found["formatted_body"]) == ("* Fen Owl 3: words", "words")
    assert found["m.new_content"] == {
        key: found[key],
        "body": "words of Fen Owl 3's",
        "formatted_body": "words",
    }


def test_a_bridge_that_speaks_for_somebody_covered_does_not_name_them() -> None:
    profile = {"id": ADA, "displayname": "Ada L.", "has_fallback": True}
    content = {"m.per_message_profile": profile, "body": "Ada L.: words"}
    assert covered(content, GONE) == {
        "m.per_message_profile": {"id": NOBODY, "displayname": "…"},
        "body": "words",
    }


# --- who is named ---


def test_people_are_found_and_mail_addresses_are_none() -> None:
    content = {
        "body": f"{ADA} mail@fen.example:80 git@fen.example:garden/x @click:row @cleo:fen.example.",
        "creator": "@root:localhost",
        "m.mentions": {"user_ids": ["@dora:fen.example"]},
        "users": {"@eve:fen.example": 100},
        "m.per_message_profile": {"id": "7"},
    }
    event = read_event(source(content, BEN, state_key="@fay:fen.example"), ROOM)
    found = dict(find_people(event))
    assert {user for user, is_sure in found.items() if not is_sure} == {ADA, "@cleo:fen.example"}
    assert {user for user, is_sure in found.items() if is_sure} == {
        *(BEN, f"{BEN} 7", "@root:localhost", "@dora:fen.example", "@eve:fen.example", "@fay:fen.example")
    }


# --- any event at all ---

LETTERS = "qxzjvk"
LOCALPARTS = st.text(LETTERS + "._=-/+", min_size=3, max_size=12) | st.text(
    LETTERS + "ÄÖ!~*()[]'%$#,;陳", min_size=3, max_size=8
)
SERVERS = st.sampled_from(
    ["fen.example", "fen.example:8448", "[2001:db8::1]", "[2001:db8::1]:8448", "10.0.0.1", "localhost"]
)
PEOPLE = st.builds(lambda local, server: UserId(f"@{local}:{server}"), LOCALPARTS, SERVERS)
WORD = st.text(LETTERS, min_size=3, max_size=8) | st.sampled_from(["Žïqq", "ẞzzq", "Qüz", "ζζξ", "陳小明"])
NAMES = st.lists(WORD, min_size=1, max_size=6).map(" ".join)
UNRELATED = "unrelated WORDS & <b>100%</b> https://fen.example/a%20b?c=d#e $event !room #alias:fen.example"
"""No letter of it may change, where it stands in plain text."""

Spelling = Callable[[UserId, str], str]
SPELLINGS: list[Spelling] = [
    lambda user, _: user,
    lambda user, _: quote(user, safe=""),
    lambda user, _: quote(quote(user, safe=""), safe=""),
    lambda user, _: quote(user, safe="@:[]"),
    lambda user, _: html.escape(user),
    lambda user, _: f"https://matrix.to/#/{quote(user, safe='@:')}?via=fen.example",
    lambda user, _: f"<https://matrix.to/#/{quote(user, safe='')}>",
    lambda user, _: f"matrix:u/{quote(user[1:], safe=':')}",
    lambda user, name: f"[{name}](https://matrix.to/#/{quote(user, safe='@:')})",
    lambda user, name: f"{user} and {name}'s, ({name.upper()})",
]
HTML_SPELLINGS: list[Spelling] = [
    lambda user, name: f'<a href="https://matrix.to/#/{quote(user, safe="@:")}">{html.escape(name)}</a>',
    lambda user, name: f"<A title='x > y' HREF=https://matrix.to/#/{quote(user, safe='')}><i>{name}</i></A>",
    lambda user, name: f'{html.escape(user)} <i>{name}</i> <img alt="{name}" title="{html.escape(user)}">',
    lambda user, name: f"<em>{html.escape(user[:3])}<b></b>{html.escape(user[3:])}</em> {name}",
]
HOLDERS: list[Callable[[str, UserId], object]] = [
    lambda text, _: {"body": text},
    lambda text, _: {"m.new_content": {"body": text}},
    lambda text, _: {"topic": text, "filename": text},
    lambda text, _: {"m.poll": {"question": {"body": text}, "answers": [{"m.text": [{"body": text}]}]}},
    lambda text, user: {"body": text, "m.mentions": {"user_ids": [user, user]}},
    lambda text, user: {"users": {user: 100, f"{user} x": 1}, "description": text},
    lambda text, user: {
        "any": [[user], {"thing": user, "url": f"https://fen.example/?u={user}"}],
        "reason": text,
    },
]


@st.composite
def tellings(draw: st.DrawFn) -> tuple[JsonObject, dict[UserId, str]]:
    people = draw(st.dictionaries(PEOPLE, NAMES, min_size=1, max_size=3))
    content: dict[str, object] = {}
    for number in range(draw(st.integers(1, 4))):
        user = draw(st.sampled_from(list(people)))
        text = f"{UNRELATED} {draw(st.sampled_from(SPELLINGS))(user, people[user])} {UNRELATED}"
        content |= {f"part {number}": draw(st.sampled_from(HOLDERS))(text, user)}
        markup = draw(st.sampled_from(HTML_SPELLINGS))(user, people[user])
        content |= {"formatted_body": f"<p>before {markup} after</p>"}
    sender = draw(st.sampled_from([BEN, *people]))
    return source(content, sender, state_key=draw(st.sampled_from(["", *people]))), people


@settings(max_examples=150, deadline=None)
@given(telling=tellings(), gone=st.booleans())
def test_nothing_of_anybody_stays_wherever_they_were_named(
    telling: tuple[JsonObject, dict[UserId, str]], *, gone: bool
) -> None:
    told, people = telling
    cover = Cover(NOBODY, "…") if gone else REED
    known = Known(dict.fromkeys(people, cover), {user: (name,) for user, name in people.items()})
    before = json.dumps(told, ensure_ascii=False)
    shown = json.dumps(cover_source(told, known), ensure_ascii=False)
    for user, name in people.items():
        for spelt in (user, quote(user, safe=""), quote(quote(user, safe=""), safe=""), html.escape(user)):
            assert json.dumps(spelt, ensure_ascii=False)[1:-1] not in shown
        assert name.casefold() not in shown.casefold()
    assert shown.count(json.dumps(UNRELATED)[1:-1]) == before.count(json.dumps(UNRELATED)[1:-1])
    assert len(shown) < 4 * len(before) + 100


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(
        [ADA, f"<a href='{ADA}'", "@:", "%", "&#", "\ud800@a:b", "@\x00:\x1e", "[](", "matrix:u/"]
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=4)
            | st.sampled_from(
                ["body", "formatted_body", "m.new_content", "mimetype", "m.per_message_profile", ADA]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(sender=JSON, content=st.dictionaries(st.sampled_from(["body", "formatted_body", "any"]), JSON))
def test_any_json_can_be_covered(sender: object, content: JsonObject) -> None:
    cover_source({"sender": sender, "state_key": sender, "content": sender, "unsigned": sender}, ada())
    assert f'"{ADA}"' not in json.dumps(covered(content))


def test_deep_json_is_cut_and_not_followed_to_its_end() -> None:
    deep: object = ADA
    for _ in range(5000):
        deep = [deep]
    assert json.dumps(covered({"deep": deep, "creator": ADA})).count("[") < 100


@pytest.mark.parametrize(
    "flood",
    [
        *("@", "@:", "@@@:::", "@a:b.", "@a:" + "b." * 120, "@" * 60 + ":b.c.d.e ", "%25", "%2540", "&#64;"),
        *(
            "<",
            "<a x",
            '<a "',
            "<a ='",
            "<!--",
            "<!-->",
            "[",
            "](",
            "<a =  ",
            "://",
            "matrix:u/",
            "word ",
            "陳",
        ),
        *(
            "[x](https://matrix.to/#/@ada:fen.example)",
            '<a href="https://matrix.to/#/@ada:fen.example">x',
            "\x1e",
        ),
    ],
)
def test_a_flood_takes_little_time_and_does_not_grow(flood: str) -> None:
    text = flood * (64_000 // len(flood))
    started = time.process_time()
    found = covered({"body": text, "formatted_body": text, "m.mentions": {"user_ids": [ADA]}})
    assert time.process_time() - started < 8
    assert len(json.dumps(found)) < 3 * len(json.dumps({"body": text, "formatted_body": text}))


def test_names_in_a_text_too_long_to_ask_about_leave_no_text() -> None:
    users = {UserId(f"@u{number}:fen.example"): REED for number in range(100)}
    content = {"body": "words " * 10_000, "m.mentions": {"user_ids": list(users)}}
    assert covered(content, Known(users, {}))["body"] == "…"
