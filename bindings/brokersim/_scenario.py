"""Scenario files: reading them, and the library that comes with the package."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from brokersim import _core
from brokersim._errors import Problem

JsonValue: TypeAlias = Any
Overrides: TypeAlias = Mapping[str, JsonValue]


class Scenario:
    """A scenario file that was read and found good. Made by `load` and `loads`; it does not change.

    Attributes
    ----------
    path : str
        Of the file; reports name it.
    title, question, description, source : str
        What the file says about itself; may be empty.
    seeds : int
        How many seeds answer the question, unless `run` is told otherwise.
    groups : tuple of str
        What is judged: the consumer groups, and `""` for the log if something is sent that no group reads.
    warnings : tuple of Problem
        What is doubtful in the file.
    """

    def __init__(self, core: _core.Scenario) -> None:
        self._core = core
        self.path: str = core.path
        self.title: str = core.title
        self.question: str = core.question
        self.description: str = core.description
        self.source: str = core.source
        self.seeds: int = core.seeds
        self.groups: tuple[str, ...] = tuple(core.judged)
        self.warnings: tuple[Problem, ...] = tuple(Problem(*warning) for warning in core.warnings)

    @property
    def effective(self) -> dict[str, JsonValue]:
        """The file with every default filled in, as new dicts and lists; `loads` reads it again."""
        effective: dict[str, JsonValue] = json.loads(self._core.effective_json())
        return effective

    @property
    def brokers(self) -> tuple[str, ...]:
        """Names of the brokers."""
        return _names(self.effective.get("cluster", {}).get("brokers"))

    @property
    def topics(self) -> tuple[str, ...]:
        """Names of the topics of the file."""
        return _names(self.effective.get("cluster", {}).get("topics"))

    @property
    def producers(self) -> tuple[str, ...]:
        """Names of the producers."""
        return _names(self.effective.get("producers"))

    @property
    def consumers(self) -> tuple[str, ...]:
        """Names of the consumers."""
        return _names(self.effective.get("consumers"))

    def __repr__(self) -> str:
        parts = {"brokers": self.brokers, "topics": self.topics, "producers": self.producers}
        parts["consumers"] = self.consumers
        told = [f"{what} {', '.join(names)}" for what, names in parts.items() if names]
        faults = len(self.effective.get("faults", ()))
        told.append(f"{faults} fault" + ("" if faults == 1 else "s"))
        told += [f"{len(self.warnings)} warnings"] if self.warnings else []
        return f"<Scenario {self.title or self.path!r}: {'; '.join(told)}; {self.seeds} seeds>"


def load(path: str | os.PathLike[str], set: Overrides | None = None) -> Scenario:  # noqa: A002
    """Read a scenario file.

    Parameters
    ----------
    path : path of the file
    set : values to put in the place of the file's own, by their path, as `--set` of the command does:
        `{"producers.0.threads": 16, "cluster.brokers.*.config.flushDiskType": "SYNC_FLUSH"}`. The path is
        dotted or a JSON pointer; an element of an array is named by its number, its `name`, or `*` for all.

    Raises
    ------
    ScenarioError
        The file, or what was set, is not good; it has all problems at once.
    """
    if isinstance(path, Mapping):
        raise TypeError("load takes the path of a file; loads takes dicts")
    return Scenario(_core.load(os.fspath(path), _pairs(set)))


def loads(
    scenario: str | Mapping[str, JsonValue],
    set: Overrides | None = None,  # noqa: A002
    path: str = "<scenario>",
) -> Scenario:
    """Read a scenario from a text or from dicts and lists; `path` is what messages and reports call it.

    Raises
    ------
    ScenarioError
        As `load`.
    """
    text = scenario if isinstance(scenario, str) else json.dumps(scenario)
    return Scenario(_core.loads(text, path, _pairs(set)))


def library() -> dict[str, Path]:
    """The scenarios that come with the package: their paths by name, like
    `"rocketmq/store-sync-flush-power-loss"`. Each has an `expect` block that holds."""
    package = Path(__file__).parent
    # In a checkout of the project that is not installed, the library is where it is edited.
    checkout = package.parents[1] / "scenarios" / "library"
    root = package / "library" if (package / "library").is_dir() else checkout
    return {path.relative_to(root).with_suffix("").as_posix(): path for path in sorted(root.rglob("*.json"))}


def _names(parts: Any) -> tuple[str, ...]:
    return tuple(str(part["name"]) for part in parts or ())


def _pairs(overrides: Overrides | None) -> list[tuple[str, str]]:
    return [(path, _as_typed(value)) for path, value in (overrides or {}).items()]


def _as_typed(value: JsonValue) -> str:
    """As one would type it after `--set path=`: a word that is no JSON is a text there."""
    if isinstance(value, str) and not _is_json(value):
        return value
    return json.dumps(value)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
