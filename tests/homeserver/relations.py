"""Edits, threads, replies and reactions that do not lead where they should."""

from __future__ import annotations

from .community import JsonObject
from .story import SECRET, new_wording, react, redact, relate, reply, say
from .synapse import SERVER_NAME


def relation_events() -> list[JsonObject]:
    """Return them in the order in which they have to be sent."""
    in_circle = {"m.relates_to": {"m.in_reply_to": {"event_id": "$circle-reply"}}}
    thread_of_itself = {"m.relates_to": {"rel_type": "m.thread", "event_id": "$own-thread"}}
    return [
        say("original", "ada", "The words of Ada."),
        say("edit-by-another", "mallory", f"* {SECRET}", new_wording(f"Forged: {SECRET}.", "original")),
        say("edit-1", "ada", "* First edit.", new_wording("First edit.", "original")),
        say("edit-of-edit", "ada", f"* {SECRET}", new_wording(f"Edit of an edit: {SECRET}.", "edit-1")),
        say("root-of-reply", "ada", "Somebody replies to this."),
        say("a-reply", "ben", "The reply.", reply("root-of-reply")),
        say("thread-on-reply", "cleo", "A thread on the reply.", relate("m.thread", "a-reply")),
        say("redacted-root", "ada", f"A root that is taken back: {SECRET}."),
        say("orphan-answer", "ben", "An answer to what is gone.", relate("m.thread", "redacted-root")),
        say("orphan-answer-2", "cleo", "And a second.", relate("m.thread", "redacted-root")),
        react("reaction-to-redacted", "ben", "redacted-root", "🌱"),
        redact("redaction-of-root", "ada", "redacted-root", "Wrong room."),
        say("redacted-with-edit", "ada", f"Before the edit: {SECRET}."),
        say(
            "edit-of-redacted",
            "ada",
            f"* {SECRET}",
            new_wording(f"After it: {SECRET}.", "redacted-with-edit"),
        ),
        redact("redaction-2", "ada", "redacted-with-edit", ""),
        say("once-edited", "ada", "The first wording counts again."),
        say("redacted-edit", "ada", f"* {SECRET}", new_wording(f"Taken back: {SECRET}.", "once-edited")),
        redact("redaction-of-edit", "ada", "redacted-edit", "Not so."),
        redact("redaction-of-redaction", "ada", "redaction-of-edit", "Never mind."),
        say("reply-to-nothing", "ben", "A reply to an event of another world.", reply("in-another-world")),
        say("circle-root", "ada", "A message that will claim to reply to its own reply."),
        say("circle-reply", "ben", "The reply.", reply("circle-root")),
        say("circle-edit", "ada", "* Round.", new_wording("Round.", "circle-root", **in_circle)),
        say("own-thread", "ada", "A message that will claim to be in its own thread."),
        say("own-thread-edit", "ada", "* Mine.", new_wording("Mine.", "own-thread", **thread_of_itself)),
        say(
            "message-as-reaction",
            "ben",
            "A message that annotates.",
            relate("m.annotation", "original", key="x"),
        ),
        say("unknown-relation", "ben", "Related in a way of its own.", relate("example.kin", "original")),
        say(
            "thread-in-quotes",
            "ben",
            f"> <@ada:{SERVER_NAME}> The words of Ada.\n\nQuite.",
            reply("original"),
        ),
    ]
