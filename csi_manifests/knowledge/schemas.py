"""The schemas of a release's kinds: read as far as they are needed, and what an object does not fit in them."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    import jsonschema_rs

Schema = dict[str, Any]
Type = tuple[str, str]
"""An apiVersion and a kind."""

_PACKAGE = Path(__file__).parent.parent
# A wheel brings the schemas inside the package; in a checkout they lie beside it.
SCHEMAS = next((folder for folder in (_PACKAGE / "schemas", _PACKAGE.parent / "schemas") if folder.is_dir()), _PACKAGE)
_KIND = re.compile(r'"x-kubernetes-group-version-kind":\[\{"group":"([^"]*)","kind":"(\w+)","version":"(\w+)"\}\]')
_REF = "#/definitions/"


class Misfit(NamedTuple):
    """A value that does not fit its schema."""

    path: tuple[str | int, ...]
    keyword: str
    """The keyword of JSON Schema that it breaks, such as ``type`` or ``additionalProperties``."""
    wanted: Any
    """What the keyword asks for: types, the name of a missing field; or the names of the fields that are too many."""
    message: str
    """The schema engine's own words, which do not show the value."""


class Schemas:
    """The schemas of one release, and of the custom resources of a setup, by their OpenAPI names."""

    def __init__(self, release: str) -> None:
        """Read what kinds there are. ``definitions.json`` has a definition a line, and most are never asked for."""
        self.release = release
        self._validated: set[str] = set()
        self._engine: jsonschema_rs.Draft202012Validator | None = None
        self._parsed: dict[str, Schema] = dict(_custom())
        rows = (SCHEMAS / f"v{release}" / "definitions.json").read_text("utf-8").split("\n")
        self._lines = {name[1:-1]: line for name, _, line in (row.partition(":") for row in rows if row[:1] == '"')}
        self._names: dict[Type, str] = {}
        for name, line in self._lines.items():
            if found := _KIND.search(line):
                self._names[f"{found[1]}/{found[3]}".lstrip("/"), found[2]] = name
        for name, schema in self._parsed.items():
            for kind in schema.get("x-kubernetes-group-version-kind", ()):
                self._names[f"{kind['group']}/{kind['version']}", kind["kind"]] = name

    def __contains__(self, found: Type) -> bool:
        """Return whether there is a schema for a kind, as (apiVersion, kind)."""
        return found in self._names

    def definition(self, name: str) -> Schema:
        """Return a definition by its OpenAPI name."""
        if name not in self._parsed:
            self._parsed[name] = json.loads(self._lines[name].rstrip(","))
        return self._parsed[name]

    def definitions(self) -> dict[str, Schema]:
        """Return all definitions."""
        return {name: self.definition(name) for name in (*self._lines, *_custom())}

    def fields_at(self, kind: Type, path: tuple[str | int, ...]) -> list[str]:
        """Return the fields that an object of a kind may have at a place; none where any, or none, are allowed."""
        name = self._names.get(kind)
        schema: Schema = self.definition(name) if name else {}
        for step in path:
            schema = self._resolved(schema)
            below = schema.get("items") if isinstance(step, int) else schema.get("properties", {}).get(step)
            schema = below or schema.get("additionalProperties") or {}
        return list(self._resolved(schema).get("properties", ()))

    def misfits(self, content: dict[str, Any], kinds: frozenset[Type]) -> Iterator[Misfit]:
        """Say where an object does not fit the schema of its kind; nothing, if there is none.

        ``kinds`` are those for which a validator is made, which takes longer than to use it: all that will be asked for.
        """
        name = self._names.get((content["apiVersion"], content["kind"]))
        if name is None:
            return
        validator = self._validator({self._names[kind] for kind in kinds if kind in self._names})
        if validator.is_valid({name: content}):
            return
        for error in validator.iter_errors({name: content}):
            yield Misfit(tuple(error.instance_path[1:]), error.kind.name, error.kind.value, error.message)

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self.definition(schema["$ref"].removeprefix(_REF))
        return schema

    def _validator(self, names: set[str]) -> jsonschema_rs.Draft202012Validator:
        """Return a validator for these kinds, and for those that were asked for before."""
        if self._engine is None or not names <= self._validated:
            self._validated |= names
            self._engine = self._built(self._validated)
        return self._engine

    def _built(self, names: set[str]) -> jsonschema_rs.Draft202012Validator:
        import jsonschema_rs  # noqa: PLC0415  (20 ms that reading a setup does not need)

        reached: dict[str, Schema] = {}
        ahead = list(names)
        while ahead:
            name = ahead.pop()
            if name not in reached:
                reached[name] = self.definition(name)
                ahead += _references(reached[name])
        # One validator for all kinds is built in a tenth of the time that one for each would take.
        kinds = {name: {"$ref": f"{_REF}{name}"} for name in names}
        schema = {"definitions": reached, "properties": kinds}
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, mask="the value")


@cache
def _custom() -> dict[str, Schema]:
    """Return the schemas of the custom resources of a setup, which no release of Kubernetes publishes."""
    files = sorted((SCHEMAS / "crds").glob("*.json"))
    return {name: schema for file in files for name, schema in json.loads(file.read_bytes())["definitions"].items()}


def _references(schema: Schema) -> set[str]:
    """Return the names of the definitions that a schema refers to, those not followed."""
    own = {schema["$ref"].removeprefix(_REF)} if "$ref" in schema else set[str]()
    # A field may be called $ref (JSONSchemaProps has one): only keywords are looked at, and a false one says nothing.
    nested = [schema[keyword] for keyword in ("additionalProperties", "items", "then") if schema.get(keyword)]
    return own.union(*map(_references, [*nested, *schema.get("properties", {}).values()]))
