"""How Kubernetes' own components are started and told their feature gates, and how they and the sidecars read them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from csi_manifests.text.images import image_reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FLAG: Final = "--feature-gates"
WORDS: Final[dict[str, bool]] = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
"""What Go's ``strconv.ParseBool`` takes, and so every component."""
HYPERKUBE: Final = "hyperkube"
"""The program that is all components, as its first argument says."""
COMPONENTS: Final = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet")
"""Those that take the flag."""

_IN_HYPERKUBE = {**{name.removeprefix("kube-"): name for name in COMPONENTS}, **{name: name for name in COMPONENTS}}
_IN_SCRIPT = re.compile(rf"(?:^|[\s/])({'|'.join(COMPONENTS)})\s+-")
_WORD = re.compile(r"[^-\s]\S*")
_FOLDER = re.compile(r"/?|.*/s?bin/")
_ARCHITECTURE = re.compile(r"-(?:amd64|arm|arm64|ppc64le|s390x)\Z")


class Entry(NamedTuple):
    """A gate as a flag says it."""

    name: str
    word: str | None
    """What it is set to, as written; None where nothing is."""

    @property
    def value(self) -> bool | None:
        """What that means to the component; None where it is not a boolean, and the component does not start."""
        return WORDS.get(self.word or "")


class Started(NamedTuple):
    """A component that a container starts, and what says so: a word that is its program, a script, or only the image."""

    component: str
    by: Literal["word", "script", "image"]
    program: int | None
    """Which of the words is its program, if one is: its flags are those behind it."""


def word_of(value: bool) -> str:  # noqa: FBT001  (the value is what is written)
    """Write a gate's value as people do."""
    return "true" if value else "false"


def entry_of(text: str) -> Entry:
    """Read one gate, ``A=true``: spaces around its two parts do not count."""
    name, equals, word = text.partition("=")
    return Entry(name.strip(), word.strip() if equals else None)


def entries_of(text: str) -> Iterator[Entry]:
    """Read the flag's value, ``A=true,B=false``, in which only empty entries do not count.

    Sources: ``Set`` of ``feature_gate.go`` and of ``map_string_bool.go`` in Kubernetes 1.13; the sidecars have the latter.
    """
    return (entry_of(part) for part in text.split(",") if part)


def turned_on(values: Iterable[str]) -> frozenset[str]:
    """Return the gates that are on after all values of the flag: what comes later counts."""
    said = {entry.name: entry.value for text in values for entry in entries_of(text)}
    return frozenset(name for name, value in said.items() if value)


def flag_values(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Return each word that holds a value of the flag, and from which character; the word after the last where it lacks one.

    As pflag reads the words behind a program: it takes ``_`` for ``-`` in names, and stops at ``--``.
    """
    number = 0
    while number < len(words) and words[number] != "--":
        flag, equals, _ = words[number].partition("=")
        if flag.replace("_", "-") == FLAG:
            if not equals:
                number += 1
            yield number, len(flag) + 1 if equals else 0
        number += 1


def started(words: Sequence[str], image: str) -> Started | None:
    """Say which component a container's words, those of its command and its args, or else its image start."""
    by_image = program_of(image)
    for number, word in enumerate(words):
        before, after = (words[number - 1] if number else ""), (words[number + 1] if number + 1 < len(words) else "")
        name = word.rpartition("/")[2]
        if _is_program(before, HYPERKUBE) and name in _IN_HYPERKUBE:
            return Started(_IN_HYPERKUBE[name], "word", number)
        # A path may end in a component's name too, such as /var/lib/kubelet, as the argument of a program or a flag.
        plain = _FOLDER.fullmatch(word.removesuffix(name)) and not before.startswith("-")
        called = after.startswith("-") and (before == "--" or plain)
        # Behind -c is a script of a shell, even if it is but one word.
        is_word = name in COMPONENTS and before != "-c" and _WORD.fullmatch(word)
        if is_word and (number == 0 or name == by_image or called):
            return Started(name, "word", number)
    for word in words:
        found = _IN_SCRIPT.search(word) if "kube" in word else None
        if found:
            return Started(str(found[1]), "script", None)
    return Started(by_image, "image", None) if by_image in COMPONENTS else None


def program_of(image: str) -> str:
    """Return the last part of an image's name, without its tag and without the architecture that old ones have."""
    return _ARCHITECTURE.sub("", image_reference(image).last)


def _is_program(word: str, name: str) -> bool:
    return word.rpartition("/")[2] == name and not word.startswith("-")
