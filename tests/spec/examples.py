"""An example of each type of event that the specification names, written for these tests.

`ROOM_EVENTS` holds what stands in a room's timeline, with a text by which a page shows it where it does;
`STRAYS` holds what a homeserver tells as well but what is no event of a room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.archive.material import ADA, BEN, MO, Json

SERVER: Final = "fen.example"
PICTURE: Final[Json] = {"mimetype": "image/png", "w": 320, "h": 240, "size": 20_480}
STILL: Final[Json] = {"thumbnail_url": f"mxc://{SERVER}/still", "thumbnail_info": PICTURE}
CALL: Final[Json] = {"call_id": "gate", "party_id": "KITCHEN", "version": "1"}
SDP: Final = "v=0\r\no=- 1 2 IN IP4 192.0.2.7\r\ns=hiddenwords\r\n"
MEGOLM: Final = "m.megolm.v1.aes-sha2"


@dataclass(frozen=True)
class Example:
    """An event of a room, without what every event has."""

    type: str
    content: Json
    proof: str = ""
    """What the page says because of it."""
    state_key: str | None = None
    sender: str = BEN


def verifying(step: str, **content: object) -> Example:
    """A step of verifying two devices by way of a room; it points back to the message that began it."""
    relation = {"rel_type": "m.reference", "event_id": "$verify"}
    return Example(f"m.key.verification.{step}", {"m.relates_to": relation, **content})


def member(user: str, membership: str, **content: object) -> Example:
    return Example("m.room.member", {"membership": membership, **content}, state_key=user)


def state(kind: str, content: Json, proof: str = "", key: str = "") -> Example:
    return Example(kind, content, proof, state_key=key, sender=ADA)


def policy(what: str, entity: str) -> Example:
    content: Json = {"entity": entity, "recommendation": "m.ban", "reason": "hiddenwords"}
    return state(f"m.policy.rule.{what}", content, key=f"rule:{entity}")


ROOM_EVENTS: Final[dict[str, Example]] = {
    "m.room.create": state("m.room.create", {"room_version": "11", "m.federate": True}, "created the room"),
    "m.room.member": Example(
        "m.room.member",
        {"membership": "join", "displayname": "Ben by the Water", "avatar_url": f"mxc://{SERVER}/ben"},
        "Ben by the Water",
        state_key=BEN,
    ),
    "m.room.name": state("m.room.name", {"name": "Room of all types"}, "Room of all types"),
    "m.room.topic": state(
        "m.room.topic",
        {
            "topic": "One of each",
            "m.topic": {
                "m.text": [{"body": "One <i>of</i> each", "mimetype": "text/html"}, {"body": "One of each"}]
            },
        },
        "One of each",
    ),
    "m.room.avatar": state(
        "m.room.avatar", {"url": f"mxc://{SERVER}/shed", "info": PICTURE}, "changed the room"
    ),
    "m.room.canonical_alias": state(
        "m.room.canonical_alias",
        {"alias": f"#each:{SERVER}", "alt_aliases": [f"#every:{SERVER}"]},
        "each/index.html",
    ),
    "m.room.history_visibility": state("m.room.history_visibility", {"history_visibility": "world_readable"}),
    "m.room.message (m.text)": Example(
        "m.room.message",
        {
            "msgtype": "m.text",
            "body": "Frost on the **lower** beds",
            "format": "org.matrix.custom.html",
            "formatted_body": "Frost on the <strong>lower</strong> beds",
        },
        "Frost on the lower beds",
    ),
    "m.room.message (m.notice)": Example(
        "m.room.message", {"msgtype": "m.notice", "body": "Level 42 cm"}, "Level 42 cm"
    ),
    "m.room.message (m.emote)": Example(
        "m.room.message", {"msgtype": "m.emote", "body": "waters the beans"}, "waters the beans"
    ),
    "m.room.message (m.image)": Example(
        "m.room.message",
        {"msgtype": "m.image", "body": "bed-3.png", "url": f"mxc://{SERVER}/bed", "info": PICTURE | STILL},
        "bed-3.png",
    ),
    "m.room.message (m.video)": Example(
        "m.room.message",
        {
            "msgtype": "m.video",
            "body": "The first bee",
            "filename": "bee.mp4",
            "url": f"mxc://{SERVER}/bee",
            "info": {"mimetype": "video/mp4", "w": 640, "h": 360, "duration": 2_100, "size": 90_000} | STILL,
        },
        "The first bee",
    ),
    "m.room.message (m.audio)": Example(
        "m.room.message",
        {
            "msgtype": "m.audio",
            "body": "hum.ogg",
            "url": f"mxc://{SERVER}/hum",
            "info": {"mimetype": "audio/ogg", "duration": 1_200, "size": 9_000},
        },
        "hum.ogg",
    ),
    "m.room.message (m.file)": Example(
        "m.room.message",
        {
            "msgtype": "m.file",
            "body": "plan.pdf",
            "filename": "plan.pdf",
            "url": f"mxc://{SERVER}/plan",
            "info": {"mimetype": "application/pdf", "size": 70_000},
        },
        "plan.pdf",
    ),
    "m.room.message (m.location)": Example(
        "m.room.message",
        {"msgtype": "m.location", "body": "The old well", "geo_uri": "geo:52.0812,4.3105", "info": STILL},
        "52.0812, 4.3105",
    ),
    "m.room.message (m.server_notice)": Example(
        "m.room.message",
        {
            "msgtype": "m.server_notice",
            "body": "This server has as many people as it can bear",
            "server_notice_type": "m.server_notice.usage_limit_reached",
            "limit_type": "monthly_active_user",
            "admin_contact": "mailto:mo@fen.example",
        },
        "as many people as it can bear",
    ),
    "m.room.message (another msgtype)": Example(
        "m.room.message", {"msgtype": "example.fen.level", "body": "Level in words"}, "Level in words"
    ),
    "an unknown type": Example("example.fen.rain", {"body": "4 mm of rain", "mm": 4}, "4 mm of rain"),
    "m.sticker": Example(
        "m.sticker",
        {"body": "A bean that waves", "url": f"mxc://{SERVER}/bean", "info": PICTURE | STILL},
        "A bean that waves",
    ),
    "m.reaction": Example(
        "m.reaction",
        {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$hello", "key": "🫘"}},
        "🫘",
    ),
    "m.room.redaction": Example(
        "m.room.redaction",
        {"redacts": "$regretted", "reason": "hiddenwords"},
        "A message was removed",
        sender=ADA,
    ),
    "m.room.encrypted (megolm)": Example(
        "m.room.encrypted",
        {
            "algorithm": MEGOLM,
            "ciphertext": "aGlkZGVud29yZHM",
            "session_id": "c2Vzc2lvbg",
            "device_id": "KITCHEN",
            "sender_key": "a2V5",
        },
        "not published",
    ),
    "m.room.encrypted (olm)": Example(
        "m.room.encrypted",
        {
            "algorithm": "m.olm.v1.curve25519-aes-sha2",
            "sender_key": "a2V5",
            "ciphertext": {"b3RoZXIga2V5": {"type": 0, "body": "aGlkZGVud29yZHM"}},
        },
        "not published",
    ),
    "m.call.invite": Example(
        "m.call.invite",
        CALL | {"lifetime": 60_000, "invitee": ADA, "offer": {"type": "offer", "sdp": SDP}},
        "started a call",
    ),
    "m.call.answer": Example("m.call.answer", CALL | {"answer": {"type": "answer", "sdp": SDP}}),
    "m.call.candidates": Example(
        "m.call.candidates",
        CALL
        | {"candidates": [{"sdpMid": "audio", "sdpMLineIndex": 0, "candidate": "candidate:1 hiddenwords"}]},
    ),
    "m.call.negotiate": Example(
        "m.call.negotiate",
        CALL
        | {
            "lifetime": 9_000,
            "description": {"type": "offer", "sdp": SDP},
            "sdp_stream_metadata": {"1": {"purpose": "m.usermedia"}},
        },
    ),
    "m.call.sdp_stream_metadata_changed": Example(
        "m.call.sdp_stream_metadata_changed",
        CALL | {"sdp_stream_metadata": {"1": {"purpose": "m.usermedia", "audio_muted": True}}},
    ),
    "m.call.select_answer": Example("m.call.select_answer", CALL | {"selected_party_id": "SHED"}),
    "m.call.hangup": Example("m.call.hangup", CALL | {"reason": "user_hangup"}, "ended the call"),
    "m.call.reject": Example("m.call.reject", CALL, "ended the call"),
    "m.room.message (m.key.verification.request)": Example(
        "m.room.message",
        {
            "msgtype": "m.key.verification.request",
            "body": "Ben hiddenwords to verify your device",
            "from_device": "SHED",
            "to": ADA,
            "methods": ["m.sas.v1"],
        },
    ),
    "m.key.verification.ready (in a room)": verifying("ready", from_device="KITCHEN", methods=["m.sas.v1"]),
    "m.key.verification.start (in a room)": verifying(
        "start",
        from_device="SHED",
        method="m.sas.v1",
        hashes=["sha256"],
        key_agreement_protocols=["curve25519-hkdf-sha256"],
        message_authentication_codes=["hkdf-hmac-sha256.v2"],
        short_authentication_string=["emoji"],
    ),
    "m.key.verification.accept (in a room)": verifying("accept", commitment="aGlkZGVu", hash="sha256"),
    "m.key.verification.key (in a room)": verifying("key", key="aGlkZGVu"),
    "m.key.verification.mac (in a room)": verifying("mac", keys="a2V5cw", mac={"ed25519:SHED": "bWFj"}),
    "m.key.verification.done (in a room)": verifying("done"),
    "m.key.verification.cancel (in a room)": verifying("cancel", code="m.user", reason="hiddenwords"),
    "m.room.member (invited)": member(
        f"@guest:{SERVER}", "invite", displayname="hiddenwords", is_direct=False, reason="hiddenwords"
    ),
    "m.room.member (invited by mail)": member(
        f"@post:{SERVER}",
        "invite",
        displayname="hiddenwords",
        third_party_invite={
            "display_name": "hiddenwords",
            "signed": {
                "mxid": f"@post:{SERVER}",
                "token": "letter",
                "signatures": {SERVER: {"ed25519:0": "c2ln"}},
            },
        },
    ),
    "m.room.member (knocking)": member(
        f"@door:{SERVER}", "knock", displayname="hiddenwords", reason="hiddenwords"
    ),
    "m.room.member (joined by a server's leave)": member(
        f"@cleo:{SERVER}", "join", displayname="hiddenwords", join_authorised_via_users_server=MO
    ),
    "m.room.power_levels": state(
        "m.room.power_levels",
        {
            "users": {ADA: 100, MO: 50},
            "users_default": 0,
            "events": {"m.room.name": 50},
            "redact": 50,
            "ban": 50,
        },
    ),
    "m.room.encryption": state("m.room.encryption", {"algorithm": MEGOLM, "rotation_period_msgs": 100}),
    "m.room.guest_access": state("m.room.guest_access", {"guest_access": "forbidden"}),
    "m.room.image_pack": state(
        "m.room.image_pack",
        {
            "pack": {"display_name": "hiddenwords", "usage": ["emoticon"]},
            "images": {"bean": {"url": f"mxc://{SERVER}/bean", "body": "hiddenwords"}},
        },
    ),
    "m.room.policy": state("m.room.policy", {"via": SERVER, "public_keys": {"ed25519": "aGlkZGVu"}}),
    "m.room.server_acl": state(
        "m.room.server_acl", {"allow": ["*"], "deny": ["hiddenwords.example"], "allow_ip_literals": False}
    ),
    "m.room.third_party_invite": state(
        "m.room.third_party_invite",
        {
            "display_name": "hiddenwords",
            "key_validity_url": f"https://{SERVER}/valid",
            "public_key": "a2V5",
            "public_keys": [{"public_key": "a2V5"}],
        },
        key="letter",
    ),
    "m.room.join_rules": state("m.room.join_rules", {"join_rule": "public"}),
    "m.room.join_rules (restricted)": state(
        "m.room.join_rules",
        {"join_rule": "restricted", "allow": [{"type": "m.room_membership", "room_id": f"!beds:{SERVER}"}]},
    ),
    "m.policy.rule.room": policy("room", "#hiddenwords:*"),
    "m.policy.rule.server": policy("server", "*.hiddenwords.example"),
    "m.policy.rule.user": policy("user", "@hiddenwords:*"),
    "m.space.child": state(
        "m.space.child", {"via": [SERVER], "order": "a", "suggested": True}, key=f"!beds:{SERVER}"
    ),
    "m.space.parent": state("m.space.parent", {"via": [SERVER], "canonical": True}, key=f"!fen:{SERVER}"),
    "m.room.pinned_events": state(
        "m.room.pinned_events", {"pinned": ["$hello"]}, "changed the pinned messages"
    ),
    "m.room.tombstone": state(
        "m.room.tombstone",
        {"body": "Moved next door", "replacement_room": f"!next:{SERVER}"},
        "moved the room",
    ),
}
"""In the order in which they were sent."""

_TRANSACTION: Final[Json] = {"transaction_id": "t1"}
_SESSION: Final[Json] = {"algorithm": MEGOLM, "room_id": f"!beds:{SERVER}", "session_id": "c2Vzc2lvbg"}


def _plain(kind: str, content: Json) -> Json:
    return {"type": kind, "content": content}


def _to_device(kind: str, content: Json) -> Json:
    return _plain(kind, content) | {"sender": BEN}


def _stripped(membership: str) -> Json:
    return {
        "type": "m.room.name",
        "sender": ADA,
        "state_key": "",
        "content": {"name": f"For a room's {membership}"},
    }


STRAYS: Final[dict[str, Json]] = {
    "m.accepted_terms": _plain("m.accepted_terms", {"accepted": [f"https://{SERVER}/terms"]}),
    "m.direct": _plain("m.direct", {ADA: [f"!beds:{SERVER}"]}),
    "m.fully_read": _plain("m.fully_read", {"event_id": "$hello"}),
    "m.identity_server": _plain("m.identity_server", {"base_url": f"https://{SERVER}"}),
    "m.ignored_user_list": _plain("m.ignored_user_list", {"ignored_users": {f"@promo:{SERVER}": {}}}),
    "m.image_pack.rooms": _plain("m.image_pack.rooms", {"rooms": {f"!beds:{SERVER}": {"": {}}}}),
    "m.invite_permission_config": _plain("m.invite_permission_config", {"default_action": "block"}),
    "m.key_backup": _plain("m.key_backup", {"enabled": True}),
    "m.marked_unread": _plain("m.marked_unread", {"unread": True}),
    "m.push_rules": _plain(
        "m.push_rules",
        {
            "global": {
                "override": [{"rule_id": ".m.rule.master", "default": True, "enabled": False, "actions": []}]
            }
        },
    ),
    "m.recent_emoji": _plain("m.recent_emoji", {"recent_emoji": [{"emoji": "🌱", "total": 12}]}),
    "m.tag": _plain("m.tag", {"tags": {"u.garden": {"order": 0.5}}}),
    "m.presence": _plain("m.presence", {"presence": "online", "last_active_ago": 400, "status_msg": "sowing"})
    | {"sender": BEN},
    "m.receipt": _plain("m.receipt", {"$hello": {"m.read": {ADA: {"ts": 1_700_000_000_000}}}}),
    "m.typing": _plain("m.typing", {"user_ids": [ADA, BEN]}),
    "m.dummy": _to_device("m.dummy", {}),
    "m.forwarded_room_key": _to_device(
        "m.forwarded_room_key",
        _SESSION
        | {
            "session_key": "a2V5",
            "sender_key": "a2V5",
            "sender_claimed_ed25519_key": "a2V5",
            "forwarding_curve25519_key_chain": [],
        },
    ),
    "m.key.verification.request": _to_device(
        "m.key.verification.request",
        _TRANSACTION | {"from_device": "SHED", "methods": ["m.sas.v1"], "timestamp": 1_700_000_000_000},
    ),
    "m.key.verification.ready": _to_device(
        "m.key.verification.ready", _TRANSACTION | {"from_device": "KITCHEN", "methods": ["m.sas.v1"]}
    ),
    "m.key.verification.start": _to_device(
        "m.key.verification.start",
        _TRANSACTION | {"from_device": "SHED", "method": "m.reciprocate.v1", "secret": "c2Vj"},
    ),
    "m.key.verification.start (emoji)": _to_device(
        "m.key.verification.start",
        _TRANSACTION
        | {
            "from_device": "SHED",
            "method": "m.sas.v1",
            "hashes": ["sha256"],
            "key_agreement_protocols": ["curve25519"],
            "message_authentication_codes": ["hkdf-hmac-sha256"],
            "short_authentication_string": ["decimal", "emoji"],
        },
    ),
    "m.key.verification.accept": _to_device(
        "m.key.verification.accept",
        _TRANSACTION
        | {
            "commitment": "Y29t",
            "hash": "sha256",
            "key_agreement_protocol": "curve25519",
            "message_authentication_code": "hkdf-hmac-sha256",
            "short_authentication_string": ["emoji"],
        },
    ),
    "m.key.verification.key": _to_device("m.key.verification.key", _TRANSACTION | {"key": "a2V5"}),
    "m.key.verification.mac": _to_device(
        "m.key.verification.mac", _TRANSACTION | {"keys": "a2V5cw", "mac": {"ed25519:SHED": "bWFj"}}
    ),
    "m.key.verification.done": _to_device("m.key.verification.done", _TRANSACTION),
    "m.key.verification.cancel": _to_device(
        "m.key.verification.cancel", _TRANSACTION | {"code": "m.timeout", "reason": "Nobody answered"}
    ),
    "m.room_key": _to_device("m.room_key", _SESSION | {"session_key": "a2V5"}),
    "m.room_key.withheld": _to_device(
        "m.room_key.withheld",
        _SESSION | {"sender_key": "a2V5", "code": "m.unverified", "reason": "Not verified"},
    ),
    "m.room_key_bundle": _to_device(
        "m.room_key_bundle",
        {
            "room_id": f"!beds:{SERVER}",
            "file": {
                "v": "v2",
                "url": f"mxc://{SERVER}/keys",
                "iv": "aXY",
                "key": {"kty": "oct", "alg": "A256CTR", "k": "a2V5", "ext": True, "key_ops": ["decrypt"]},
                "hashes": {"sha256": "aGFzaA"},
            },
        },
    ),
    "m.room_key_request": _to_device(
        "m.room_key_request",
        {
            "action": "request",
            "request_id": "r1",
            "requesting_device_id": "SHED",
            "body": _SESSION | {"sender_key": "a2V5"},
        },
    ),
    "m.room_key_request (withdrawn)": _to_device(
        "m.room_key_request",
        {"action": "request_cancellation", "request_id": "r1", "requesting_device_id": "SHED"},
    ),
    "m.secret.request": _to_device(
        "m.secret.request",
        {
            "action": "request",
            "name": "m.megolm_backup.v1",
            "request_id": "r2",
            "requesting_device_id": "SHED",
        },
    ),
    "m.secret.send": _to_device("m.secret.send", {"request_id": "r2", "secret": "hiddenwords"}),
    "state of an invitation": _stripped("guest"),
    "state of a knock": _stripped("door"),
}
