"""What every client program here shares: its registration, a browser's part, a receiver of notifications, a mail.

The programs are told nothing but the proxy and the CA, by the variables every HTTP library knows.
"""

from __future__ import annotations

import datetime as dt
import email.message
import json
import os
import queue
import smtplib
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

import requests

WAIT_SECONDS = 20
ATTACHMENT = ("price list.csv", b"item;price\r\nbolt;0.10\r\n")


@dataclass(frozen=True)
class Registration:
    """One program's registration with the sandbox, and the mailbox it is to read."""

    client_id: str
    client_secret: str
    redirect_uri: str
    address: str

    def consent(self, authorize_url: str) -> str:
        """Do the browser's part: open the URL, be signed in as the mailbox's owner, return where it leads back to."""
        answer = requests.get(f"{authorize_url}&sandbox_auto={quote(self.address)}", allow_redirects=False, timeout=20)
        location = answer.headers.get("Location", "")
        if answer.status_code not in (302, 303) or not location.startswith(self.redirect_uri):
            raise RuntimeError(f"authorize answered {answer.status_code}: {answer.text[:500]}")
        return location


def registration() -> Registration:
    """Taken from the environment."""
    names = ("CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URI", "ADDRESS")
    return Registration(*(os.environ[f"PROGRAM_{name}"] for name in names))


def query_of(url: str) -> dict[str, str]:
    """The parameters of a redirect."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def in_hours(hours: int) -> dt.datetime:
    """A time ahead, in UTC and whole seconds."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(hours=hours)


def send_mail(address: str, subject: str) -> None:
    """Send a mail with one attachment to the mailbox by SMTP."""
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = "Ada Lovelace <ada@example.org>", address, subject
    message["Message-ID"] = f"<{abs(hash(subject))}@example.org>"
    message["Date"] = dt.datetime.now(dt.UTC)
    message.set_content("A mail for a client program.")
    message.add_attachment(ATTACHMENT[1], maintype="text", subtype="csv", filename=ATTACHMENT[0])
    with smtplib.SMTP("127.0.0.1", int(os.environ["PROGRAM_SMTP_PORT"]), "client.example.org", timeout=20) as smtp:
        smtp.send_message(message)


class Receiver:
    """A local endpoint for notifications; over https when PROGRAM_RECEIVER_PEM names a certificate."""

    def __init__(self, server: ThreadingHTTPServer, scheme: str) -> None:
        self.url = f"{scheme}://localhost:{server.server_address[1]}/notifications?program=1"
        self.validations: list[str] = []
        self._received: queue.Queue[dict[str, Any]] = queue.Queue()

    def put(self, body: dict[str, Any]) -> None:
        for item in body["value"]:
            self._received.put(item)

    def next(self) -> dict[str, Any]:
        """The next notification. Raises queue.Empty when none comes in time."""
        return self._received.get(timeout=WAIT_SECONDS)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a receiver until the block ends."""
    holder: list[Receiver] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            token = parse_qs(urlsplit(self.path).query).get("validationToken", [None])[0]
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if token is not None:
                holder[0].validations.append(token)
                self._answer(200, token.encode())
            else:
                holder[0].put(json.loads(body))
                self._answer(202, b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            del format, args

    pem = os.environ.get("PROGRAM_RECEIVER_PEM")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if pem:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        holder.append(Receiver(server, "https" if pem else "http"))
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield holder[0]
        finally:
            server.shutdown()


def report(**facts: object) -> None:
    """Say what was seen, for the test to judge."""
    json.dump(facts, sys.stdout, default=str)
