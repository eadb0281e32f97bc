"""Check millions of broken objects and bundles: ``python tests/fuzz/run.py --count 1000000 --bundles 20000``.

Ends with 1 at the first fault and prints what it takes to see it again.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

# The package, in a checkout where it is not installed.
sys.path.insert(0, str(Path(__file__).parents[2]))

from trial import FaultError, chunks, object_trials, text_trials

CHUNK = 5000


def main() -> int:
    """Share the trials among processes, and add up what they say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, help="mutants of single objects (default: %(default)s)")
    parser.add_argument("--bundles", type=int, default=0, help="broken texts of whole bundles (default: none)")
    parser.add_argument("--seed", type=int, default=0, help="of the first chunk (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (default: one for each core)")
    options = parser.parse_args()
    begin = time.perf_counter()
    refused = 0
    codes: dict[int, int] = {}
    try:
        with ProcessPoolExecutor(options.jobs) as pool:
            for found in pool.map(object_trials, *zip(*chunks(options.count, options.seed, CHUNK), strict=True)):
                refused += found
            if options.bundles:
                texts = zip(*chunks(options.bundles, options.seed, CHUNK // 10), strict=True)
                for each in pool.map(text_trials, *texts):
                    codes = {
                        code: codes.get(code, 0) + each.get(code, 0) for code in sorted(codes.keys() | each.keys())
                    }
    except FaultError as error:
        sys.stderr.write(f"Fault: {error}\n")
        return 1
    seconds = time.perf_counter() - begin
    sys.stdout.write(f"{options.count} objects: the schema refuses {refused}, and all of those are reported\n")
    sys.stdout.write(f"{options.bundles} bundles, by exit code: {codes}\n{seconds:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
