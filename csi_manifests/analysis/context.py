"""What is asked of a bundle: the bundle and the release it is for, and the facts found in them so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from csi_manifests.bundle.bundle import Bundle
    from csi_manifests.knowledge.releases import Release

T = TypeVar("T")


@dataclass(frozen=True)
class Context:
    """What a rule may look at besides the object: the whole bundle, and the release it is meant for."""

    bundle: Bundle
    release: Release
    complete: bool = False
    """Whether the bundle is all there will be, so that what it names and does not have is nowhere."""
    found: dict[Any, Any] = field(default_factory=dict[Any, Any], repr=False, compare=False)
    """What each :func:`fact` has found, by its function."""


def fact(find: Callable[[Context], T]) -> Callable[[Context], T]:
    """Make a function of a context look once, however many rules ask."""

    @wraps(find)
    def found_once(context: Context) -> T:
        try:
            found: T = context.found[find]
        except KeyError:
            found = context.found[find] = find(context)
        return found

    return found_once
