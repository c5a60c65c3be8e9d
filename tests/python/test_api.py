"""`import brokersim`: reading scenarios and running many seeds of them."""

from __future__ import annotations

import json
import pickle
import signal
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import ROOT, Run, power_loss, report_of, written

import brokersim as bs


def reading() -> dict[str, Any]:
    """Two groups that read what is sent, and a topic that nobody reads."""
    scenario = power_loss()
    scenario["cluster"]["topics"].append({"name": "audit"})
    scenario["producers"].append({"name": "auditor", "topic": "audit", "messages": 10})
    scenario["producers"][0]["topic"] = "orders"
    readers = ("billing", "stock")
    scenario["consumers"] = [{"name": name, "group": name, "topic": "orders"} for name in readers]
    return scenario


def endless() -> bs.Scenario:
    """Far more messages than anybody waits for."""
    scenario = power_loss()
    scenario["producers"][0] |= {"messages": 10_000_000, "rate": "2000/s"}
    return bs.loads(scenario)


# Scenarios --------------------------------------------------------------------------------------------------


def test_a_file_and_its_text_are_the_same_scenario(path: Path) -> None:
    from_file, from_text, from_dict = bs.load(path), bs.loads(path.read_text()), bs.loads(power_loss())
    assert from_file.path == str(path)
    assert from_file.effective == from_text.effective == from_dict.effective
    assert (from_file.title, from_file.question, from_file.seeds) == ("Power loss", "How many?", 7)
    names = from_file.brokers, from_file.topics, from_file.producers, from_file.consumers
    assert names == (("broker-a",), ("orders",), ("shop",), ())
    for part in ("Power loss", "broker-a", "orders", "shop", "1 fault", "7 seeds"):
        assert part in repr(from_file)


def test_the_effective_scenario_has_the_defaults_and_reads_back(path: Path) -> None:
    effective = bs.load(path).effective
    assert effective["cluster"]["brokers"][0]["config"]["flushIntervalCommitLog"] == 500
    assert bs.loads(effective).effective == effective


@pytest.mark.parametrize(
    ("place", "value", "effect"),
    [
        ("producers.shop.threads", 3, 3),
        ("/producers/0/threads", 3, 3),
        ("producers.*.rate", "50/s", "50/s"),
        ("title", "5", "5"),  # A text stays one, though it looks like a number.
    ],
)
def test_values_are_set_by_their_path(path: Path, place: str, value: object, effect: object) -> None:
    effective = bs.load(path, set={place: value}).effective
    producer = effective["producers"][0]
    assert effect in (effective["title"], producer["threads"], producer["rate"])


def test_bad_input_tells_all_problems_with_their_places() -> None:
    scenario = power_loss()
    scenario["producers"][0]["thread"] = 3
    scenario["faults"][0]["at"] = "soon"
    with pytest.raises(bs.ScenarioError) as raised:
        bs.loads(scenario, set={"cluster.brokers.*.config.flushDiskTyp": "SYNC_FLUSH"}, path="mine.json")
    error = raised.value
    assert isinstance(error, ValueError)
    pointers = {problem.pointer for problem in error.problems}
    assert pointers == {"/producers/0/thread", "/faults/0/at", "/cluster/brokers/0/config/flushDiskTyp"}
    for problem in error.problems:
        assert str(problem) in str(error)
        assert not problem.warning
    assert "mine.json: 3 problems" in str(error)
    assert 'did you mean "flushDiskType"?' in {problem.suggestion for problem in error.problems}


def test_a_scenario_error_can_be_pickled() -> None:
    with pytest.raises(bs.ScenarioError) as raised:
        bs.loads("{")
    again = pickle.loads(pickle.dumps(raised.value))
    assert (str(again), again.problems) == (str(raised.value), raised.value.problems)


def test_what_is_no_file_is_bad_input_too(tmp_path: Path) -> None:
    with pytest.raises(bs.ScenarioError, match="cannot be read"):
        bs.load(tmp_path / "none.json")


def test_doubts_are_warnings() -> None:
    # A real setting of the broker that the model does not honour.
    scenario = bs.loads(power_loss(), set={"cluster.brokers.0.config.brokerClusterName": "mine"})
    assert [warning.warning for warning in scenario.warnings] == [True]
    assert scenario.warnings[0].pointer == "/cluster/brokers/0/config/brokerClusterName"


def test_the_library_comes_with_the_package() -> None:
    library = bs.library()
    root = ROOT / "scenarios/library"
    committed = {path.relative_to(root).as_posix() for path in root.rglob("*.json")}
    assert {f"{name}.json" for name in library} == committed
    assert all(bs.load(path).title for path in library.values())


# Reports ----------------------------------------------------------------------------------------------------


def without_the_file(report: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in report.items() if key != "file"}


