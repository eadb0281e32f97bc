"""What a rule may look at besides the object."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
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

    @cached_property
    def _derived(self) -> dict[Any, Any]:
        return {}

    def derive(self, function: Callable[[Context], T]) -> T:
        """Give what a function makes of this context, computed once for all rules."""
        try:
            found: T = self._derived[function]
        except KeyError:
            found = self._derived[function] = function(self)
        return found
