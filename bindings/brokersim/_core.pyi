"""
The compiled core of brokersim; use the names that the package itself offers.
"""
from __future__ import annotations
import collections.abc
import numpy
import numpy.typing
import typing
__all__: list[str] = ['Batch', 'LogView', 'Scenario', 'Simulation', 'cause_texts', 'count_names', 'duration_ns', 'load', 'loads', 'run', 'summary']
class Scenario:
    def effective_json(self) -> str:
        ...
    @property
    def description(self) -> str:
        ...
    @property
    def judged(self) -> list[str]:
        ...
    @property
    def overrides(self) -> str:
        ...
    @property
    def path(self) -> str:
        ...
    @property
    def question(self) -> str:
        ...
    @property
    def seeds(self) -> int:
        ...
    @property
    def source(self) -> str:
        ...
    @property
    def title(self) -> str:
        ...
    @property
    def warnings(self) -> list[tuple[str, str, str, bool]]:
        ...
class Batch:
    def cause(self, group: typing.SupportsInt | typing.SupportsIndex, count: typing.SupportsInt | typing.SupportsIndex, cause: typing.SupportsInt | typing.SupportsIndex) -> numpy.typing.NDArray[numpy.int64]:
        ...
    def causes(self, group: typing.SupportsInt | typing.SupportsIndex) -> list[tuple[int, int]]:
        """
        (count, cause) pairs that occurred.
        """
    def count(self, group: typing.SupportsInt | typing.SupportsIndex, count: typing.SupportsInt | typing.SupportsIndex) -> numpy.typing.NDArray[numpy.int64]:
        ...
    def windows(self, group: typing.SupportsInt | typing.SupportsIndex, cause: typing.SupportsInt | typing.SupportsIndex) -> tuple[numpy.typing.NDArray[numpy.int64], numpy.typing.NDArray[numpy.int64]]:
        ...
    @property
    def drained(self) -> numpy.typing.NDArray[numpy.int64]:
        ...
    @property
    def ended(self) -> numpy.typing.NDArray[numpy.int64]:
        ...
    @property
    def events(self) -> numpy.typing.NDArray[numpy.int64]:
        ...
    @property
    def findings(self) -> list[tuple[bool, str, str, str, int | None]]:
        ...
    @property
    def json(self) -> str:
        ...
    @property
    def ok(self) -> bool:
        ...
    @property
    def seeds(self) -> numpy.typing.NDArray[numpy.uint64]:
        ...
    @property
    def strikes(self) -> list[numpy.typing.NDArray[numpy.int64]]:
        ...
    @property
    def text(self) -> str:
        ...
    @property
    def trace_hash(self) -> str:
        ...
    @property
    def trace_hashes(self) -> numpy.typing.NDArray[numpy.uint64]:
        ...
class LogView:
    @property
    def columns(self) -> dict[str, numpy.typing.NDArray[numpy.int64]]:
        ...
    @property
    def committed(self) -> int:
        ...
    @property
    def synced(self) -> int:
        ...
class Simulation:
    @typing.overload
    def __init__(self, scenario: Scenario, seed: typing.SupportsInt | typing.SupportsIndex, record: bool) -> None:
        ...
    @typing.overload
    def __init__(self, other: Simulation) -> None:
        ...
    def cancel(self) -> None:
        ...
    def judge(self) -> list[list[int]]:
        """
        Per judged group the counts, in the order of count_names().
        """
    def log(self, broker: typing.SupportsInt | typing.SupportsIndex) -> LogView:
        """
        The commit log of the broker with this number.
        """
    def record_count(self) -> int:
        ...
    def record_json(self, index: typing.SupportsInt | typing.SupportsIndex) -> str:
        ...
    def record_text(self, index: typing.SupportsInt | typing.SupportsIndex) -> str:
        ...
    def run(self, until_ns: typing.SupportsInt | typing.SupportsIndex | None) -> None:
        ...
    def split(self, salt: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    def step(self) -> bool:
        ...
    @property
    def brokers(self) -> list[str]:
        ...
    @property
    def drained(self) -> bool:
        ...
    @property
    def events(self) -> int:
        ...
    @property
    def finished(self) -> bool:
        ...
    @property
    def now_ns(self) -> int:
        ...
    @property
    def records_kept(self) -> bool:
        ...
    @property
    def seed(self) -> int:
        ...
    @property
    def topics(self) -> list[str]:
        ...
    @property
    def trace_hash(self) -> str:
        ...
def cause_texts() -> list[tuple[str, str, str]]:
    """
    (name, what happened, what closes it) of each cause.
    """
def count_names() -> list[str]:
    """
    What is counted, in the order of reports.
    """
def duration_ns(text: str) -> int:
    """
    Nanoseconds of a text like "3.5s". Raises ValueError.
    """
def load(path: str, overrides: collections.abc.Sequence[tuple[str, str]]) -> Scenario:
    """
    Reads a file.
    """
def loads(text: str, path: str, overrides: collections.abc.Sequence[tuple[str, str]]) -> Scenario:
    """
    Reads a text.
    """
def run(scenario: Scenario, seeds: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex], jobs: typing.SupportsInt | typing.SupportsIndex, progress: typing.Any) -> Batch:
    """
    Runs the seeds, at least one; `progress(done, total)` is called now and then unless None.
    """
def summary(column: typing.Annotated[numpy.typing.ArrayLike, numpy.int64]) -> tuple[float, tuple[float, float], tuple[int, int], int, int, int]:
    """
    (mean, 95 % of it, 95 % of one incident, min, median, max) of one number per seed.
    """
__version__: str = '0.1.0'
