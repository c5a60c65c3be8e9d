"""What a user may write, and what his type checker must refuse. `mypy --strict` accepts this file as it is,
so every ignored line is an error indeed (test_api_types.py). It is never run."""

import copy
from datetime import timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

import brokersim as bs


def reports(path: Path) -> float:
    scenario = bs.load(path, set={"producers.0.threads": 16})
    report = bs.run(scenario, seeds=range(100), jobs=2, progress=lambda done, total: print(done / total))
    lost: npt.NDArray[np.int64] = report.column("lost", cause="storage.unflushed_tail", group=None)
    names: dict[str, Path] = bs.library()
    closes: list[str] = [cause.closes for cause in report.causes]
    failed: list[bs.Expectation] = [claim for claim in report.expectations if not claim.holds]
    summary: bs.Summary = report.summary("lost")
    print(names, closes, failed, report.windows["storage.unflushed_tail"][:, 1].max())
    return summary["ci95"][0] + float(lost.mean())


def simulations(scenario: bs.Scenario) -> dict[str, int]:
    simulation = bs.Simulation(scenario, seed=3, record=True)
    for until in (0.5, "3.5s", timedelta(seconds=4)):
        simulation.run(until=until)
    fork: bs.Simulation = copy.copy(simulation)
    kinds: set[str] = {record["event"] for record in fork.trace}
    exposed = fork.log().intent[~fork.log().synced]
    print(kinds, exposed.size)
    return fork.judge()


def problems(text: str) -> list[str]:
    try:
        return [warning.message for warning in bs.loads(text).warnings]
    except bs.ScenarioError as error:
        return [f"{problem.pointer}: {problem.suggestion}" for problem in error.problems]


def mistakes(scenario: bs.Scenario, report: bs.Report) -> None:
    bs.run(3)  # type: ignore[arg-type]
    bs.run(scenario, seeds="all")  # type: ignore[arg-type]
    bs.Simulation(scenario, 1, True)  # type: ignore[call-arg]
    report.column(7)  # type: ignore[arg-type]
    report.summary("lost")["average"]  # type: ignore[typeddict-item]
    scenario.title = report["lost"]  # type: ignore[assignment]
    report.ok = True  # type: ignore[misc]
