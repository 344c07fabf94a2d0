from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from flovify.common.settings import SettingError
from flovify.sandbox.journal import Journal


class Thing(msgspec.Struct):
    name: str


class Other(msgspec.Struct):
    count: int


def _names(journal: Journal) -> list[str]:
    return [thing.name for thing in journal.load("thing", Thing)]


def test_values_come_back_in_the_order_of_their_first_put(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.sqlite3"
    journal = Journal(path)
    for key, name in (("b", "one"), ("a", "two"), ("c", "three"), ("b", "one again")):
        journal.put("thing", key, Thing(name))
    journal.put("other kind", "a", Thing("elsewhere"))
    journal.delete("thing", "c")
    journal.delete("thing", "never there")
    assert _names(journal) == ["one again", "two"]
    again = Journal(path)
    assert _names(again) == ["one again", "two"]
    again.close()
    journal.close()


def test_another_process_sees_a_value_as_soon_as_it_was_put(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "state.sqlite3")
    journal.put("thing", "a", Thing("one"))
    journal.put_blob("b", b"\x00bytes")
    other = Journal(tmp_path / "state.sqlite3")
    assert _names(other) == ["one"]
    assert other.get_blob("b") == b"\x00bytes"
    other.close()
    journal.close()


def _break(journal: Journal) -> None:
    with journal.together():
        journal.put("thing", "b", Thing(str(0)))
        with journal.together():
            journal.delete("thing", "a")
        journal.put("thing", "c", Thing(str(1 / 0)))


def test_a_block_is_kept_whole_or_not_at_all() -> None:
    journal = Journal(None)
    with journal.together(), journal.together():
        journal.put("thing", "a", Thing("kept"))
    with pytest.raises(ZeroDivisionError):
        _break(journal)
    assert _names(journal) == ["kept"]


def test_clearing_forgets_all_but_the_named_blobs() -> None:
    journal = Journal(None)
    journal.put("thing", "a", Thing("one"))
    journal.put_blob("keep", b"k")
    journal.put_blob("drop", b"d")
    journal.clear(keep_blobs=["keep"])
    assert _names(journal) == []
    assert journal.get_blob("keep") == b"k"
    with pytest.raises(KeyError):
        journal.get_blob("drop")


def test_state_of_another_shape_is_refused_with_the_file_named(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    journal = Journal(path)
    journal.put("thing", "a", Other(1))
    with pytest.raises(SettingError, match=r"FLOVIFY_DATA_DIR.*state\.sqlite3"):
        journal.load("thing", Thing)
    journal.close()


def test_a_folder_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingError, match="FLOVIFY_DATA_DIR"):
        Journal(tmp_path / "file" / "state.sqlite3")
