"""What came out of many seeds."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypedDict

import numpy as np
import numpy.typing as npt

from brokersim import _core
from brokersim._html import report_html
from brokersim._names import CAUSE_NAMES, CAUSES, COUNTS, group_index, index_of
from brokersim._scenario import Scenario

Column: TypeAlias = npt.NDArray[np.int64]
Seconds: TypeAlias = npt.NDArray[np.float64]


class Summary(TypedDict):
    """Statistics of one number per seed."""

    mean: float
    ci95: tuple[float, float]
    """Where the true mean lies (Student's t, 95 %)."""
    prediction95: tuple[int, int]
    """What one real incident should fall into: the 2.5 % and 97.5 % quantiles over the seeds."""
    min: int
    median: int
    max: int


@dataclass(frozen=True)
class Expectation:
    """One condition of the `expect` block."""

    holds: bool
    text: str
    observed: str
    pointer: str
    """JSON pointer to its place in the file."""
    seed: int | None
    """A seed that shows it, if one does."""


@dataclass(frozen=True)
class ObservedCause:
    """Why messages were counted: one count, one cause."""

    count: str
    cause: str
    group: str
    """Consumer group; `""`: the log."""
    seeds: int
    """In how many seeds it occurred."""
    intents: int
    """How many messages, all seeds together."""
    sentence: str
    closes: str
    """The one setting or habit that closes it; may be empty."""
    window: tuple[float, float] | None
    """Shortest and longest time in seconds that they had been believed safe when they were lost (only for
    lost and vanished ones)."""


class Report:
    """One number per seed for everything that is counted, and what follows from them.

    `report["lost"]` is a NumPy array of int64 with one entry per seed, in the order of `report.seeds`. All
    arrays are copies: do with them what you like.

    Where several consumer groups are judged, say which: `report.column("lost", group="billing")`; the log is
    the group `""`.
    """

    def __init__(self, scenario: Scenario, core: _core.Batch) -> None:
        self._core = core
        self.scenario: Scenario = scenario
        """What was run."""
        self.groups: tuple[str, ...] = scenario.groups
        """What is judged; `""` is the log."""

    # Columns ------------------------------------------------------------------------------------------------

    @property
    def seeds(self) -> npt.NDArray[np.uint64]:
        """Which seeds were run, shape (n,)."""
        return self._core.seeds

    def column(self, count: str, *, cause: str | None = None, group: str | None = None) -> Column:
        """One count per seed, shape (n,); with a cause, of the messages that carry it.

        Raises
        ------
        KeyError
            There is no such count, cause or group.
        ValueError
            Several groups are judged and none was named.
        """
        g, c = group_index(group, self.groups), index_of(count, COUNTS, "count")
        if cause is None:
            return self._core.count(g, c)
        return self._core.cause(g, c, index_of(cause, CAUSE_NAMES, "cause"))

    def __getitem__(self, count: str) -> Column:
        return self.column(count)

    def __iter__(self) -> Iterator[str]:
        """The names of the counts."""
        return iter(COUNTS)

    @property
    def counts(self) -> dict[str, Column]:
        """All counts of the only group, by name."""
        return {count: self.column(count) for count in COUNTS}

    def window(self, cause: str, *, group: str | None = None) -> Seconds:
        """Per seed the shortest and the longest time in seconds that lost or vanished messages with this
        cause had been believed safe, shape (n, 2); NaN where the seed has none."""
        k = index_of(cause, CAUSE_NAMES, "cause")
        pair = self._core.windows(group_index(group, self.groups), k)
        ns = np.stack(pair, axis=1)
        return np.where(ns < 0, np.nan, ns / 1e9)

    @property
    def windows(self) -> dict[str, Seconds]:
        """`window` of each cause of the only group that has any."""
        found = {cause: self.window(cause) for cause in CAUSE_NAMES}
        return {cause: window for cause, window in found.items() if not np.isnan(window).all()}

    @property
    def strikes(self) -> tuple[Column, ...]:
        """Per fault of the file: how often it struck in each seed."""
        return tuple(self._core.strikes)

    @property
    def drained(self) -> npt.NDArray[np.bool_]:
        """Per seed: nothing was pending any more when it was judged."""
        return self._core.drained.astype(np.bool_)

    @property
    def ended(self) -> Seconds:
        """Per seed: simulated seconds from the start to the verdict."""
        return self._core.ended / 1e9

    @property
    def events(self) -> Column:
        """Per seed: simulated events."""
        return self._core.events

    @property
    def trace_hashes(self) -> npt.NDArray[np.uint64]:
        """Per seed: the digest of everything that happened."""
        return self._core.trace_hashes

    @property
    def trace_hash(self) -> str:
        """Of all seeds together, 16 hexadecimal digits."""
        return self._core.trace_hash

    # What follows from them ---------------------------------------------------------------------------------

    def summary(self, count: str, *, cause: str | None = None, group: str | None = None) -> Summary:
        """Statistics of one column; arguments and errors as in `column`."""
        mean, ci95, prediction95, low, median, high = _core.summary(
            self.column(count, cause=cause, group=group)
        )
        return Summary(mean=mean, ci95=ci95, prediction95=prediction95, min=low, median=median, max=high)

    def summaries(self, group: str | None = None) -> dict[str, Summary]:
        """Statistics of all counts, by name."""
        return {count: self.summary(count, group=group) for count in COUNTS}

    @property
    def causes(self) -> tuple[ObservedCause, ...]:
        """Why, for every group and count: only what occurred."""
        return tuple(
            self._observed(g, group, c, k)
            for g, group in enumerate(self.groups)
            for c, k in self._core.causes(g)
        )

    def _observed(self, g: int, group: str, c: int, k: int) -> ObservedCause:
        count, cause = COUNTS[c], CAUSE_NAMES[k]
        column = self._core.cause(g, c, k)
        window = self.window(cause, group=group)
        timed = count in ("lost", "vanished") and not np.isnan(window).all()
        return ObservedCause(
            count,
            cause,
            group,
            int(np.count_nonzero(column)),
            int(column.sum()),
            *CAUSES[cause],
            (float(np.nanmin(window)), float(np.nanmax(window))) if timed else None,
        )

    @property
    def expectations(self) -> tuple[Expectation, ...]:
        """The conditions of the scenario's `expect` block; one entry of the file may make several."""
        return tuple(
            Expectation(holds, claim, observed, pointer, seed)
            for holds, claim, observed, pointer, seed in self._core.findings
        )

    @property
    def ok(self) -> bool:
        """Every expectation holds (also if there is none)."""
        return self._core.ok

    # As a whole ---------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """The report of `brokersim run --json` (docs/report-format.md). If the seeds do not follow each
        other, `seed_list` names them."""
        report: dict[str, Any] = json.loads(self._core.json)
        seeds = [int(seed) for seed in self.seeds]
        if seeds != list(range(seeds[0], seeds[0] + len(seeds))):
            report["seed_list"] = seeds
        return report

    def to_json(self) -> str:
        """`to_dict` as a text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def __repr__(self) -> str:
        return self._core.text.rstrip("\n")

    def _repr_html_(self) -> str:
        return report_html(self.to_dict())
