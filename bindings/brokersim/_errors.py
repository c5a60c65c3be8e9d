"""What goes wrong: the input, the program itself, or somebody said stop. The compiled core raises these."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """What is wrong, or only doubtful (`warning`), at one place of a scenario."""

    pointer: str
    """JSON pointer (RFC 6901) to the place; empty: the whole file."""
    message: str
    suggestion: str = ""
    """`did you mean "flushDiskType"?`, or what is allowed; may be empty."""
    warning: bool = False

    def __str__(self) -> str:
        text = f"{self.pointer}: " if self.pointer else ""
        text += ("warning: " if self.warning else "") + self.message
        return text + (f" ({self.suggestion})" if self.suggestion else "")


class ScenarioError(ValueError):
    """A scenario that cannot be used. `str()` lists all of its problems, `problems` has them one by one."""

    problems: tuple[Problem, ...]

    def __init__(self, message: str, problems: Iterable[tuple[str, str, str, bool]] = ()) -> None:
        found = list(problems)
        super().__init__(message, found)
        self.problems = tuple(Problem(*problem) for problem in found)

    def __str__(self) -> str:
        return str(self.args[0])


class BugError(RuntimeError):
    """A bug in brokersim: it names the seed, the event and the last records. Please report it."""


class Cancelled(RuntimeError):  # noqa: N818
    """`Simulation.cancel` stopped this run; it can go on."""
