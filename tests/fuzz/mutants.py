"""Objects with one thing wrong, and texts with a few: the same for the same seed, on any machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from csi_manifests.text.plain_data import is_list, is_mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from random import Random

    from csi_manifests.text.pointers import Path


_WORDS = (
    "",
    " ",
    "yes",
    "delete",
    "Nonsense",
    "UPPER",
    "a/b",
    "-a",
    "a-",
    "a..b",
    "é",
    "²",
    "\0",
    "\u202e",
    "{{ .a }}",
    "$(A)",
)
_LONG = ("a" * 64, "a" * 254, "a" * 5000, "1" * 400, "a/" * 200, "9" * 20 + "Gi", "$(" * 300)
_NUMBERS = (0, -1, 1, 65536, 2**31, 2**63, 2**64, -(2**63) - 1, 10**30, 0.5, -0.0, 1e300)
_OTHERS: tuple[Any, ...] = (None, True, False, 7, 1.5, "text", "7", [], {}, [None], [[]], {"": None}, {"a": {"b": []}})


class Mutant(NamedTuple):
    """An object that was changed, and what was done to it."""

    content: Any
    change: str


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Return the path of everything in a value but the value itself."""
    for step, below in _entries(value):
        yield (*path, step)
        yield from paths(below, (*path, step))


def _entries(value: Any) -> Iterable[tuple[Any, Any]]:
    return value.items() if is_mapping(value) else enumerate(value) if is_list(value) else ()


class Mutator:
    """Gives mutants of some objects for ever."""

    def __init__(self, objects: Sequence[dict[str, Any]], random: Random) -> None:
        self.objects = objects
        self.random = random
        self._paths = [list(paths(each)) for each in objects]
        self._changes: tuple[Callable[[Any, str | int], None], ...] = (
            self.drop, self.rename, self.replace, self.nest, self.unnest, self.repeat, self.null, self.enlarge, self.count,
            self.misspell, self.quote, self.invent, self.transplant, self.swap, self.flatten, self.empty,
        )  # fmt: skip

    def __iter__(self) -> Iterator[Mutant]:
        """Return one mutant after the other."""
        while True:
            yield self.one()

    def one(self) -> Mutant:
        """Change one thing; now and then a second and a third."""
        number = self.random.randrange(len(self.objects))
        content: Any = self.objects[number]
        changes: list[str] = []
        for _ in range(self.random.choice((1, 1, 1, 1, 1, 2, 3))):
            known = self._paths[number] if not changes else list(paths(content))
            if not known:
                break
            path = self.random.choice(known)
            change = self.random.choice(self._changes)
            content, parent = _copied(content, path)
            change(parent, path[-1])
            changes.append(f"{change.__name__} {'/'.join(map(str, path))}")
        return Mutant(content, f"{self.objects[number]['kind']}: {', '.join(changes)}")

    def drop(self, parent: Any, step: Any) -> None:
        """Leave it out."""
        del parent[step]

    def rename(self, parent: Any, step: Any) -> None:
        """Return it another key in the same place, or another place."""
        if is_list(parent):
            parent.insert(self.random.randrange(len(parent)), parent.pop(step))
            return
        key = str(step)
        new = self.random.choice(
            (
                key.upper(),
                key.capitalize(),
                key.lower(),
                key + "s",
                key[:-1],
                key[::-1],
                f"x-{key}",
                "name",
                "spec",
                "²",
                "~/",
            )
        )
        items = [(new if each == step else each, value) for each, value in parent.items()]
        parent.clear()
        parent.update(items)

    def replace(self, parent: Any, step: Any) -> None:
        """Put something of another type there."""
        parent[step] = self.random.choice(_OTHERS)

    def nest(self, parent: Any, step: Any) -> None:
        """Put it one level or many deeper."""
        for _ in range(self.random.choice((1, 1, 1, 2, 30))):
            parent[step] = [parent[step]] if self.random.random() < 0.5 else {str(step): parent[step]}

    def unnest(self, parent: Any, step: Any) -> None:
        """Put a part of it in its place."""
        value = parent[step]
        inner = list(value.values()) if is_mapping(value) else value if is_list(value) else []
        parent[step] = self.random.choice(inner) if inner else value

    def repeat(self, parent: Any, step: Any) -> None:
        """Have it twice."""
        if is_list(parent):
            parent.insert(step, parent[step])
        else:
            parent[f"{step}2"] = parent[step]

    def null(self, parent: Any, step: Any) -> None:
        """Make it null."""
        parent[step] = None

    def empty(self, parent: Any, step: Any) -> None:
        """Make it an empty one of its kind."""
        parent[step] = type(parent[step])() if parent[step] is not None else ""

    def enlarge(self, parent: Any, step: Any) -> None:
        """Make it a text that is too long."""
        parent[step] = self.random.choice(_LONG)

    def count(self, parent: Any, step: Any) -> None:
        """Make it a number that is odd for somebody."""
        parent[step] = self.random.choice(_NUMBERS)

    def misspell(self, parent: Any, step: Any) -> None:
        """Make it a word that is not allowed, or nearly the one that was."""
        value = parent[step]
        near = (
            (value.lower(), value.upper(), value + " ", value[:-1], value + "\n")
            if isinstance(value, str) and value
            else ()
        )
        parent[step] = self.random.choice((*_WORDS, *near))

    def quote(self, parent: Any, step: Any) -> None:
        """Make a text of a number or word, and the other way round."""
        value = parent[step]
        parent[step] = int(value) if isinstance(value, str) and value.isdecimal() else str(value)

    def invent(self, parent: Any, step: Any) -> None:
        """Add what nobody knows."""
        if is_list(parent):
            parent.insert(step, self.random.choice(_OTHERS))
        else:
            parent[self.random.choice(("unknown", "name", "kind", "apiVersion", "metadata", "items", "a/b~c", ""))] = (
                "text"
            )

    def transplant(self, parent: Any, step: Any) -> None:
        """Put a part of another object there."""
        number = self.random.randrange(len(self.objects))
        value: Any = self.objects[number]
        for each in self.random.choice(self._paths[number]):
            value = value[each]
        parent[step] = value

    def swap(self, parent: Any, step: Any) -> None:
        """Change places with a neighbour."""
        other: Any = self.random.choice([step for step, _ in _entries(parent)])
        parent[step], parent[other] = parent[other], parent[step]

    def flatten(self, parent: Any, step: Any) -> None:
        """Put what is in it beside it, as lost indentation does."""
        value = parent[step]
        if is_mapping(parent) and is_mapping(value):
            parent[step] = None
            parent.update(value)
        elif is_list(parent) and is_list(value):
            parent[step : step + 1] = value


