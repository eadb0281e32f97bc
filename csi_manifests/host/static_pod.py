"""Merge feature gates into the static pod of kube-apiserver: one line replaced or inserted, every other byte kept.

The text is never written anew: a value is found by its marks, and the characters between them are replaced. What comes
out is read again, and must be what went in with nothing but the one flag changed.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from csi_manifests.bundle.objects import is_object, objects
from csi_manifests.errors import CsiManifestsError, InputError
from csi_manifests.host.gates import flag_value, problem_with
from csi_manifests.knowledge.gates import (
    FLAG,
    HYPERKUBE,
    entries_of,
    entry_of,
    flag_values,
    program_of,
    started,
    word_of,
)
from csi_manifests.knowledge.versions import minor_of
from csi_manifests.text.images import image_reference
from csi_manifests.text.places import Location
from csi_manifests.text.plain_data import is_mapping, items, mapping
from csi_manifests.text.words import short
from csi_manifests.yaml.events import decode
from csi_manifests.yaml.reader import documents, locate
from csi_manifests.yaml.splices import Scalar, after_item, before_item, quoted, scalars

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from csi_manifests.knowledge.releases import Release
    from csi_manifests.yaml.reader import Origin, Path
    from csi_manifests.yaml.splices import Splice

PROGRAM: Final = "kube-apiserver"
_UTF16: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_UTF8_MARK: Final = b"\xef\xbb\xbf"


class GateInFileError(CsiManifestsError):
    """The manifest is one, and its gates are such that kube-apiserver would not start."""

    exit_code = 1


class Patched(NamedTuple):
    """A manifest with the gates in it, and what was done to it, in words."""

    data: bytes
    notes: tuple[str, ...]


class _Argument(NamedTuple):
    """An item of ``command`` or ``args``."""

    path: Path
    text: str


class _Server(NamedTuple):
    """The container that runs kube-apiserver: its program, if the manifest names it, and the arguments after that."""

    origin: Origin
    content: Any
    program: _Argument | None
    arguments: tuple[_Argument, ...]


def patch(data: bytes, name: str, gates: Mapping[str, bool], release: Release) -> Patched:
    """Merge gates into a manifest's ``--feature-gates``, or add that flag.

    kube-apiserver takes the flag several times and merges what it says, later over earlier: so is it read here, and what
    is missing goes to the last one.

    Raises:
        InputError: if it is not YAML, not one Pod with kube-apiserver, or written in a way that no line can be changed.
        GateInFileError: if a gate in it is unknown to the release or locked, or the server in it is of another release.

    """
    source = decode(data, name)
    server = _server(list(_pods(name, data)), name)
    _check_release(server, release)
    flags = list(_flags(server))
    effective = _effective(flags, server, release)
    missing = {gate: value for gate, value in gates.items() if gate not in effective}
    wrong = {gate for gate, value in gates.items() if effective.get(gate, value) != value}
    notes = tuple(
        f"{gate} changed from {word_of(not value)} to {word_of(value)}"
        if gate in wrong
        else f"{gate}={word_of(value)} added"
        for gate, value in gates.items()
        if gate in wrong or gate in missing
    )
    if not notes:
        return Patched(data, ())
    marks = scalars(source)[server.origin.document]
    if flags:
        edits = list(_edited(flags, missing, {gate: gates[gate] for gate in wrong}))
        splices = [_replacement(marks, server, argument, text) for argument, text in edits]
        wanted = _with(server, edits)
    else:
        flag = f"{FLAG}={flag_value(missing)}"
        splices = [_insertion(source.text, marks, server, flag)]
        wanted = _with_new(server, flag)
    text = source.text
    for start, end, new in sorted(splices, reverse=True):
        text = text[:start] + new + text[end:]
    result = _encode(text, data)
    _prove(result, data, name, server, wanted)
    return Patched(result, notes)


def _encode(text: str, like: bytes) -> bytes:
    encoding = _UTF16.get(like[:2])
    if encoding is not None:
        return like[:2] + text.encode(encoding)
    return (_UTF8_MARK if like.startswith(_UTF8_MARK) else b"") + text.encode()


def _pods(name: str, data: bytes) -> Iterator[tuple[Origin, Any]]:
    for document in documents(decode(data, name)):
        for problem in document.problems:
            raise InputError(f"{problem.location}: {problem.message}. {problem.fix}")
        for content, origin in objects(document):
            if not is_object(content):
                what = short(content)
                raise InputError(
                    f"{Location(name, origin.line, 1)}: {what} is not a Pod. Give the manifest of {PROGRAM}."
                )
            if (content["apiVersion"], content["kind"]) != ("v1", "Pod"):
                where = locate(origin, ("kind",))
                said = f"{content['apiVersion']} {content['kind']}"
                raise InputError(f"{where}: is a {said}, not a v1 Pod. Give the manifest of {PROGRAM}'s static pod.")
            yield origin, content


def _server(pods: Sequence[tuple[Origin, Any]], name: str) -> _Server:
    """Find the one container that runs kube-apiserver.

    Raises:
        InputError: if there is none, or more than one.

    """
    if not pods:
        raise InputError(f"{name}: holds no objects. Give the manifest of {PROGRAM}'s static pod.")
    found: list[tuple[_Server, Location]] = []
    others: list[str] = []
    for origin, content in pods:
        for number, container in enumerate(_containers(content)):
            base: Path = ("spec", "containers", number)
            server = _as_server(origin, content, base, container)
            if server is None:
                others.append(str(container.get("name")))
            else:
                found.append((server, locate(origin, (*base, "name"))))
    if not found:
        there = f"it has: {', '.join(others)}" if others else "it has none"
        raise InputError(
            f"{locate(pods[0][0], ('spec', 'containers'))}: no container runs {PROGRAM} ({there}). "
            "Give the manifest that the API server is started from."
        )
    if len(found) > 1:
        places = ", ".join(f"line {place.line}" for _, place in found)
        raise InputError(f"{found[1][1]}: {len(found)} containers run {PROGRAM} ({places}). Give a manifest with one.")
    return found[0][0]


def _containers(content: Any) -> list[dict[str, Any]]:
    return [each for each in items(mapping(content.get("spec")).get("containers")) if is_mapping(each)]


def _as_server(origin: Origin, content: Any, base: Path, container: dict[str, Any]) -> _Server | None:
    """Take a container for kube-apiserver's if its command names that, or it has none and its image is that."""
    line = [
        _Argument((*base, key, number), str(item))
        for key in ("command", "args")
        for number, item in enumerate(items(container.get(key)))
    ]
    image = str(container.get("image") or "")
    found = started([argument.text for argument in line], image)
    if found is None or found.component != PROGRAM:
        return None
    if found.program is not None:
        return _Server(origin, content, line[found.program], tuple(line[found.program + 1 :]))
    if found.by == "script" or container.get("command") or not line:
        key = "command" if container.get("command") else "image"
        why = "within another program, such as a shell" if line else "without any flags"
        raise InputError(
            f"{locate(origin, (*base, key))}: {PROGRAM} is started {why}, and no item of a list is its flag. "
            f"Add {FLAG} by hand."
        )
    return _Server(origin, content, None, tuple(line))


