"""`./dev bench`: our engine beside its peers, in one run, as ratios.

Every round measures each side once, in turn (A B A B), in processor time; the least of the rounds counts.
A machine's clock drifts by half within minutes, so a ratio inside one table means something, and nanoseconds
from two runs do not.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import simpy
import simpy_peers

ROOT = Path(__file__).resolve().parent.parent
ENGINE = ROOT / "build" / "release" / "bench" / "engine"
PICTURE = ROOT / "build" / "bench" / "ratios.svg"

# What one operation is called, by the name that bench/engine.cpp gives to the measure.
OURS = {
    "hold_100": "HOLD, 100 pending: event",
    "hold_10000": "HOLD, 10,000 pending: event",
    "hold_1000000": "HOLD, 1,000,000 pending: event",
    "phold_10000": "PHOLD, 10,000 pending: event",
    "timer_lane": "request, time-out in a lane cancelled",
    "timer_own": "request, own time-out cancelled",
    "mm1": "M/M/1: customer (2 events)",
    "copy_1000": "1,000 events: copy into a recycled world",
    "fork_1000": "1,000 events: fork into a fresh world",
    "hash_1000": "1,000 events: canonical hash",
}
EVENTS_PER_OPERATION = {"mm1": 2, "copy_1000": 0, "fork_1000": 0, "hash_1000": 0}
PEERS = {
    "hold_100": ["hold_100/priority_queue", "hold_100/SimPy callbacks", "hold_100/SimPy processes"],
    "hold_10000": ["hold_10000/priority_queue", "hold_10000/SimPy callbacks", "hold_10000/SimPy processes"],
    "hold_1000000": ["hold_1000000/priority_queue"],
    "phold_10000": ["phold_10000/priority_queue"],
    "timer_lane": ["timer/priority_queue"],
    "timer_own": ["timer/priority_queue"],
    "mm1": ["mm1/priority_queue", "mm1/SimPy processes"],
}

Measures = dict[str, float]


@dataclass(frozen=True)
class Row:
    what: str
    ours_ns: float
    events_per_second: float | None
    peer: str | None = None
    peer_ns: float | None = None

    @property
    def ratio(self) -> float | None:
        return None if self.peer_ns is None else self.peer_ns / self.ours_ns


@dataclass(frozen=True)
class Goal:
    what: str
    measured: str
    holds: bool


def engine_round(events: int) -> Measures:
    lines = subprocess.run(
        [ENGINE, "1", str(events)], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    return {name: float(value) for name, value in (line.split("\t") for line in lines)}


def simpy_round(events: int) -> Measures:
    jobs: dict[str, Callable[[], float]] = {
        "mm1/SimPy processes": partial(simpy_peers.mm1_processes, events // 5)
    }
    for pending in (100, 10_000):
        jobs[f"hold_{pending}/SimPy callbacks"] = partial(simpy_peers.hold_callbacks, pending, events)
        jobs[f"hold_{pending}/SimPy processes"] = partial(simpy_peers.hold_processes, pending, events)
    return {name: job() for name, job in jobs.items()}


def measure(rounds: int, events: int) -> Measures:
    least: Measures = {}
    for _ in range(rounds):
        for name, value in (engine_round(events) | simpy_round(events // 10)).items():
            least[name] = min(value, least.get(name, math.inf))
    return least


def table(measures: Measures) -> list[Row]:
    rows = []
    for name, what in OURS.items():
        ours = measures[name]
        events = EVENTS_PER_OPERATION.get(name, 1)
        rate = events * 1e9 / ours if events else None
        peers = PEERS.get(name)
        if peers is None:
            rows.append(Row(what, ours, rate))
        else:
            rows += [Row(what, ours, rate, peer.split("/")[1], measures[peer]) for peer in peers]
    return rows


def goals(measures: Measures) -> list[Goal]:
    hold, simpy_hold = measures["hold_10000"], measures["hold_10000/SimPy callbacks"]
    copy = measures["copy_1000"] / 1000
    return [
        Goal("HOLD with 10,000 pending: at least 20 M events/s", f"{1e3 / hold:.1f} M", hold <= 50),
        Goal(
            "and at least 20 times SimPy (as callbacks)",
            f"{simpy_hold / hold:.0f} times",
            simpy_hold / hold >= 20,
        ),
        Goal("a world of 1,000 events copied in about 1 us (1.25 at most)", f"{copy:.2f} us", copy <= 1.25),
    ]


def text(rows: list[Row], met: list[Goal]) -> str:
    head = f"{'':42}{'ours, ns':>10}  {'peer':18}{'peer, ns':>10}{'ratio':>8}{'our M events/s':>16}"
    lines = [head, "-" * len(head)]
    previous = ""
    for row in rows:
        first = row.what != previous
        previous = row.what
        ours = f"{row.what:42}{row.ours_ns:10.1f}" if first else " " * 52
        peer = f"{row.peer:18}{row.peer_ns:10.1f}{row.ratio:7.1f}x" if row.peer is not None else " " * 36
        rate = f"{row.events_per_second / 1e6:16.1f}" if first and row.events_per_second else ""
        lines.append(f"{ours}  {peer}{rate}".rstrip())
    lines += ["", "Goals:"]
    lines += [f"  {'holds ' if goal.holds else 'MISSES'}  {goal.what}: {goal.measured}" for goal in met]
    return "\n".join(lines)


def picture(rows: list[Row]) -> str:
    """A bar per peer, its length the logarithm of how many times faster we are."""
    bars = [row for row in rows if row.ratio is not None]
    left, width, step = 400, 420, 22
    scale = width / math.log10(1.2 * max(row.ratio or 1 for row in bars))
    parts = []
    for number, row in enumerate(bars):
        y, ratio = 40 + number * step, row.ratio or 1
        length = max(0.0, scale * math.log10(ratio))
        colour = "#3b6ea5" if ratio >= 1 else "#b5483a"
        parts += [
            f'<text x="{left - 8}" y="{y + 12}" text-anchor="end">{row.what} / {row.peer}</text>',
            f'<rect x="{left}" y="{y}" width="{max(length, 1):.1f}" height="16" fill="{colour}"/>',
            f'<text x="{left + length + 6:.1f}" y="{y + 12}">{ratio:.1f}x</text>',
        ]
    size = f'width="{left + width + 60}" height="{50 + len(bars) * step}"'
    title = f'<text x="{left}" y="24" font-weight="bold">times faster than the peer (logarithmic)</text>'
    style = 'font-family="sans-serif" font-size="12"'
    body = "\n".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>\n{title}\n{body}\n</svg>\n'


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev bench", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument("--rounds", type=int, default=5, help="the least of so many counts (default 5)")
    parser.add_argument(
        "--quick", action="store_true", help="two short rounds: does it run, roughly how fast"
    )
    parser.add_argument("--json", action="store_true", help="numbers for a program instead of a table")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    rounds, events = (2, 200_000) if options.quick else (max(1, options.rounds), 1_000_000)
    measures = measure(rounds, events)
    rows, met = table(measures), goals(measures)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(picture(rows), encoding="utf-8")
    if options.json:
        numbers = [asdict(row) | {"ratio": row.ratio} for row in rows]
        print(json.dumps({"rows": numbers, "goals": [asdict(goal) for goal in met]}, indent=2))
        return
    print(text(rows, met))
    print(
        f"\nProcessor time, least of {rounds} interleaved rounds; SimPy {simpy.__version__}. Picture: "
        f"{PICTURE.relative_to(ROOT)}"
    )


if __name__ == "__main__":
    main()
