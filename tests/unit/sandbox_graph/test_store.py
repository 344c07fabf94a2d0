from __future__ import annotations

import time

import pytest

from flovify.sandbox.mail.models import Change, FolderNotFound, InvalidChange, MessageNotFound, UnknownMailbox
from tests.unit.sandbox_graph.fakes import OTHER, SALES, Bench, simple_mail


def changes(bench: Bench) -> list[Change]:
    seen: list[Change] = []
    bench.mail.listen(seen.append)
    return seen


def test_delivered_mail_lies_in_the_inbox_under_both_ids() -> None:
    bench = Bench()
    seen = changes(bench)
    message = bench.mail.deliver(SALES.upper(), simple_mail())
    mailbox = bench.mail.mailbox(message.user_id)
    assert mailbox.message(message.regular_id) is mailbox.message(message.immutable_id) is message
    assert message.regular_id.startswith("AAMk")
    assert message.immutable_id.startswith("AAkA")
    assert message.folder_id == mailbox.folder("Inbox").id
    assert [(one.kind, one.etag) for one in seen] == [("created", message.etag)]


def test_mail_to_nobody_is_refused() -> None:
    with pytest.raises(UnknownMailbox):
        Bench().mail.deliver("nobody@contoso.example", simple_mail())


def test_a_move_changes_the_regular_id_only() -> None:
    bench = Bench()
    message = bench.mail.deliver(SALES, simple_mail())
    seen = changes(bench)
    old_id, immutable, old_etag = message.regular_id, message.immutable_id, message.etag
    bench.mail.move(message, "archive")
    mailbox = bench.mail.mailbox(message.user_id)
    with pytest.raises(MessageNotFound):
        mailbox.message(old_id)
    assert mailbox.message(immutable) is mailbox.message(message.regular_id)
    assert message.etag != old_etag
    assert (seen[0].kind, seen[0].left_regular_id) == ("moved", old_id)
    assert seen[0].left_folder_id == mailbox.folder("inbox").id


def test_a_move_to_nowhere_changes_nothing() -> None:
    bench = Bench()
    message = bench.mail.deliver(SALES, simple_mail())
    before = message.etag
    with pytest.raises(FolderNotFound):
        bench.mail.move(message, "nowhere")
    assert message.etag == before


def test_a_bad_value_changes_nothing_at_all() -> None:
    bench = Bench()
    message = bench.mail.deliver(SALES, simple_mail())
    with pytest.raises(InvalidChange):
        bench.mail.update(message, {"isRead": True, "categories": "red"})
    assert not message.is_read


def test_deleted_mail_is_gone() -> None:
    bench = Bench()
    message = bench.mail.deliver(SALES, simple_mail())
    seen = changes(bench)
    bench.mail.delete(message)
    with pytest.raises(MessageNotFound):
        bench.mail.mailbox(message.user_id).message(message.immutable_id)
    assert [one.kind for one in seen] == ["deleted"]
    assert bench.restarted().mail.mailbox(message.user_id).newest_first() == []


def test_a_restart_keeps_everything() -> None:
    bench = Bench()
    first = bench.mail.deliver(SALES, simple_mail("one", "1"))
    second = bench.mail.deliver(SALES, simple_mail("two", "2"))
    bench.mail.update(first, {"isRead": True, "categories": ["red"], "flag": {"flagStatus": "flagged"}})
    bench.mail.move(second, "junkemail")
    again = bench.restarted().mail
    mailbox = again.mailbox(first.user_id)
    assert mailbox.message(first.regular_id) == first
    assert mailbox.message(second.immutable_id) == second
    assert again.source(second) == simple_mail("two", "2")
    assert again.content(first).subject == "one"


def test_etags_never_come_back() -> None:
    bench = Bench()
    message = bench.mail.deliver(SALES, simple_mail())
    seen = {message.etag}
    for number in range(50):
        bench.mail.update(message, {"isRead": number % 2 == 0})
        seen.add(message.etag)
    assert len(seen) == 51


def test_answers_share_the_conversation() -> None:
    bench = Bench()
    first = bench.mail.deliver(SALES, simple_mail("Hello", "root"))
    answer = bench.mail.deliver(
        SALES, b"Message-ID: <answer@x>\r\nIn-Reply-To: <root@example.com>\r\nSubject: Re: Hello\r\n\r\n"
    )
    second = bench.mail.deliver(SALES, b"Message-ID: <second@x>\r\nIn-Reply-To: <answer@x>\r\n\r\n")
    other = bench.mail.deliver(SALES, simple_mail("Hello", "elsewhere"))
    assert first.conversation_id == answer.conversation_id == second.conversation_id != other.conversation_id


def test_the_same_mail_in_two_mailboxes_is_two_messages() -> None:
    bench = Bench()
    first, second = bench.mail.deliver(SALES, simple_mail()), bench.mail.deliver(OTHER, simple_mail())
    assert first.user_id != second.user_id
    assert first.immutable_id != second.immutable_id
    with pytest.raises(MessageNotFound):
        bench.mail.mailbox(second.user_id).message(first.immutable_id)


def test_two_thousand_messages_arrive_fast() -> None:
    bench = Bench()
    started = time.process_time()
    for number in range(2000):
        bench.mail.deliver(SALES, simple_mail(str(number), str(number)))
    assert time.process_time() - started < 2000 / 300