def _copied(content: Any, path: Path) -> tuple[Any, Any]:
    """Copy a value as far as the path goes; give it, and what holds the last step."""
    top = here = content.copy()
    for step in path[:-1]:
        here[step] = here[step].copy()
        here = here[step]
    return top, here


_PIECES = (
    "\t", " ", "  ", "\n", "\r\n", "---\n", "...\n", "- ", ": ", "? ", "&a ", "*a", "<<: *a\n", "!!str ", "!!binary ", "|\n", ">-\n",
    "'", '"', "#", "{", "}", "[", "]", ",", "\0", "\x1b", "é", "\u2028", "\ufeff", "yes", "012", ".nan", "null", "{{ .Values.a }}",
    "# csi-manifests: ignore CSI101 why\n", "kind: List\nitems:\n", "%YAML 1.1\n", "\\ud83d", "@", "`", "99999999999999999999",
)  # fmt: skip


def broken_text(text: str, random: Random) -> str:
    """Change a text in a few places: pieces added or taken, lines dropped, doubled, moved and indented otherwise."""
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        at = random.randrange(len(text) + 1)
        lines = text.split("\n")
        number = random.randrange(len(lines))
        match random.randrange(7):
            case 0 | 1:
                lines = [text[:at] + random.choice(_PIECES) + text[at:]]
            case 2:
                lines = [text[:at] + text[at + random.randrange(1, 20) :]]
            case 3:
                del lines[number]
            case 4:
                lines.insert(number, lines[number])
            case 5:
                lines[number] = random.choice((" ", "  ", "    ", "\t", "")) + lines[number].lstrip()
            case _:
                lines.insert(random.randrange(len(lines)), lines.pop(number))
        text = "\n".join(lines)
    return text
