"""Many seeds of one scenario."""

import operator
import os
import sys
from collections.abc import Callable, Iterable

from brokersim import _core
from brokersim._report import Report
from brokersim._scenario import Scenario, load

Progress = Callable[[int, int], object]


def run(
    scenario: Scenario | str | os.PathLike[str],
    seeds: int | Iterable[int] | None = None,
    jobs: int | None = None,
    progress: bool | Progress = False,
) -> Report:
    """Run many seeds of a scenario, and count what became of every message in each.

    The same scenario and seed always give the same numbers, whatever `jobs` is. Other Python threads go on
    meanwhile; Ctrl-C (KeyboardInterrupt) ends it within a moment.

    Parameters
    ----------
    scenario : a Scenario, or the path of a file
    seeds : which: numbers from 0 to 2**64 - 1, each once (`range(1000)`, a list); or how many, from 1 on; or
        None, as many as the scenario says. The arrays of the report have one entry per seed, in this order.
    jobs : how many threads; None: one per processor
    progress : True shows a line on stderr; a function is called now and then as `progress(done, total)`, and
        what it raises ends the run

    Raises
    ------
    ScenarioError
        The file is not good.
    ValueError, TypeError
        The seeds are not.
    BugError
        A bug in brokersim; of several seeds that meet one, the first.

    Examples
    --------
    >>> import brokersim as bs
    >>> report = bs.run(bs.library()["rocketmq/store-sync-flush-power-loss"], seeds=range(20))
    >>> report["vanished"].shape, int(report["vanished"].sum())
    ((20,), 0)
    """
    if not isinstance(scenario, Scenario):
        scenario = load(scenario)
    if jobs is not None and jobs < 1:
        raise ValueError("jobs is at least 1, or None for one per processor")
    tell = _line if progress is True else progress or None
    return Report(scenario, _core.run(scenario._core, _listed(seeds, scenario.seeds), jobs or 0, tell))


def _listed(seeds: int | Iterable[int] | None, default: int) -> list[int]:
    """The seeds one by one; they are checked here, where it can be said what is wrong with them."""
    if seeds is None:
        seeds = default
    if isinstance(seeds, int):
        seeds = range(1, seeds + 1)
    if isinstance(seeds, str) or not isinstance(seeds, Iterable):
        raise TypeError(f"seeds are how many, or the whole numbers themselves, not {seeds!r}")
    listed = [_whole(seed) for seed in seeds]
    if not listed:
        raise ValueError("no seed: nothing would run")
    if len(set(listed)) != len(listed):
        raise ValueError("a seed occurs twice: it would be the same run counted twice")
    return listed


def _whole(seed: int) -> int:
    try:
        whole = operator.index(seed)
    except TypeError:
        raise TypeError(f"a seed is a whole number, not {seed!r}") from None
    if not 0 <= whole < 2**64:
        raise ValueError(f"a seed is a number from 0 to 2**64 - 1, not {whole}")
    return whole


def _line(done: int, total: int) -> None:
    end = "\n" if done == total else ""
    print(f"\r{done}/{total} seeds", end=end, file=sys.stderr, flush=True)
