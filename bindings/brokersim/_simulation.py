"""One run of one seed, step by step."""

import json
import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, Self, TypeAlias, overload

import numpy as np
import numpy.typing as npt

from brokersim import _core
from brokersim._names import COUNTS, group_index, index_of
from brokersim._run import _whole
from brokersim._scenario import Scenario, load

Until: TypeAlias = float | timedelta | str
"""Seconds, a timedelta, or a text with a unit ("3.5s", "200ms"), counted from the start of the run."""

Record: TypeAlias = dict[str, Any]


class Log(NamedTuple):
    """The commit log of one broker, one entry per record, in the order of the log."""

    intent: npt.NDArray[np.int64]
    """Number of the message, counted from 0; -1: a record of the broker itself."""
    topic: npt.NDArray[np.str_]
    """As the broker calls it: "orders", "RMQ_SYS_TRANS_HALF_TOPIC", "%RETRY%billing"."""
    queue: npt.NDArray[np.int64]
    offset: npt.NDArray[np.int64]
    """In its queue."""
    attempt: npt.NDArray[np.int64]
    """0: the first try of its send."""
    end: npt.NDArray[np.int64]
    """Physical offset behind the record, bytes."""
    committed: npt.NDArray[np.bool_]
    """In the page cache (not only in the transient store pool): survives a kill."""
    synced: npt.NDArray[np.bool_]
    """On the disk: survives a power loss."""

    def __repr__(self) -> str:
        return (
            f"<Log: {len(self.intent)} records, {self.committed.sum()} committed, {self.synced.sum()} synced>"
        )


class Trace(Sequence[Record]):
    """What happened so far, as dicts: `{"t_ns": 3214567890, "event": "acknowledged", "intent": 4711, ...}`
    (the lines of `brokersim trace --json`). It grows with the run; each dict is made when it is asked for."""

    def __init__(self, core: _core.Simulation) -> None:
        self._core = core

    def __len__(self) -> int:
        return self._core.record_count()

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        if isinstance(index, slice):
            return [self._record(i) for i in range(*index.indices(len(self)))]
        return self._record(range(len(self))[index])

    def __iter__(self) -> Iterator[Record]:
        return (self._record(i) for i in range(len(self)))

    def _record(self, index: int) -> Record:
        record: Record = json.loads(self._core.record_json(index))
        return record

    def __repr__(self) -> str:
        """The last records, as the command prints them."""
        size, shown = len(self), 20
        lines = [self._core.record_text(i) for i in range(max(0, size - shown), size)]
        return "\n".join([f"... {size - shown} records before"] * (size > shown) + lines)


