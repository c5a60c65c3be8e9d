"""The verbs check and trace."""

import json
import re
from pathlib import Path

import pytest
from command_line import GOOD, Done, Run, Scenario, power_loss, refused, report_of, written

# --- check --------------------------------------------------------------------------------------------------


def test_a_warning_is_told_and_does_not_count(tmp_path: Path, brokersim: Run) -> None:
    scenario = power_loss()
    scenario["cluster"]["brokers"][0]["config"] = {"haListenPort": 10912}  # Real, and not honoured.
    path = written(tmp_path / "real.json", scenario)
    run = brokersim("check", path)
    assert (run.returncode, run.stdout) == (0, f"{path}: good\n")
    assert f"{path}: warning: /cluster/brokers/0/config/haListenPort: " in run.stderr
    assert brokersim("run", path).returncode == 0


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_what_effective_prints_is_effective(path: Path, tmp_path: Path, brokersim: Run) -> None:
    first = brokersim("check", "--effective", path)
    assert first.returncode == 0, first.stderr
    effective = written(tmp_path / "effective.json", first.stdout)
    again = brokersim("check", "--effective", effective)
    assert again.returncode == 0
    # What is odd about the file is as odd in the effective one; what was not honoured is not said again.
    told, told_again = (
        {line.split(": ", 3)[3] for line in run.stderr.splitlines()} for run in (first, again)
    )
    assert told_again <= told
    assert not any("does not honour it" in message for message in told_again)
    assert again.stdout == first.stdout


def test_an_effective_file_runs_as_the_file_does(path: Path, tmp_path: Path, brokersim: Run) -> None:
    set_flush = ("--set", "cluster.brokers.0.config.flushDiskType=SYNC_FLUSH")
    effective = written(tmp_path / "full.json", brokersim("check", "--effective", path, *set_flush).stdout)
    original = report_of(brokersim("run", "--json", path, *set_flush))
    assert report_of(brokersim("run", "--json", effective))["trace_hash"] == original["trace_hash"]
    assert report_of(brokersim("run", "--json", path))["trace_hash"] != original["trace_hash"]


def test_explain_tells_every_setting_that_the_model_honours(path: Path, brokersim: Run) -> None:
    run = brokersim("check", "--explain")
    assert run.returncode == 0
    effective = json.loads(brokersim("check", "--effective", path).stdout)
    settings = effective["cluster"]["brokers"][0]["config"] | effective["producers"][0]["config"]
    for setting in settings:
        assert re.search(
            rf"^  {re.escape(setting)} \(.+\)  default .+\n      \w.+ \[\w.*\]$", run.stdout, re.MULTILINE
        )
    one = brokersim("check", "--explain", "flushDiskType")
    assert "SYNC_FLUSH" in one.stdout
    assert one.stdout.count("default") == 1
    refused(brokersim("check", "--explain", "flushDiscType"), 'did you mean "flushDiskType"?')


def test_explain_settings_tells_the_values_of_a_file(tmp_path: Path, brokersim: Run) -> None:
    scenario = power_loss()
    scenario["cluster"]["brokers"][0]["config"]["haListenPort"] = 10912  # Real, and not honoured.
    path = written(tmp_path / "told.json", scenario)
    run = brokersim("check", "--explain-settings", path)
    assert run.returncode == 0
    assert "\n  flushCommitLogLeastPages = 0 pages (set): " in run.stdout
    assert "\n  flushIntervalCommitLog = 500 milliseconds (default): " in run.stdout
    assert "haListenPort" in run.stdout
    # The warning says what the model does instead.
    assert "a slave finds its master by its brokerName" in run.stderr


def test_explain_settings_as_json_has_all_files(path: Path, failing: Path, brokersim: Run) -> None:
    run = brokersim("check", "--explain-settings", "--json", path, failing)
    told = json.loads(run.stdout)
    assert [one["file"] for one in told] == [str(path), str(failing)]
    effective = json.loads(brokersim("check", "--effective", path).stdout)
    broker = next(process for process in told[0]["processes"] if process["kind"] == "broker")
    here = {setting["name"]: setting["value"] for setting in broker["settings"]}
    config = effective["cluster"]["brokers"][0]["config"]
    shown = {name: json.dumps(value).strip('"') for name, value in config.items()}
    assert here == shown
    assert all(known["instead"] for known in told[0]["not_honoured"])


def test_json_of_check_is_that_of_explain_settings(path: Path, tmp_path: Path, brokersim: Run) -> None:
    refused(brokersim("check", "--json", path), "--explain-settings")
    bad = brokersim("check", "--explain-settings", "--json", written(tmp_path / "bad.json", "{"))
    assert (bad.returncode, json.loads(bad.stdout)) == (2, [])


def test_errors_are_told_before_warnings(tmp_path: Path, brokersim: Run) -> None:
    scenario = power_loss()
    scenario["cluster"]["brokers"][0]["config"] = {"haListenPort": 10912}
    scenario["producers"][0]["thread"] = 8
    run = brokersim("check", written(tmp_path / "both.json", scenario))
    told = ["warning" if ": warning: " in line else "error" for line in run.stderr.splitlines()]
    assert (run.returncode, told) == (2, ["error", "warning"])


