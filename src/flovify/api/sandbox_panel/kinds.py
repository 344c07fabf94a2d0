"""What can be broken on purpose, in words."""

from __future__ import annotations

from dataclasses import dataclass

from flovify.api.sandbox_panel.schemas import BreakageName

THROTTLE_SECONDS = 20


@dataclass(frozen=True)
class Kind:
    """`needs_account`: it breaks one account, not everything."""

    title: str
    what_will_happen: str
    undo_label: str
    needs_account: bool = True


KINDS: dict[BreakageName, Kind] = {
    "throttle": Kind(
        "Throttle the mailbox",
        f"Microsoft answers 429 and asks to wait {THROTTLE_SECONDS} s. The account turns Degraded, its messages wait, "
        "and none is lost.",
        "Stop throttling",
    ),
    "drop_notifications": Kind(
        "Drop notifications",
        "Messages still arrive in the mailbox, but Microsoft announces none of them. Flovify looks for them by itself "
        "once the folder is quieter than usual, and at once when you press Sync now.",
        "Deliver notifications again",
    ),
    "expire_subscription": Kind(
        "Expire the subscription",
        "Its time is up and Microsoft forgets it. Within a minute the renewal makes a new one and looks for what came "
        "in between; Renew now does it at once.",
        "Renew it now",
    ),
    "remove_subscription": Kind(
        "Remove the subscription at Microsoft",
        "Microsoft removes it and says so with a lifecycle notification. Flovify makes a new one within seconds.",
        "Make it anew now",
    ),
    "revoke_consent": Kind(
        "Revoke consent",
        "Microsoft refuses the account's tokens. It turns to Sign-in required, and its messages wait until somebody "
        "reconnects it.",
        "Allow it again",
    ),
    "poison_message": Kind(
        "Poison the next message",
        "Microsoft refuses to hand out the next message that is announced (400), in whichever way it is asked for. It "
        "becomes a dead letter within seconds, and a replay brings it in.",
        "Take the poison away",
    ),
    "graph_down": Kind(
        "Take Microsoft Graph down",
        "Every call of Graph is answered 503. Notifications are still taken in and wait in the queue; nothing becomes "
        "a dead letter.",
        "Bring Graph back",
        needs_account=False,
    ),
}
