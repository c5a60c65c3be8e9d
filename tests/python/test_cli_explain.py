"""The verb explain."""

import json
import re
from pathlib import Path

import pytest
from command_line import ROOT, Run, Scenario, power_loss, refused, report_of, written


def offending(brokersim: Run, path: Path) -> Scenario:
    """The finding that fails."""
    (finding,) = [
        finding for finding in report_of(brokersim("run", path, "--json"))["expect"] if not finding["holds"]
    ]
    return finding


def test_a_failed_expectation_names_a_message_and_its_story(failing: Path, brokersim: Run) -> None:
    finding = offending(brokersim, failing)
    seed, message = finding["seed"], finding["message"]
    assert finding["explain"] == f"brokersim explain {failing} --seed {seed} --message {message}"
    run = brokersim("explain", failing, "--seed", seed, "--message", message)
    assert (run.returncode, run.stderr) == (0, "")
    for part in (
        f"sends message {message}.",
        "broker-a stores it in queue",
        "it believes the message safe",
        "loses its power; the last flush of broker-a ended",
        "is gone: it was not yet on the disk",
        "For the log: lost, vanished",
        "cause: storage.unflushed_tail",
        "closes it: flushDiskType=SYNC_FLUSH",
        "window: it had been believed safe for",
        "Faults while it was under way:",
    ):
        assert part in run.stdout
    trace = brokersim("trace", failing, "--seed", seed, "--message", message, "--json").stdout
    for name in {json.loads(line)["event"] for line in trace.splitlines()} - {
        "answered",
        "acknowledged",
        "released",
    }:
        assert not re.search(rf"\b{name}\b", run.stdout) or "_" not in name, f"{name} is no word for people"


def test_the_story_in_json_is_the_same(failing: Path, brokersim: Run) -> None:
    finding = offending(brokersim, failing)
    words = ("explain", failing, "--seed", finding["seed"], "--message", finding["message"])
    text = brokersim(*words).stdout
    told = json.loads(brokersim(*words, "--json").stdout)
    assert [sentence["text"] for sentence in told["story"]] == re.findall(
        r"^ +\d+\.\d{3} s  (?:\| )?(.*)$", text.partition("\nFor ")[0], re.MULTILINE
    )
    times = [sentence["t_ns"] for sentence in told["story"]]
    assert times == sorted(times)
    (verdict,) = told["verdicts"]
    assert verdict["class"] == "lost"
    assert verdict["group"] is None
    assert verdict["cause"] == "storage.unflushed_tail"
    trace = brokersim("trace", *words[1:], "--json").stdout.splitlines()[-1]
    assert json.loads(trace).items() >= verdict.items()
    described = (ROOT / "docs/report-format.md").read_text(encoding="utf-8").split("## Explanations")[1]
    table = described.split("## ")[0]
    for key in [*told, *verdict, *told["story"][0]]:
        assert f"`{key}`" in table or f"{key}," in table or f"{key}}}" in table, key


def test_a_group_is_told_alone(tmp_path: Path, brokersim: Run) -> None:
    scenario = power_loss()
    scenario["cluster"]["topics"].append({"name": "logs"})
    scenario["producers"][0]["topic"] = "orders"
    scenario["consumers"] = [
        {"name": "billing", "topic": "orders", "kind": "reader"},
        {"name": "audit", "topic": "orders", "kind": "reader"},
        {"name": "search", "topic": "logs", "kind": "reader"},
    ]
    path = written(tmp_path / "groups.json", scenario)
    whole = brokersim("explain", path, "--message", 0).stdout
    assert "For group billing: " in whole
    assert "For group audit: " in whole
    assert "search" not in whole
    alone = brokersim("explain", path, "--message", 0, "--group", "audit").stdout
    assert "For group audit: " in alone
    assert "billing" not in alone
    refused(
        brokersim("explain", path, "--message", 0, "--group", "search"), "search", "does not read the topic"
    )
    refused(brokersim("explain", path, "--message", 0, "--group", "nobody"), "nobody", "no such group")


def test_what_a_run_does_not_have_is_told(path: Path, brokersim: Run) -> None:
    refused(brokersim("explain", path, "--message", 300), "this run has 300 messages, counted from 0")
    refused(brokersim("explain", path), "--message")


@pytest.mark.parametrize("option", ["--seed", "--message"])
@pytest.mark.parametrize("value", ["-1", "nan", "1.5", "010", "99999999999999999999"])
def test_what_is_no_number_is_refused(path: Path, brokersim: Run, option: str, value: str) -> None:
    refused(brokersim("explain", path, "--message", 0, option, value), option)


def test_every_seed_and_message_has_a_story(path: Path, brokersim: Run) -> None:
    for seed, message in ((0, 0), (2**64 - 1, 299), (3, 150)):
        run = brokersim("explain", path, "--seed", seed, "--message", message)
        assert run.returncode == 0, run.stderr
        assert f"seed {seed}, message {message}\n" in run.stdout