def _check_release(server: _Server, release: Release) -> None:
    """Refuse a server of another release: it may not know these gates, and would not start again.

    Raises:
        GateInFileError: if the tag of its image says so.

    """
    where = server.arguments[0].path if server.program is None else server.program.path
    number = cast("int", where[2])
    image = str(_containers(server.content)[number].get("image") or "")
    of = minor_of(image_reference(image).tag)
    if program_of(image) in (PROGRAM, HYPERKUBE) and of and of != release.version:
        place = locate(server.origin, (*where[:3], "image"))
        raise GateInFileError(
            f"{place}: the image is {image}, and the gates are those of Kubernetes {release.version}: "
            "a server that does not know one of them does not start. Give its release with --kubernetes."
        )


def _flags(server: _Server) -> Iterator[tuple[_Argument, str]]:
    """Return each item that holds gates, and what of it comes before them.

    Raises:
        GateInFileError: if the flag is the last item, with no value.

    """
    for number, start in flag_values([argument.text for argument in server.arguments]):
        if number == len(server.arguments):
            last = server.arguments[-1]
            raise GateInFileError(
                f"{locate(server.origin, last.path)}: {last.text} has no value, and {PROGRAM} does not start so. "
                "Give it one, or remove it."
            )
        yield server.arguments[number], server.arguments[number].text[:start]


