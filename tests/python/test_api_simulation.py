"""`brokersim.Simulation`: one run, stopped, looked at, forked."""

from __future__ import annotations

import copy
import json
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import Run, power_loss

import brokersim as bs

LIBRARY = bs.library()


@pytest.fixture
def scenario() -> bs.Scenario:
    return bs.loads(power_loss())


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_it_is_the_run_of_this_seed_however_it_is_cut(name: str) -> None:
    scenario = bs.load(LIBRARY[name])
    report = bs.run(scenario, [3])
    simulation = bs.Simulation(scenario, seed=3)
    for until in (0, 0.0005, "1ms", 1, timedelta(seconds=2.5), "3s", 20):
        simulation.run(until=until)
    simulation.run()
    assert int(simulation.trace_hash, 16) == report.trace_hashes[0]
    assert simulation.events == report.events[0]
    assert simulation.now == report.ended[0]
    assert simulation.drained == report.drained[0]
    for group in scenario.groups:
        counts = {count: int(report.column(count, group=group)[0]) for count in bs.COUNTS}
        assert simulation.judge(group) == counts


def test_stepping_is_running(scenario: bs.Scenario) -> None:
    stepped, run = bs.Simulation(scenario, seed=5), bs.Simulation(scenario, seed=5)
    while stepped.step():
        pass
    run.run()
    assert stepped.finished
    assert (stepped.trace_hash, stepped.events, stepped.now) == (run.trace_hash, run.events, run.now)
    assert not stepped.step()
    stepped.run()
    assert stepped.trace_hash == run.trace_hash


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
@pytest.mark.parametrize("moment", [0, "700ms", 2.2, 6])
def test_a_fork_goes_on_exactly_as_the_original(
    scenario: bs.Scenario, copied: Any, moment: float | str
) -> None:
    original = bs.Simulation(scenario, seed=7, record=True)
    original.run(until=moment)
    fork = copied(original)
    fork_of_fork = copied(fork)
    seen = len(original.trace)
    original.run()
    assert len(fork.trace) == seen, "the fork stays where it is"
    fork.run()
    fork_of_fork.step()
    fork_of_fork.run()
    for other in (fork, fork_of_fork):
        assert other.trace_hash == original.trace_hash
        assert other.judge() == original.judge()
        assert list(other.trace) == list(original.trace)


def test_a_split_fork_has_another_fate(scenario: bs.Scenario) -> None:
    original = bs.Simulation(scenario, seed=7)
    original.run(until=0.5)
    ends = set()
    for salt in range(5):
        fork = copy.copy(original)
        fork.split(salt)
        fork.run()
        ends.add(fork.trace_hash)
    assert len(ends) == 5


def test_time_is_told_in_seconds_and_taken_in_any_form(scenario: bs.Scenario) -> None:
    simulation = bs.Simulation(scenario)
    assert simulation.now == 0
    for until, now in ((0.25, 0.25), ("500ms", 0.5), (timedelta(milliseconds=750), 0.75)):
        simulation.run(until=until)
        assert simulation.now == now
        assert not simulation.finished
    assert "under way at 0.75 s" in repr(simulation)
    for wrong in (0.7, -1, float("nan"), float("inf"), "soon", "3"):
        with pytest.raises(ValueError, match=r"."):
            simulation.run(until=wrong)
    assert simulation.now == 0.75


def test_what_is_under_way_is_judged_as_if_it_ended_now(scenario: bs.Scenario) -> None:
    simulation = bs.Simulation(scenario, seed=2)
    counts = simulation.judge()
    assert set(counts) == set(bs.COUNTS)
    assert counts["intents"] == 0
    simulation.run(until=0.995)
    # 100/s from somewhere in the first 10 ms; the fault comes later than 1 s.
    assert simulation.judge()["intents"] in (99, 100)
    assert simulation.judge()["vanished"] == 0


def test_the_trace_is_that_of_the_command(path: Path, brokersim: Run) -> None:
    simulation = bs.Simulation(bs.load(path), seed=4, record=True)
    trace = simulation.trace
    assert len(trace) == 0
    simulation.run()
    lines = brokersim("trace", path, "--seed", 4, "--json").stdout.splitlines()
    assert list(trace) == [json.loads(line) for line in lines]
    assert trace[0] == json.loads(lines[0])
    assert trace[-1] == json.loads(lines[-1])
    assert trace[2:5] == list(trace)[2:5]
    with pytest.raises(IndexError):
        trace[len(trace)]
    assert all(a["t_ns"] <= b["t_ns"] for a, b in pairwise(trace))
    kinds = Counter(record["event"] for record in trace)
    assert kinds["send_begun"] == 300
    assert kinds["host_lost_power"] == 1
    assert kinds["copy_lost"] >= simulation.judge()["vanished"]
    text = brokersim("trace", path, "--seed", 4).stdout.splitlines()
    assert repr(trace).splitlines()[1:] == text[-20:]


def test_without_recording_there_is_no_trace(scenario: bs.Scenario) -> None:
    with pytest.raises(ValueError, match="record=True"):
        _ = bs.Simulation(scenario).trace


def test_the_log_shows_what_a_crash_would_leave(scenario: bs.Scenario) -> None:
    simulation = bs.Simulation(scenario, seed=2)
    simulation.run(until=0.995)
    log = simulation.log("broker-a")
    assert len(log.intent) == simulation.judge()["stored"] > 90
    assert sorted(log.intent.tolist()) == list(range(len(log.intent)))
    assert set(log.topic.tolist()) == {"orders"}
    assert log.committed.all()
    # A flush each 500 ms: at 0.995 s the oldest record is on the disk and the newest is not.
    assert log.synced[0]
    assert not log.synced[-1]
    assert (np.diff(log.synced.astype(int)) <= 0).all()
    assert (np.diff(log.end) > 256).all()
    with pytest.raises(KeyError, match="did you mean broker-a"):
        simulation.log("broker-b")


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_that_is_none_is_refused(scenario: bs.Scenario, seed: int) -> None:
    with pytest.raises(ValueError, match="seed"):
        bs.Simulation(scenario, seed)
