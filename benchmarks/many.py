"""How long 3,500 documents take, beyond the start, against PyYAML's C code dumping and loading the same."""

from __future__ import annotations

import statistics
import sys
import time
from typing import TYPE_CHECKING, Any, cast

import yaml

from csi_manifests import Bundle, Setup, build, check, emit, load, release

if TYPE_CHECKING:
    from collections.abc import Callable

INSTANCES = 100
RUNS = 5


def render() -> str:
    """Build, check and write a hundred instances in a hundred namespaces, one after the other."""
    return "---\n".join(_one(Setup(instance=f"i{number}", namespace=f"n{number}")) for number in range(INSTANCES))


def _one(setup: Setup) -> str:
    bundle = build(setup)
    findings = check(bundle, release("1.13"), advice=False, complete=True)
    if any(finding.severity == "error" for finding in findings):
        raise SystemExit("the default bundle has errors")
    return emit(bundle)


def seconds(work: Callable[[], Any]) -> float:
    """Time one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(label: str, ours: Callable[[], Any], theirs: Callable[[], Any], documents: int, bound: float) -> bool:
    """Time both in turn, print the median of the pairs' ratios, and say whether it is within the bound."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(RUNS)]
    ratio = statistics.median(a / b for a, b in pairs)
    mine, other = (statistics.median(times) / documents * 1e6 for times in zip(*pairs, strict=True))
    print(
        f"{label}: {mine:.0f} to {other:.0f} microseconds a document, ratio {ratio:.2f} (goal: at most {bound})",
        flush=True,
    )
    return ratio <= bound


def main() -> int:
    """Print each ratio; 1 if one is beyond its goal."""
    text = render()
    plain = list(yaml.load_all(text, yaml.CSafeLoader))
    within = [
        compare(
            "render 3,500 documents / CSafeDumper",
            render,
            lambda: cast("Any", yaml).dump_all(plain, Dumper=yaml.CSafeDumper, sort_keys=False),
            len(plain),
            2,
        ),
        compare(
            "check 3,500 documents / CSafeLoader",
            lambda: check(_unique(load(text)), release("1.13")),
            lambda: list(yaml.load_all(text, yaml.CSafeLoader)),
            len(plain),
            5,
        ),
    ]
    return 0 if all(within) else 1


def _unique(bundle: Bundle) -> Bundle:
    """Leave out the definitions that all instances share: a text with each once is what a user would check."""
    return Bundle(bundle.index.values())


if __name__ == "__main__":
    sys.exit(main())