@pytest.mark.parametrize("scenario", [power_loss(), reading()], ids=["log", "groups"])
def test_the_report_is_that_of_the_command(scenario: dict[str, Any], tmp_path: Path, brokersim: Run) -> None:
    path = written(tmp_path / "scenario.json", scenario | {"expect": [{"acknowledged": {"mean": [1, 500]}}]})
    changed = "producers.shop.rate"
    command = brokersim("run", path, "--json", "--first-seed", 5, "--seeds", 6, "--set", f"{changed}=90/s")
    report = bs.run(bs.load(path, set={changed: "90/s"}), seeds=range(5, 11), jobs=3)
    assert json.loads(report.to_json()) == report_of(command)
    text = brokersim("run", path, "--first-seed", 5, "--seeds", 6, "--set", f"{changed}=90/s").stdout
    assert text.startswith(repr(report))


def test_by_default_it_runs_what_the_file_says(path: Path, brokersim: Run) -> None:
    report = bs.run(path)
    assert report.seeds.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert report.to_dict() == report_of(brokersim("run", path, "--json"))


def test_columns_have_one_number_per_seed_in_the_order_of_the_seeds() -> None:
    scenario = bs.loads(power_loss())
    seeds = [12, 3, 2**64 - 1, 4]
    report = bs.run(scenario, seeds)
    assert report.seeds.dtype == np.uint64
    assert report.seeds.tolist() == seeds
    assert list(report) == list(bs.COUNTS)
    for count in bs.COUNTS:
        assert report[count].dtype == np.int64
        assert report[count].shape == (4,)
    alone = [bs.run(scenario, [seed]) for seed in seeds]
    assert report["vanished"].tolist() == [int(one["vanished"][0]) for one in alone]
    assert report.trace_hashes.tolist() == [int(one.trace_hashes[0]) for one in alone]
    assert report.to_dict()["seed_list"] == seeds
    # Each of the 300 messages was either acknowledged or told to have failed, and the fault struck once.
    assert (report["acknowledged"] + report["told_failed"] == report["intents"]).all()
    assert report["intents"].tolist() == [300] * 4
    assert [strikes.tolist() for strikes in report.strikes] == [[1] * 4]
    assert report.drained.all()
    assert (report.ended > 3).all()  # 300 messages at 100/s
    assert (report.events > 300).all()


def test_a_column_is_a_copy() -> None:
    report = bs.run(bs.loads(power_loss()), 3)
    report["intents"][:] = 0
    assert report["intents"].tolist() == [300] * 3


def test_causes_have_columns_windows_and_what_closes_them() -> None:
    report = bs.run(bs.loads(power_loss()), 30)
    cause = "storage.unflushed_tail"
    by_cause = report.column("vanished", cause=cause)
    assert by_cause.tolist() == report["vanished"].tolist()
    assert by_cause.sum() > 0
    assert report.column("vanished", cause="consumption.offset_skipped").tolist() == [0] * 30
    (observed,) = (found for found in report.causes if found.count == "vanished")
    assert (observed.cause, observed.group, observed.intents) == (cause, "", by_cause.sum())
    assert observed.seeds == np.count_nonzero(by_cause)
    assert (observed.sentence, observed.closes) == bs.CAUSES[cause]
    windows = report.windows[cause]
    assert windows.shape == (30, 2)
    assert (np.isnan(windows[:, 0]) == (by_cause == 0)).all()
    # FlushRealTimeService: 500 ms between two flushes, and a sync of some milliseconds.
    assert observed.window == (np.nanmin(windows), np.nanmax(windows))
    assert 0 <= observed.window[0] <= observed.window[1] < 0.6


def test_a_cause_that_is_rare_has_a_zero_in_every_other_seed() -> None:
    # A flush each 10 ms leaves one message at most, and often none.
    setting = {"cluster.brokers.0.config.flushIntervalCommitLog": 10}
    scenario, cause = bs.loads(power_loss(), set=setting), "storage.unflushed_tail"
    first = bs.run(scenario, 60)
    without, with_one = (first.seeds[first["vanished"] == count].tolist() for count in (0, 1))
    assert min(len(without), len(with_one)) >= 2
    report = bs.run(scenario, [without[0], *with_one[:2], without[1]])
    assert report.column("vanished", cause=cause).tolist() == [0, 1, 1, 0]
    assert np.isnan(report.window(cause)).tolist() == [[True, True], [False] * 2, [False] * 2, [True, True]]


def test_the_summary_is_that_of_the_json_report() -> None:
    report = bs.run(bs.loads(power_loss()), 40)
    counts = report.to_dict()["groups"][0]["counts"]
    assert list(report.summaries()) == list(counts) == list(bs.COUNTS)
    for count, summary in report.summaries().items():
        told = counts[count]
        assert summary["mean"] == told["mean"]
        assert list(summary["ci95"]) == told["mean_95"]
        assert list(summary["prediction95"]) == told["prediction_95"]
        assert (summary["min"], summary["max"]) == (told["min"], told["max"])
        assert summary["median"] == told["median"]
    assert report.summary("vanished")["mean"] == pytest.approx(report["vanished"].mean())


