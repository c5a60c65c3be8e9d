"""Every file of the scenario library is a test: it says what must come out and why, and that comes out."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from command_line import ROOT, Run

LIBRARY = ROOT / "scenarios/library"
FILES = sorted(LIBRARY.rglob("*.json"))


def name(path: Path) -> str:
    return path.relative_to(LIBRARY).as_posix()


@cache
def read(path: Path) -> dict[str, Any]:
    scenario: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return scenario


every_file = pytest.mark.parametrize("path", FILES, ids=name)


def test_there_is_a_library() -> None:
    assert len(FILES) >= 16


@every_file
def test_it_says_what_it_asks_and_why_that_comes_out(path: Path) -> None:
    scenario = read(path)
    assert scenario["title"]
    assert scenario["question"].endswith("?")
    assert scenario["expect"], "a library scenario is a test"
    unargued = [expectation for expectation in scenario["expect"] if not expectation.get("because")]
    assert unargued == [], "an expectation says why it must be so"


@every_file
def test_its_schema_is_beside_it(path: Path) -> None:
    assert (path.parent / read(path)["$schema"]).resolve() == ROOT / "scenarios/schema.json"


# A mistake that is the subject of its scenario is warned of all the same.
WARNED_OF = {
    "acting-master-may-not-be-read": "a slave refuses pulls",
    "acting-master-unknown-to-the-name-server": "do not show an acting master",
    "consuming-subscription-mismatch": "subscribes to other topics",
    "delayed-level-beyond-the-highest": "the broker takes 18 for 3",
    "replication-no-slave-in-sync-replicas-2": "can never have so many replicas",
    "replication-sync-master-alone": "waits for no slave while inSyncReplicas is 1",
}
# A listener that hangs, a queue that nobody reads or that a poison message blocks, a slave that nobody may
# read: such messages are still there when the time is over. And a slave that finds no common epoch with its
# master tries for ever.
NEVER_DRAINED = {
    "acting-master-may-not-be-read",
    "acting-master-unknown-to-the-name-server",
    "consuming-one-stuck-message",
    "consuming-subscription-mismatch",
    "controller-power-loss-short",
    "names-slave-refuses",
    "orderly-master-gone",
    "orderly-poison-blocks-its-queue",
}


@every_file
def test_it_is_good_without_a_warning(path: Path, brokersim: Run) -> None:
    run = brokersim("check", path)
    assert run.returncode == 0
    if path.stem in WARNED_OF:
        assert WARNED_OF[path.stem] in run.stderr
    else:
        assert not run.stderr


# What holds for one block of seeds only is luck, so a second one is run that nobody has looked at.
@pytest.fixture(scope="session", params=[1, 1001], ids=lambda first: f"seeds from {first}")
def reports(request: pytest.FixtureRequest, brokersim: Run) -> dict[Path, dict[str, Any]]:
    run = brokersim("run", "scenarios/library", "--json", "--first-seed", request.param)
    assert run.returncode in (0, 1), run.stderr
    found = {ROOT / report["file"]: report for report in json.loads(run.stdout)}
    assert (run.returncode == 0) == all(report["holds"] for report in found.values())
    return found


@every_file
def test_its_expectations_hold(path: Path, reports: dict[Path, dict[str, Any]]) -> None:
    report = reports[path]
    failed = [finding for finding in report["expect"] if not finding["holds"]]
    assert failed == []
    assert report["holds"]
    assert len(report["expect"]) >= len(read(path)["expect"])
    assert report["seeds"] == read(path).get("seeds", 100)


@every_file
def test_its_faults_strike_and_nothing_is_left_over(path: Path, reports: dict[Path, dict[str, Any]]) -> None:
    report = reports[path]
    assert len(report["fault_strikes"]) == len(read(path).get("faults", []))
    assert [fault for fault in report["fault_strikes"] if fault["min"] < 1] == [], "a fault never struck"
    if path.stem in NEVER_DRAINED:
        assert report["not_drained"] > 0
    else:
        assert report["not_drained"] == 0
