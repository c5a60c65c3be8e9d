"""How many messages are lost or processed twice when a broker fails, why, and which setting closes it.

>>> import brokersim as bs
>>> report = bs.run(bs.library()["rocketmq/store-async-flush-power-loss"], seeds=50)
>>> int(report["vanished"].min()) >= 0  # one number per seed, as a NumPy array
True

`load` reads a scenario file, `run` runs many seeds of it, `Simulation` runs one, step by step. The grammar of
scenario files is docs/scenario-format.md, what is counted docs/report-format.md.
"""

from brokersim._core import __version__
from brokersim._errors import BugError, Cancelled, Problem, ScenarioError
from brokersim._names import CAUSES, COUNTS, CauseText
from brokersim._report import Expectation, ObservedCause, Report, Summary
from brokersim._run import run
from brokersim._scenario import Scenario, library, load, loads
from brokersim._simulation import Log, Simulation, Trace

__all__ = [
    "CAUSES",
    "COUNTS",
    "BugError",
    "Cancelled",
    "CauseText",
    "Expectation",
    "Log",
    "ObservedCause",
    "Problem",
    "Report",
    "Scenario",
    "ScenarioError",
    "Simulation",
    "Summary",
    "Trace",
    "__version__",
    "library",
    "load",
    "loads",
    "run",
]
