"""What is known of other people's programs, as data with its sources; each file has a module that reads it when asked."""


def numbers(text: str) -> tuple[int, ...]:
    """Read a release of a data file, or the beginning of one: ``0.4`` is (0, 4), an empty text ()."""
    return tuple(int(part) for part in text.split(".")) if text else ()
