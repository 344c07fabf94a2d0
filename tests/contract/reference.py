"""Microsoft's description of Graph (OpenAPI 3.0) as JSON Schema, and its sample bodies.

Stricter than the description itself: a property that it does not know is an error, so that a misspelled one is found.
Annotations (`@odata.…`) are allowed everywhere, as OData does.
"""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any

import yaml

from tests.support.json_schema import jsonschema

FOLDER = Path(os.environ.get("GRAPH_REFERENCE") or Path(__file__).parents[3] / "shared" / "graph")
AVAILABLE = (FOLDER / "openapi.yaml").exists()
_PREFIX = "#/components/"
_ANNOTATIONS: dict[str, Any] = {"@": {}}
# Microsoft's reference pages show these in samples; the v1.0 metadata the description is made from lacks them.
_ONLY_ON_PAGES = {"subscription": {"notificationContentType": {"type": ["string", "null"]}}}


@functools.cache
def description() -> dict[str, Any]:
    """The whole OpenAPI document."""
    loaded: dict[str, Any] = yaml.load((FOLDER / "openapi.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    return loaded


def operations() -> list[tuple[str, str]]:
    """(method, path template) of all that is described."""
    methods = ("get", "post", "patch", "delete")
    return [
        (method.upper(), path) for path, item in description()["paths"].items() for method in methods if method in item
    ]


def problems(method: str, path: str, status: int, body: object) -> list[str]:
    """What is wrong with an answer: one line each, with the place; empty when it is as described.

    Raises KeyError when the description has no such operation or no such status.
    """
    responses = description()["paths"][path][method.lower()]["responses"]
    response = _resolve(responses.get(str(status)) or responses[f"{status // 100}XX"])
    content = response.get("content", {}).get("application/json")
    if content is None:
        return [] if body is None else [f"a body where none is described: {body!r:.100}"]
    return schema_problems(content["schema"], body)


def is_binary(method: str, path: str, status: int) -> bool:
    """Whether an operation is described as answering raw bytes; of what type they are, the item decides."""
    content = description()["paths"][path][method.lower()]["responses"][str(status)]["content"]
    return any(item["schema"].get("format") == "binary" for item in content.values())


def schema_problems(schema: dict[str, Any], body: object) -> list[str]:
    """The same for a body and one schema of the description."""
    root = {"$schema": jsonschema.Draft202012Validator.META_SCHEMA["$id"], **_convert(schema), "$defs": _definitions()}
    validator = jsonschema.Draft202012Validator(root, format_checker=jsonschema.FormatChecker())
    return [f"{error.json_path}: {error.message:.300}" for error in validator.iter_errors(body)]


@functools.cache
def samples() -> dict[str, Any]:
    """Microsoft's own sample bodies (documented or observed, not made up), by name."""
    index = json.loads((FOLDER / "payloads" / "index.json").read_text())["files"]
    real = (item["file"] for item in index if item["kind"].startswith(("documented", "observed")))
    return {name.removesuffix(".json"): json.loads((FOLDER / "payloads" / name).read_text()) for name in real}


@functools.cache
def _definitions() -> dict[str, Any]:
    return {
        _key(name): _convert({"$ref": f"{_PREFIX}schemas/{name}"}, follow=True)
        for name in description()["components"]["schemas"]
    }


def _resolve(item: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in item:
        found: Any = description()
        for part in item["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        item = found
    return item


def _key(name: str) -> str:
    return name.replace(".", "_")


def _convert(schema: dict[str, Any], *, follow: bool = False) -> dict[str, Any]:
    """One OpenAPI 3.0 schema in JSON Schema 2020-12; references lead to `$defs`."""
    if "$ref" in schema and not follow:
        return {"$ref": f"#/$defs/{_key(schema['$ref'].rpartition('/')[2])}"}
    schema = _flat(schema)
    if derived := schema.get("x-derived-types"):
        choices = [{"if": _named(name), "then": _derived(name)} for name in derived]
        return {
            "allOf": [*choices, {"if": {"not": {"anyOf": [_named(name) for name in derived]}}, "then": _object(schema)}]
        }
    if "anyOf" in schema:
        return {"anyOf": [_convert(item) for item in schema["anyOf"]]}
    if schema == {"type": "object", "nullable": True}:
        # Beside a reference this is how the description says "or null".
        return {"type": "null"}
    if schema.get("type") == "object" or "properties" in schema:
        return _object(schema)
    kept: dict[str, Any] = {key: schema[key] for key in ("type", "format", "pattern", "enum") if key in schema}
    if "items" in schema:
        kept["items"] = _convert(schema["items"])
    if schema.get("nullable") and "type" in kept:
        kept["type"] = [kept["type"], "null"]
    return kept


def _flat(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with what it inherits (`allOf`) taken in, and `x-derived-types` of its own only."""
    schema = _resolve(schema)
    if "allOf" not in schema:
        return schema
    flat: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
    for part in schema["allOf"]:
        inherited = _flat(part)
        flat["properties"] |= inherited.get("properties", {})
        flat["properties"] |= _ONLY_ON_PAGES.get(part.get("title", ""), {})
        flat["required"] += inherited.get("required", [])
        if "$ref" not in part and "x-derived-types" in part:
            flat["x-derived-types"] = part["x-derived-types"]
    return flat


def _object(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": ["object", "null"] if schema.get("nullable") else "object",
        "properties": {name: _convert(item) for name, item in schema.get("properties", {}).items()},
        "patternProperties": _ANNOTATIONS,
        "required": schema.get("required", []),
        "additionalProperties": schema.get("additionalProperties", False),
    }


def _named(name: str) -> dict[str, Any]:
    return {"type": "object", "properties": {"@odata.type": {"const": f"#{name}"}}, "required": ["@odata.type"]}


def _derived(name: str) -> dict[str, Any]:
    return _object(_flat({"$ref": f"{_PREFIX}schemas/{name}"}))
