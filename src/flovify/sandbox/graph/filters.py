"""The part of OData's $filter that mail clients use: comparisons, and/or/not, parentheses, three text functions.

A filter is compiled once and asked for each message; properties are read by path through the message as Graph shows it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flovify.sandbox.graph.errors import GraphError, bad_request

Read = Callable[[str], Any]
Test = Callable[[Read], bool]
MAX_CHARACTERS = 4000
_MAX_DEPTH = 40
_TOKEN = re.compile(
    r"\s*(?:(?P<open>\()|(?P<close>\))|(?P<comma>,)|(?P<string>'(?:[^']|'')*')"
    r"|(?P<time>\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+-]\d\d:\d\d)?)?)"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_@][\w/.@]*))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": str.__contains__,
}


@dataclass(frozen=True)
class Filter:
    """`properties` are the property paths in the order they first occur."""

    matches: Test
    properties: list[str]


def compile_filter(text: str) -> Filter:
    """Raises GraphError 400 for what it cannot read."""
    if len(text) > MAX_CHARACTERS:
        raise bad_request("The filter is too long.")
    parser = _Parser(text)
    test = parser.either(0)
    parser.end()
    return Filter(test, list(dict.fromkeys(parser.properties)))


def comparable(value: Any) -> Any:
    """A value as filters compare it: text without case, times as moments."""
    if isinstance(value, str):
        moment = _moment(value) if len(value) >= 10 and value[4:5] == "-" else None
        return moment or value.lower()
    return value


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split(text)
        self._at = 0
        self.properties: list[str] = []

    def _split(self, text: str) -> list[tuple[str, str]]:
        tokens, at = [], 0
        text = text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if not found or found.lastgroup is None:
                raise self._invalid()
            tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
        return tokens

    def _invalid(self) -> GraphError:
        return bad_request(f"Invalid filter clause: '{self._text}'.")

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise self._invalid()
        self._at += 1
        return self._tokens[self._at - 1]

    def _skip_word(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("word", word):
            self._at += 1
            return True
        return False

    def _expect(self, kind: str) -> str:
        found, value = self._next()
        if found != kind:
            raise self._invalid()
        return value

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise self._invalid()

    def either(self, depth: int) -> Test:
        tests = [self._both(depth)]
        while self._skip_word("or"):
            tests.append(self._both(depth))
        return tests[0] if len(tests) == 1 else lambda read: any(test(read) for test in tests)

    def _both(self, depth: int) -> Test:
        tests = [self._one(depth)]
        while self._skip_word("and"):
            tests.append(self._one(depth))
        return tests[0] if len(tests) == 1 else lambda read: all(test(read) for test in tests)

    def _one(self, depth: int) -> Test:
        if depth > _MAX_DEPTH:
            raise self._invalid()
        if self._skip_word("not"):
            negated = self._one(depth + 1)
            return lambda read: not negated(read)
        kind, value = self._next()
        if kind == "open":
            inner = self.either(depth + 1)
            self._expect("close")
            return inner
        if kind != "word":
            raise self._invalid()
        return self._function(value) if value.lower() in _FUNCTIONS else self._comparison(value)

    def _function(self, name: str) -> Test:
        self._expect("open")
        path = self._expect("word")
        self._expect("comma")
        wanted = _unquoted(self._expect("string")).lower()
        self._expect("close")
        self.properties.append(path)
        holds = _FUNCTIONS[name.lower()]
        return lambda read: isinstance(value := read(path), str) and holds(value.lower(), wanted)

    def _comparison(self, path: str) -> Test:
        compare = _COMPARE.get(self._expect("word"))
        if compare is None:
            raise self._invalid()
        wanted = self._literal()
        self.properties.append(path)

        def test(read: Read) -> bool:
            value = comparable(read(path))
            if type(value) is not type(wanted):
                return compare is operator.ne
            return compare(value, wanted)

        return test

    def _literal(self) -> Any:
        kind, value = self._next()
        if kind == "string":
            return comparable(_unquoted(value))
        if kind == "time" and (moment := _moment(value)):
            return moment
        if kind == "number":
            return int(value) if "." not in value else float(value)
        if kind == "word" and value.lower() in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[value.lower()]
        raise self._invalid()


def _unquoted(literal: str) -> str:
    return literal[1:-1].replace("''", "'")


def _moment(text: str) -> datetime | None:
    """A date or time; without a zone it is UTC. More digits than microseconds are cut off."""
    shortened = re.sub(r"(\.\d{6})\d+", r"\1", text)
    try:
        moment = datetime.fromisoformat(shortened)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
