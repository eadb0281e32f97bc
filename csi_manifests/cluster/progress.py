"""Say on stderr what is being done: a live line on a terminal, lines with the time elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

    from rich.status import Status


class Progress:
    """What a run says while it works, and what it has done so far."""

    def __init__(self) -> None:
        """Begin to count."""
        self.began = time.monotonic()
        self.done: list[str] = []
        """What is finished, for a run that is interrupted."""
        self._status: Status | None = None
        self._last = ""

    def line(self, text: str) -> None:
        """Say something that is to stay."""
        stamped = f"{time.monotonic() - self.began:6.1f} s  {text}"
        if self._status is None:
            sys.stderr.write(stamped + "\n")
            sys.stderr.flush()
        else:
            self._status.update("")
            self._status.console.print(stamped, markup=False, highlight=False, soft_wrap=True)

    def finish(self, what: str, text: str) -> None:
        """Say that a part is done."""
        self.done.append(what)
        self.line(text)

    def now(self, text: str, *, lasting: bool = True) -> None:
        """Say what is so at the moment; where there is no live line, only what is new and to last."""
        if self._status is not None:
            from rich.text import Text  # noqa: PLC0415  (loaded already, on a terminal only)

            stamped = f"{time.monotonic() - self.began:.0f} s  {text}"
            self._status.update(Text(stamped, no_wrap=True, overflow="ellipsis"))
        elif lasting and text != self._last:
            self.line(f"  {text}")
        self._last = text

    @contextmanager
    def live(self) -> Generator[None]:
        """Keep a live line on a terminal while the context lasts."""
        if not sys.stderr.isatty():
            yield
            return
        from rich.console import Console  # noqa: PLC0415  (on a terminal only)

        status = Console(stderr=True).status("")
        with status:
            self._status = status
            try:
                yield
            finally:
                self._status = None


@contextmanager
def working(what: str, hint: str = "The same command goes on from here.") -> Generator[Progress]:
    """Return the progress of a run that says, when it is interrupted, what was done and how to go on."""
    progress = Progress()
    try:
        with progress.live():
            yield progress
    except KeyboardInterrupt:
        done = ", ".join(dict.fromkeys(progress.done)) or "nothing"
        sys.stderr.write(f"{what} was interrupted. Done so far: {done}. {hint}\n")
        raise
