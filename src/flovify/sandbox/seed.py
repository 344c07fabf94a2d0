"""The first mailboxes, with some days of believable mail."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime, make_msgid

from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.directory.service import Directory
from flovify.sandbox.mail.store import MailStore

MAILBOXES = (("sales@contoso.example", "Contoso Sales"), ("support@fabrikam.example", "Fabrikam Support"))
_SALES = (
    (
        "Mara Lind <mara.lind@northwind.example>",
        "Quote for 40 seats",
        "Could you send us a quote for 40 seats, billed yearly?",
    ),
    (
        "Jonas Weber <j.weber@tailspin.example>",
        "Re: Contract renewal",
        "Thanks, the renewal looks fine. We sign on Thursday.",
    ),
    (
        "Accounts <accounts@northwind.example>",
        "Purchase order 4500017",
        "Please find our purchase order number 4500017 below.",
    ),
    ("Ilse Bakker <ilse@proseware.example>", "Meeting on Tuesday?", "Would Tuesday at ten suit you for a first call?"),
    (
        "Events <hello@events.example>",
        "Your booth at the spring fair",
        "Your booth is number 12, hall B. Doors open at nine.",
    ),
    (
        "Mara Lind <mara.lind@northwind.example>",
        "Re: Quote for 40 seats",
        "One more question: is onboarding part of the price?",
    ),
)
_SUPPORT = (
    (
        "Omar Said <omar@wingtip.example>",
        "Cannot sign in since the update",
        "Since this morning I see a blank page after signing in.",
    ),
    (
        "Lea Martin <lea.martin@litware.example>",
        "Export stops at 80 %",
        "The export stops at 80 % with no message. What can I do?",
    ),
    (
        "Monitoring <alerts@fabrikam.example>",
        "Disk usage above 85 % on web-03",
        "web-03: disk usage is 86 %, was 71 % yesterday.",
    ),
    (
        "Omar Said <omar@wingtip.example>",
        "Re: Cannot sign in since the update",
        "It works again, thank you for the quick help!",
    ),
    (
        "Chen Yu <chen.yu@adatum.example>",
        "Invoice shows the wrong address",
        "Our invoice still shows the old address. Please correct it.",
    ),
)


def seed(directory: Directory, mail: MailStore, clock: SandboxClock) -> None:
    """Make the two mailboxes and their mail, unless they are there already."""
    for (address, name), letters in zip(MAILBOXES, (_SALES, _SUPPORT), strict=True):
        if directory.user_by_address(address) is not None:
            continue
        # The only one of its organisation, so it administers it: admin consent can be tried at once.
        directory.change_user(directory.add_user(address, name), administrator=True)
        for number, letter in enumerate(letters):
            at = clock.now() - timedelta(days=len(letters) - number, hours=2 * number, minutes=7 * number)
            mail.deliver(address, _letter(address, name, at, *letter), received_at=at)


def _letter(address: str, name: str, at: datetime, sender: str, subject: str, text: str) -> bytes:
    """All ASCII, so it is put together by hand: a reset makes these letters again, and EmailMessage takes its time."""
    domain = sender.rpartition("@")[2].rstrip(">")
    lines = (
        f"From: {sender}",
        f"To: {name} <{address}>",
        f"Subject: {subject}",
        f"Date: {format_datetime(at)}",
        f"Message-ID: {make_msgid(domain=domain)}",
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: 7bit",
        "",
        "Hello,",
        "",
        text,
        "",
        "Kind regards",
        sender.partition(" <")[0],
        "",
    )
    return "\r\n".join(lines).encode("ascii")
