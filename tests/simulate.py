"""Simulate the sync for many seeds: `python -m tests.simulate --seeds 10000 [--from 0] [--processes 2]`.

Prints each seed that fails, with what led there; the same seed always tells the same story. Ends with 1 where one failed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.sync.happenings import Broken
from tests.sync.simulator import run

BLOCK = 20
"""Seeds that a process is given at a time."""


def failures_of(seeds: range) -> list[tuple[int, str]]:
    """Return the seeds that fail, each with its story."""
    found: list[tuple[int, str]] = []
    for seed in seeds:
        try:
            run(seed)
        except Broken as broken:
            found.append((seed, str(broken)))
    return found


def main(arguments: list[str]) -> int:
    """Run as `arguments` say and return how the process ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulate", description="Simulate the sync.")
    parser.add_argument("--seeds", type=int, default=200, help="how many")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first one")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(arguments)
    end = given.first + given.seeds
    blocks = [range(start, min(start + BLOCK, end)) for start in range(given.first, end, BLOCK)]
    begun, failed, done = time.monotonic(), 0, 0
    with ProcessPoolExecutor(max_workers=max(1, min(given.processes, len(blocks)))) as pool:
        for block, found in zip(blocks, pool.map(failures_of, blocks), strict=True):
            done += len(block)
            failed += len(found)
            for seed, story in found:
                sys.stdout.write(f"{story}\nagain: python -m tests.simulate --seeds 1 --from {seed}\n\n")
            if found or done % 1000 < BLOCK:
                sys.stdout.write(f"{done} of {given.seeds} seeds, {failed} failed, {time.monotonic() - begun:.0f} s\n")
                sys.stdout.flush()
    sys.stdout.write(f"{given.seeds} seeds, {failed} failed, {time.monotonic() - begun:.0f} s\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