def _effective(flags: Sequence[tuple[_Argument, str]], server: _Server, release: Release) -> dict[str, bool]:
    """Return the gates that the server has from all its flags.

    Raises:
        GateInFileError: if the server would not start with one of them.

    """
    gates: dict[str, bool] = {}
    for argument, prefix in flags:
        where = locate(server.origin, argument.path)
        for entry in entries_of(argument.text[len(prefix) :]):
            gate, value = entry.name, entry.value
            if value is None:
                said = gate if entry.word is None else f"{gate}={entry.word}"
                raise GateInFileError(
                    f"{where}: {FLAG} has {said!r}, which is not a gate with true or false. Write {gate}=true."
                )
            problem = problem_with(release, gate, value=value)
            if problem:
                raise GateInFileError(f"{where}: {FLAG} has {gate}: {problem}")
            gates[gate] = value
    return gates


def _edited(
    flags: Sequence[tuple[_Argument, str]], missing: Mapping[str, bool], wrong: Mapping[str, bool]
) -> Iterator[tuple[_Argument, str]]:
    """Return the items that change, with their new text: each wrong gate where it counts, what is missing at the end."""
    left = dict(wrong)
    for place, (argument, prefix) in reversed(list(enumerate(flags))):
        parts = argument.text[len(prefix) :].split(",")
        for number, part in reversed(list(enumerate(parts))):
            entry = entry_of(part)
            value = left.pop(entry.name, None)
            if value is not None and entry.word is not None:
                gate, _, word = part.partition("=")
                parts[number] = f"{gate}={word.replace(entry.word, word_of(value))}"
        if missing and place == len(flags) - 1:
            added = flag_value(missing)
            parts = [*parts[:-1], added] if parts[-1] == "" else [*parts, added]
        text = prefix + ",".join(parts)
        if text != argument.text:
            yield argument, text


def _replacement(marks: Mapping[Path, Scalar], server: _Server, argument: _Argument, text: str) -> Splice:
    """Return what makes another text of an item."""
    scalar = _plain(marks, server, argument)
    return scalar.start, scalar.end, quoted(text, scalar)


def _insertion(text: str, marks: Mapping[Path, Scalar], server: _Server, flag: str) -> Splice:
    """Return what inserts a flag right after the program, where no other flag can still wait for its value."""
    if server.program is None:
        return before_item(text, _plain(marks, server, server.arguments[0]), flag)
    path = server.program.path
    following = marks.get((*server.origin.base, *path[:-1], cast("int", path[-1]) + 1))
    return after_item(text, _plain(marks, server, server.program), following, flag)


def _plain(marks: Mapping[Path, Scalar], server: _Server, argument: _Argument) -> Scalar:
    """Return the place of an item.

    Raises:
        InputError: if it does not stand on one line.

    """
    scalar = marks.get(server.origin.base + argument.path)
    if scalar is None or not scalar.replaceable:
        raise InputError(
            f"{locate(server.origin, argument.path)}: this item is not written plainly on one line (it is an alias, has a "
            f"tag or an anchor, or is a text of several lines), so {FLAG} cannot be changed or put beside it. Write it so."
        )
    return scalar


def _with(server: _Server, edits: Sequence[tuple[_Argument, str]]) -> Any:
    content = deepcopy(server.content)
    for argument, text in edits:
        _list_of(content, argument)[cast("int", argument.path[-1])] = text
    return content


def _with_new(server: _Server, flag: str) -> Any:
    content = deepcopy(server.content)
    if server.program is None:
        _list_of(content, server.arguments[0]).insert(0, flag)
    else:
        _list_of(content, server.program).insert(cast("int", server.program.path[-1]) + 1, flag)
    return content


def _list_of(content: Any, argument: _Argument) -> list[Any]:
    for step in argument.path[:-1]:
        content = content[step]
    return cast("list[Any]", content)


def _prove(result: bytes, data: bytes, name: str, server: _Server, wanted: Any) -> None:
    """Read what was made, and see that the one pod has the flag and all else is as before.

    Raises:
        InputError: if not: the text does something that was not foreseen here.

    """
    before = [wanted if content == server.content else content for _, content in _pods(name, data)]
    try:
        after = [content for _, content in _pods(name, result)]
    except InputError:
        after = []
    if after != before:
        where = locate(server.origin, (server.program or server.arguments[0]).path)
        raise InputError(f"{where}: {FLAG} cannot be changed here without changing something else. Change it by hand.")
