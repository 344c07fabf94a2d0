"""Why events die, for people: what it means and what can be done."""

from __future__ import annotations

from pydantic import BaseModel


class DeadLetterWords(BaseModel):
    """`meaning` says what happened, `fix` what to do before replaying."""

    meaning: str
    fix: str


def words(reason: str | None) -> DeadLetterWords:
    """The words for the reason of a dead letter, also for one this version does not know."""
    meaning, fix = _WORDS.get(reason or "", _UNKNOWN)
    return DeadLetterWords(meaning=meaning, fix=fix)


_AGAIN = "Replay one. If it dies again, look at its last error and keep the request id for Microsoft's support."
_UNKNOWN = ("The event could not be worked on.", _AGAIN)
_WORDS: dict[str, tuple[str, str]] = {
    "bad_request": (
        "Microsoft refused the request for this message as wrong in itself, in each of three ways to ask for it.",
        "The last error holds Microsoft's code. Replay one; if it dies again, its owner can still read the mail there.",
    ),
    "too_large": (
        "Microsoft's answer was larger than Flovify accepts, with attachments' list, without, and as source.",
        "A replay dies again as long as the message is that large. Its owner can read it there; discard it here.",
    ),
    "conflict": ("Microsoft answered that the message is being changed by somebody else.", _AGAIN),
    "forbidden": (
        "Microsoft refused this one message, while it gave others of the same mailbox.",
        "Often a policy or a protected message. Ask the mailbox's administrator, then replay one.",
    ),
    "unavailable": (
        "Microsoft failed at this one message, while it gave others of the same mailbox.",
        "Usually passes: replay. If it does not, the request id in the last error is what Microsoft's support needs.",
    ),
    "not_storable": (
        "The message arrived, and the database refused its content, as message and as source.",
        "Report it with the last error: another version of Flovify may be able to store it. Then replay.",
    ),
    "worker_died": (
        "Three workers died while they had this event in hand.",
        "See the workers' logs for why (out of memory, for instance). Once that is mended, replay one and watch.",
    ),
    "decode_failed": (
        "The message arrived, and Flovify failed to read it.",
        "A fault in Flovify: report it with the last error, update, then replay.",
    ),
    "fetch_failed": ("Flovify failed while it fetched the message.", _AGAIN),
    "token_failed": ("Flovify failed while it asked for a token for the mailbox.", _AGAIN),
    "store_failed": ("Flovify failed while it stored the message.", _AGAIN),
    "provider_error": ("Microsoft answered in a way that Flovify does not know.", _AGAIN),
    "validation_failed": ("Microsoft refused the request after calling the webhook.", _AGAIN),
    "expiration_too_far": ("Microsoft refused the time that was asked for.", _AGAIN),
}