class Simulation:
    """One run of one seed: the workload and the faults, then everything broken is repaired ("heal"), then
    what is pending is awaited ("drain"). However often you stop to look, the run is the one that `run` and
    the command have for this seed.

    `copy.copy(simulation)` forks it: the copy goes on exactly as the original would.

    One thread at a time: `run` lets other Python threads go on, but what they ask of this very object raises
    RuntimeError until it returns. Forks are independent.

    Parameters
    ----------
    scenario : a Scenario, or the path of a file
    seed : from 0 to 2**64 - 1
    record : keep every protocol event for `trace` (memory grows with the run)

    Examples
    --------
    >>> import copy
    >>> import brokersim as bs
    >>> scenario = bs.library()["rocketmq/store-async-flush-power-loss"]
    >>> simulation = bs.Simulation(scenario, seed=17).run(until="3.5s")
    >>> fork = copy.copy(simulation)
    >>> simulation.run().trace_hash == fork.run().trace_hash
    True
    """

    def __init__(
        self, scenario: Scenario | str | os.PathLike[str], seed: int = 1, *, record: bool = False
    ) -> None:
        self.scenario: Scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
        self._core = _core.Simulation(self.scenario._core, _whole(seed), record)

    def run(self, until: Until | None = None) -> Self:
        """Go on to a time, everything that is due then included; None: to the end. Returns itself.

        Ctrl-C (KeyboardInterrupt) stops it between two events, and it can go on from there.

        Raises
        ------
        ValueError
            The time has passed, or is none.
        BugError
            A bug in brokersim. The simulation cannot go on.
        Cancelled
            Another thread called `cancel`.
        """
        self._core.run(None if until is None else self._ns(until))
        return self

    def step(self) -> bool:
        """Execute the next event; False: the run is finished."""
        return self._core.step()

    def cancel(self) -> None:
        """Make the `run` of another thread, or the next one, raise Cancelled soon. It can go on then."""
        self._core.cancel()

    def split(self, salt: int) -> None:
        """From now on everything that chance decides is decided anew, another way for each number."""
        self._core.split(_whole(salt))

    def __copy__(self) -> "Simulation":
        fork = Simulation.__new__(Simulation)
        fork.scenario = self.scenario
        fork._core = _core.Simulation(self._core)
        return fork

    def __deepcopy__(self, memo: dict[int, Any]) -> "Simulation":
        return self.__copy__()

    @property
    def now(self) -> float:
        """Simulated seconds since the start: everything up to here has happened."""
        return self._core.now_ns / 1e9

    @property
    def finished(self) -> bool:
        """Workload, heal and drain are over."""
        return self._core.finished

    @property
    def drained(self) -> bool:
        """Finished, and nothing was pending any more."""
        return self._core.drained

    @property
    def seed(self) -> int:
        """Which of the runs of the scenario this is."""
        return self._core.seed

    @property
    def events(self) -> int:
        """How many events were executed."""
        return self._core.events

    @property
    def trace_hash(self) -> str:
        """The digest of everything that happened, 16 hexadecimal digits."""
        return self._core.trace_hash

    @property
    def trace(self) -> Trace:
        """What happened so far.

        Raises
        ------
        ValueError
            It was not recorded.
        """
        if not self._core.records_kept:
            raise ValueError("nothing was recorded: Simulation(..., record=True)")
        return Trace(self._core)

    def judge(self, group: str | None = None) -> dict[str, int]:
        """What would be counted if the run ended now; what is still on its way is `stuck`.

        Raises
        ------
        KeyError, ValueError
            There is no such group; several are judged and none was named.
        """
        counts = self._core.judge()[group_index(group, self.scenario.groups)]
        return dict(zip(COUNTS, counts, strict=True))

    def log(self, broker: str | None = None) -> Log:
        """The commit log of a broker (None: of the only one) as it is now.

        Raises
        ------
        KeyError, ValueError
            There is no such broker; there are several and none was named.
        """
        brokers = self._core.brokers
        if broker is None and len(brokers) > 1:
            raise ValueError(f"several brokers; say which of {', '.join(brokers)}")
        view = self._core.log(0 if broker is None else index_of(broker, brokers, "broker"))
        columns: dict[str, Any] = dict(view.columns)
        columns["topic"] = np.array(self._core.topics, dtype=np.str_)[columns["topic"]]
        place = np.arange(len(columns["intent"]))
        return Log(**columns, committed=place < view.committed, synced=place < view.synced)

    def __repr__(self) -> str:
        state = "finished" if self.finished else "under way"
        title = self.scenario.title or self.scenario.path
        return f"<Simulation {title!r} seed {self.seed}: {state} at {self.now:g} s, {self.events} events>"

    def _ns(self, until: Until) -> int:
        ns = _nanoseconds(until)
        if ns < self._core.now_ns:
            raise ValueError(f"{until!r} has passed: it is {self.now} s")
        return ns


def _nanoseconds(time: Until) -> int:
    if isinstance(time, str):
        return _core.duration_ns(time)
    if isinstance(time, timedelta):
        return (time // timedelta(microseconds=1)) * 1000
    ns = time * 1e9
    if not 0 <= ns < 2**63:
        raise ValueError(f"{time} s is no time of a run")
    return round(ns)