def test_a_host_on_which_nothing_runs_is_told(tmp_path: Path, brokersim: Run) -> None:
    scenario = power_loss()
    scenario["hosts"] = [*scenario.get("hosts", []), {"name": "host-9", "sync_time": "5ms"}]
    run = brokersim("check", written(tmp_path / "empty.json", scenario))
    assert run.returncode == 0
    assert 'nothing runs on host "host-9"' in run.stderr


def test_check_wants_to_know_what(brokersim: Run) -> None:
    refused(brokersim("check"), "which scenario file")


# --- trace --------------------------------------------------------------------------------------------------


def events(run: Done) -> list[Scenario]:
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_each_line_of_a_trace_is_an_event_and_times_ascend(path: Path, brokersim: Run) -> None:
    told = events(brokersim("trace", path, "--json"))
    assert len(told) > 1000
    times = [event["t_ns"] for event in told]
    assert times == sorted(times)
    assert times[0] >= 0
    text = brokersim("trace", path).stdout.splitlines()
    assert len(text) == len(told)
    for line, event in zip(text, told, strict=True):
        found = re.fullmatch(r" *(\d+)\.(\d{9})s  (\w+) *((?:  \S+ \S+)*)", line)
        assert found, line
        assert int(found[1]) * 10**9 + int(found[2]) == event["t_ns"]
        assert found[3] == event["event"]
        values = {k: json.dumps(v) if isinstance(v, bool) else str(v) for k, v in event.items()}
        assert dict(pair.split() for pair in re.findall(r"\S+ \S+", found[4])).items() <= values.items()


def test_a_trace_and_a_report_of_one_seed_agree(path: Path, brokersim: Run) -> None:
    counts = report_of(brokersim("run", path, "--json", "--seed", 3))["groups"][0]["counts"]
    told = events(brokersim("trace", path, "--json", "--seed", 3))

    def times(name: str) -> int:
        return sum(event["event"] == name for event in told)

    assert times("send_begun") == counts["intents"]["max"] == 300
    assert times("acknowledged") == counts["acknowledged"]["max"]
    assert times("told_failed") == counts["told_failed"]["max"]
    assert times("fault_struck") == 1
    taken = {event["intent"] for event in told if event["event"] == "copy_lost"}
    acknowledged = {event["intent"] for event in told if event["event"] == "acknowledged"}
    assert len(taken & acknowledged) == counts["vanished"]["max"] > 0


def test_seeds_differ(path: Path, brokersim: Run) -> None:
    first = brokersim("trace", path)
    assert first.stdout == brokersim("trace", path, "--seed", 1).stdout
    assert first.stdout != brokersim("trace", path, "--seed", 2).stdout


def test_one_message_is_told_with_the_faults_around_it(path: Path, brokersim: Run) -> None:
    told = events(brokersim("trace", path, "--json", "--message", 42))
    whole = events(brokersim("trace", path, "--json"))
    own = [event for event in whole if event.get("intent") == 42]
    assert [event for event in told if "intent" in event] == own != []
    assert told[-1]["event"] == "verdict"
    others = {event["event"] for event in told if "intent" not in event}
    assert {"fault_struck", "host_lost_power", "healed"} <= others
    assert not others & {"flushed", "committed"}


def test_the_trace_of_a_message_ends_with_its_verdict(path: Path, brokersim: Run) -> None:
    told = events(brokersim("trace", path, "--json", "--seed", 3))
    acknowledged = {event["intent"] for event in told if event["event"] == "acknowledged"}
    message = next(
        event["intent"] for event in told if event["event"] == "copy_lost" and event["intent"] in acknowledged
    )
    verdict = events(brokersim("trace", path, "--json", "--seed", 3, "--message", message))[-1]
    assert verdict["t_ns"] >= told[-1]["t_ns"]
    assert {key: verdict[key] for key in ("message", "group", "class", "flags", "cause")} == {
        "message": message,
        "group": None,
        "class": "lost",
        "flags": ["vanished"],
        "cause": "storage.unflushed_tail",
    }
    line = brokersim("trace", path, "--seed", 3, "--message", message).stdout.splitlines()[-1]
    assert line.startswith("verdict for the log: lost, vanished; cause storage.unflushed_tail; window ")
    assert line.endswith("; closes it: flushDiskType=SYNC_FLUSH")


def test_a_message_that_does_not_exist_is_told(path: Path, brokersim: Run) -> None:
    run = brokersim("trace", path, "--message", 300)
    assert run.returncode == 2
    assert "this run has 300 messages, counted from 0" in run.stderr


@pytest.mark.parametrize("option", ["--seed", "--message"])
@pytest.mark.parametrize("value", ["-1", "nan", "1.5", "010", "99999999999999999999"])
def test_a_trace_refuses_what_is_no_number(path: Path, brokersim: Run, option: str, value: str) -> None:
    refused(brokersim("trace", path, option, value), option)


def test_a_trace_is_of_one_file(path: Path, failing: Path, brokersim: Run) -> None:
    refused(brokersim("trace", path, failing), str(failing))
    refused(brokersim("trace"), "path")
