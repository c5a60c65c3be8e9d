"""What the tests of the command line share: a scenario in which something is lost, and how answers look."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests/scenarios"
BAD = sorted((CORPUS / "bad").glob("*.json"))
GOOD = [*sorted((CORPUS / "good").glob("*.json")), *sorted((ROOT / "scenarios/library").rglob("*.json"))]

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
Scenario = dict[str, Any]


def power_loss() -> Scenario:
    """Some orders vanish in each seed: 100/s, of which up to half a second is not yet flushed."""
    return {
        "title": "Power loss",
        "question": "How many?",
        "seeds": 7,
        "cluster": {
            "kind": "rocketmq",
            "brokers": [{"name": "broker-a", "config": {"flushCommitLogLeastPages": 0}}],
            "topics": [{"name": "orders"}],
        },
        "producers": [{"name": "shop", "messages": 300, "rate": "100/s"}],
        "faults": [{"at": "uniform(1s, 2s)", "power_loss": "broker-a", "restore_after": "1s"}],
    }


def written(path: Path, scenario: Scenario | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(scenario if isinstance(scenario, str) else json.dumps(scenario), encoding="utf-8")
    return path


def report_of(run: Done) -> Scenario:
    assert run.returncode in (0, 1), run.stderr
    (report,) = json.loads(run.stdout)
    return report


def refused(run: Done, *parts: str) -> None:
    """Bad input: code 2, nothing on stdout, and a message that says what is wrong and is no accident."""
    assert run.returncode == 2, run.stdout + run.stderr
    assert run.stdout == ""
    for part in parts:
        assert part in run.stderr
    assert "bug in brokersim" not in run.stderr
    assert "terminate called" not in run.stderr