def test_several_judged_groups_are_named() -> None:
    report = bs.run(bs.loads(reading()), 5)
    assert report.groups == ("billing", "stock", "")
    assert report.column("intents", group="billing").tolist() == [300] * 5
    assert report.column("intents", group="").tolist() == [10] * 5
    with pytest.raises(ValueError, match="several groups are judged"):
        report.column("intents")
    with pytest.raises(KeyError, match="did you mean billing"):
        report.column("intents", group="biling")


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    report = bs.run(bs.loads(power_loss()), 1)
    with pytest.raises(KeyError, match="did you mean vanished"):
        report["vanishd"]
    with pytest.raises(KeyError, match=r"did you mean storage\.unflushed_tail"):
        report.column("lost", cause="unflushed_tail")


def test_expectations_say_whether_they_hold_and_where_they_stand() -> None:
    scenario = power_loss() | {"expect": [{"intents": 300}, {"vanished": 0}]}
    report = bs.run(bs.loads(scenario), 10)
    good, bad = report.expectations
    assert (good.holds, good.pointer, bad.holds, bad.pointer) == (True, "/expect/0", False, "/expect/1")
    assert "vanished in every seed" in bad.text
    assert not report.ok
    # Its seed shows it.
    assert bad.seed is not None
    assert bs.run(bs.loads(scenario), [bad.seed])["vanished"][0] == int(bad.observed)


def test_a_notebook_shows_a_table() -> None:
    scenario = power_loss() | {"title": "<b>&", "expect": [{"vanished": 0}]}
    html = bs.run(bs.loads(scenario), 10)._repr_html_()
    shown = "&lt;b&gt;&amp;", "<td>vanished</td>", "storage.unflushed_tail", "flushDiskType=SYNC_FLUSH"
    for part in (*shown, "FAILS"):
        assert part in html
    assert "<td>ghost</td>" not in html


# Running ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seeds", [0, [], [1, 1], [-1], [2**64], range(-3, 3)])
def test_seeds_that_are_none_are_refused(seeds: Any) -> None:
    with pytest.raises(ValueError, match="seed"):
        bs.run(bs.loads(power_loss()), seeds)


def test_a_number_of_threads_changes_nothing() -> None:
    scenario = bs.loads(power_loss())
    one, four = bs.run(scenario, 20, jobs=1), bs.run(scenario, 20, jobs=4)
    assert one.to_json() == four.to_json()
    with pytest.raises(ValueError, match="jobs"):
        bs.run(scenario, 1, jobs=0)


def test_progress_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[int, int]] = []
    bs.run(bs.loads(power_loss()), 20, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (20, 20)
    assert told == sorted(set(told))
    bs.run(bs.loads(power_loss()), 20, progress=True)
    assert capsys.readouterr().err.endswith("20/20 seeds\n")


def test_what_progress_raises_ends_the_run() -> None:
    def stop(done: int, total: int) -> None:
        raise LookupError(f"{done} of {total} are enough")

    with pytest.raises(LookupError, match="of 1000000 are enough"):
        bs.run(bs.loads(power_loss()), 1_000_000, progress=stop)


def interrupt_soon() -> None:
    """As Ctrl-C would, once the run is under way."""

    def strike() -> None:
        time.sleep(0.3)
        signal.raise_signal(signal.SIGINT)

    threading.Thread(target=strike).start()


def test_ctrl_c_ends_a_run() -> None:
    interrupt_soon()
    with pytest.raises(KeyboardInterrupt):
        bs.run(endless(), 2)


def test_ctrl_c_stops_a_simulation_that_can_go_on() -> None:
    simulation, twin = bs.Simulation(endless()), bs.Simulation(endless())
    interrupt_soon()
    with pytest.raises(KeyboardInterrupt):
        simulation.run()
    assert not simulation.finished
    twin.run(until=simulation.now)
    simulation.run(until=simulation.now)
    assert simulation.trace_hash == twin.trace_hash


def look_for_ever(simulation: bs.Simulation) -> None:
    while True:
        assert simulation.now < 3600


def test_other_python_threads_go_on_meanwhile() -> None:
    simulation, steps = bs.Simulation(endless()), 0

    def run() -> None:
        with pytest.raises(bs.Cancelled):
            simulation.run()

    thread = threading.Thread(target=run)
    thread.start()
    while steps < 1000:
        steps += 1
    # It is not to be looked at while it changes: either it is not yet running, or it says so.
    with pytest.raises(RuntimeError, match="another thread"):
        look_for_ever(simulation)
    simulation.cancel()
    thread.join()
    assert 0 < simulation.now < 3600
    assert simulation.step()
