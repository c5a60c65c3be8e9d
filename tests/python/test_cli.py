"""The command line, seen as a user: what it runs, with which seeds and settings, and what the code says."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import ROOT, Done, Run, power_loss, refused, report_of, written


def files_of(run: Done) -> list[str]:
    assert run.returncode == 0, run.stderr
    return [report["file"] for report in json.loads(run.stdout)]


# --- which files --------------------------------------------------------------------------------------------


def test_files_folders_and_globs_run_in_the_order_they_are_named(tmp_path: Path, brokersim: Run) -> None:
    for name in ("b.json", "a.json", "more/d.json", "more/deep/c.json", "more/notes.txt"):
        written(tmp_path / name, power_loss())
    files = files_of(brokersim("run", "b.json", "more", "?.json", "--json", "--seeds", 1, cwd=tmp_path))
    assert files == ["b.json", "more/d.json", "more/deep/c.json", "a.json"]


def test_a_file_is_run_once_however_often_it_is_named(tmp_path: Path, brokersim: Run) -> None:
    written(tmp_path / "a.json", power_loss())
    names = ("a.json", "./a.json", "*.json", ".", tmp_path / "a.json")
    assert files_of(brokersim("run", *names, "--json", "--seeds", 1, cwd=tmp_path)) == ["a.json"]


def test_a_glob_may_match_folders(tmp_path: Path, brokersim: Run) -> None:
    written(tmp_path / "one/a.json", power_loss())
    written(tmp_path / "two/b.json", power_loss())
    files = files_of(brokersim("run", "*", "--json", "--seeds", 1, cwd=tmp_path))
    assert files == ["one/a.json", "two/b.json"]


def test_a_file_may_be_called_like_a_glob(tmp_path: Path, brokersim: Run) -> None:
    written(tmp_path / "a[1].json", power_loss())
    assert files_of(brokersim("run", "a[1].json", "--json", "--seeds", 1, cwd=tmp_path)) == ["a[1].json"]


def test_a_schema_beside_the_scenarios_is_none_of_them(tmp_path: Path, brokersim: Run) -> None:
    written(tmp_path / "a.json", power_loss())
    written(tmp_path / "schema.json", "{}")
    run = brokersim("check", tmp_path)
    assert (run.returncode, run.stdout, run.stderr) == (0, f"{tmp_path}/a.json: good\n", "")


@pytest.mark.parametrize("line", ["{} check /dev/stdin < {}", "cat {1} | {0} check /dev/stdin"])
def test_a_scenario_may_come_through_a_pipe(path: Path, command: Path, line: str) -> None:
    shell = line.format(shlex.quote(str(command)), shlex.quote(str(path)))
    run = subprocess.run(shell, shell=True, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "/dev/stdin: good\n", "")


@pytest.mark.parametrize(
    "library",
    [
        "elsewhere/scenarios/library",  # a checkout, in its root
        "share/brokersim/library",  # cmake --install
        "lib/python3.11/site-packages/brokersim/library",  # pip install
    ],
)
def test_alone_it_runs_the_library_wherever_that_was_put(
    tmp_path: Path, command: Path, brokersim: Run, library: str
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "elsewhere").mkdir()
    copy = shutil.copy(command, tmp_path / "bin")
    written(tmp_path / library / "rocketmq/a.json", power_loss())
    run = subprocess.run(
        [copy, "run", "--json"], cwd=tmp_path / "elsewhere", capture_output=True, text=True, check=False
    )
    (file,) = files_of(run)
    assert file.endswith("library/rocketmq/a.json")


def test_alone_without_a_library_it_says_so(tmp_path: Path, command: Path) -> None:
    (tmp_path / "bin").mkdir()
    copy = shutil.copy(command, tmp_path / "bin")
    run = subprocess.run([copy, "run"], cwd=tmp_path, capture_output=True, text=True, check=False)
    refused(run, "no scenario file given")


# --- seeds and jobs -----------------------------------------------------------------------------------------


def test_the_file_says_how_many_seeds_and_the_command_line_overrules_it(path: Path, brokersim: Run) -> None:
    report = report_of(brokersim("run", path, "--json"))
    assert (report["first_seed"], report["seeds"]) == (1, 7)
    report = report_of(brokersim("run", path, "--json", "--seeds", 3))
    assert (report["first_seed"], report["seeds"]) == (1, 3)


def test_a_block_of_seeds_is_made_of_its_seeds(path: Path, brokersim: Run) -> None:
    block = report_of(brokersim("run", path, "--json", "--seeds", 3, "--first-seed", 5))
    assert (block["first_seed"], block["seeds"]) == (5, 3)
    alone = [report_of(brokersim("run", path, "--json", "--seed", seed)) for seed in (5, 6, 7)]
    assert [(report["first_seed"], report["seeds"]) for report in alone] == [(5, 1), (6, 1), (7, 1)]
    assert block["events"] == sum(report["events"] for report in alone)
    vanished = [report["groups"][0]["counts"]["vanished"]["max"] for report in alone]
    assert block["groups"][0]["counts"]["vanished"]["mean"] == pytest.approx(sum(vanished) / 3)
    assert len({report["trace_hash"] for report in alone}) == 3


@pytest.mark.parametrize("seed", [0, 2**64 - 1])
def test_every_64_bit_number_is_a_seed(path: Path, brokersim: Run, seed: int) -> None:
    assert report_of(brokersim("run", path, "--json", "--seed", seed))["first_seed"] == seed


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_the_output_does_not_depend_on_the_jobs(failing: Path, brokersim: Run, form: tuple[str, ...]) -> None:
    outputs = {brokersim("run", failing, "--seeds", 40, "--jobs", jobs, *form).stdout for jobs in (1, 2, 3)}
    assert len(outputs) == 1
    assert outputs == {brokersim("run", failing, "--seeds", 40, *form).stdout}
    assert outputs != {""}


@pytest.mark.parametrize(
    "words", [("run",), ("run", "--json"), ("check", "--effective"), ("trace",), ("trace", "--json")]
)
def test_the_same_words_give_the_same_bytes(path: Path, brokersim: Run, words: tuple[str, ...]) -> None:
    assert brokersim(*words, path).stdout == brokersim(*words, path).stdout != ""


@pytest.mark.parametrize("option", ["--seeds", "--seed", "--first-seed", "--jobs"])
@pytest.mark.parametrize(
    "value", ["nan", "inf", "-1", "1.5", "1e3", "0x10", "010", "", "many", "18446744073709551616", "1 2"]
)
def test_what_is_no_whole_number_is_refused(path: Path, brokersim: Run, option: str, value: str) -> None:
    refused(brokersim("run", path, option, value), option, f'"{value}" is not a whole number')


@pytest.mark.parametrize(
    ("option", "value"),
    [("--seeds", 0), ("--seeds", 100_000_001), ("--jobs", 0), ("--jobs", 1025), ("--jobs", 10**12)],
)
def test_numbers_out_of_range_are_refused(path: Path, brokersim: Run, option: str, value: int) -> None:
    refused(brokersim("run", path, option, value), option, str(value), "whole number from 1 to")


@pytest.mark.parametrize("other", ["--seeds", "--first-seed"])
def test_one_seed_is_not_a_block_of_seeds(path: Path, brokersim: Run, other: str) -> None:
    refused(brokersim("run", path, "--seed", 1, other, 3), "--seed", other)


# --- --set --------------------------------------------------------------------------------------------------


def test_set_changes_the_file_as_often_as_it_is_given(path: Path, brokersim: Run) -> None:
    sets = ("--set", "producers.shop.messages=40", "--set", "faults.0.power_loss=broker-a")
    report = report_of(brokersim("run", path, "--json", *sets, "--set", "title=Two = one"))
    assert report["groups"][0]["counts"]["intents"]["max"] == 40
    assert report["title"] == "Two = one"
    assert report["overrides"] == (
        "--set producers.shop.messages=40 --set faults.0.power_loss=broker-a --set 'title=Two = one'"
    )


def test_one_setting_closes_the_loss(path: Path, brokersim: Run) -> None:
    def vanished(*words: str) -> int:
        count: int = report_of(brokersim("run", path, "--json", *words))["groups"][0]["counts"]["vanished"][
            "max"
        ]
        return count

    assert vanished() > 0
    assert vanished("--set", "cluster.brokers.*.config.flushDiskType=SYNC_FLUSH") == 0


@pytest.mark.parametrize("verb", ["run", "check", "trace"])
@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("nothing", "want path=value"),
        ("=3", "want path=value"),
        ("no.such.part=3", "no"),
        ("producers.9.messages=3", "9"),
        ("producers.shop.messages=NaN", "/producers/0/messages"),
        ("producers.shop.messages=-1", "/producers/0/messages"),
        ("producers.shop.mesages=3", '"messages"'),
        ("cluster.brokers.0.config.flushDiskType=SOMETIMES", "/cluster/brokers/0/config/flushDiskType"),
    ],
)
def test_a_wrong_set_is_bad_input(path: Path, brokersim: Run, verb: str, word: str, part: str) -> None:
    refused(brokersim(verb, path, "--set", word), part)


# --- exit codes ---------------------------------------------------------------------------------------------


def test_zero_when_all_hold_and_one_when_some_do_not(path: Path, failing: Path, brokersim: Run) -> None:
    assert brokersim("run", path).returncode == 0
    run = brokersim("run", path, failing)
    assert run.returncode == 1
    assert run.stdout.endswith(f"2 scenarios: 0 hold, 1 fail, 1 with nothing expected\n  FAILS  {failing}\n")
    assert brokersim("run", failing, "--json").returncode == 1


def test_a_file_that_expects_nothing_does_not_hold_either(path: Path, brokersim: Run) -> None:
    run = brokersim("run", path, "--seeds", 1)
    assert run.returncode == 0
    assert run.stdout.endswith("1 scenario: nothing expected\n")


def test_bad_input_wins_before_anything_runs(failing: Path, tmp_path: Path, brokersim: Run) -> None:
    bad = written(tmp_path / "bad.json", {"nonsense": 1})
    refused(brokersim("run", failing, bad), str(bad))
    refused(brokersim("run", failing, bad, "--json"), str(bad))
    refused(brokersim("run", failing, tmp_path / "missing.json"), "missing.json")


def test_all_bad_files_are_told_at_once(path: Path, tmp_path: Path, brokersim: Run) -> None:
    first = written(tmp_path / "first.json", power_loss() | {"nonsense": 1, "seeds": -1})
    second = written(tmp_path / "second.json", "{")
    run = brokersim("check", first, path, second)
    assert run.returncode == 2
    assert run.stdout == f"{path}: good\n"
    for part in (f"{first}: /nonsense: ", f"{first}: /seeds: ", f"{second}: "):
        assert part in run.stderr


def test_a_failed_expectation_names_a_command_that_shows_it(
    tmp_path: Path, command: Path, brokersim: Run
) -> None:
    scenario = power_loss() | {"expect": [{"vanished": 0}, {"intents": {"max": 1}}, {"lost": {"min": 0}}]}
    path = written(tmp_path / "it's a test.json", scenario)
    run = brokersim("run", path, "--set", "title=Many words", cwd=tmp_path)
    assert run.returncode == 1
    commands = re.findall(r"^         see: (.*)$", run.stdout, re.MULTILINE)
    explanations = re.findall(r"^         why: (.*)$", run.stdout, re.MULTILINE)
    assert len(commands) == len(explanations) == 2
    environment = os.environ | {"PATH": f"{command.parent}:{os.environ['PATH']}"}
    for line in commands:
        assert shlex.split(line)[:2] == ["brokersim", "run"]
        again = subprocess.run(
            line, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert again.returncode == 1, again.stderr
        assert again.stdout.startswith("Many words\n")
        assert "  1 seed " in again.stdout
    for line in explanations:
        assert shlex.split(line)[:2] == ["brokersim", "explain"]
        told = subprocess.run(
            line, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert told.returncode == 0, told.stderr
    assert "For the log: lost, vanished" in subprocess.run(
        explanations[0], shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    ).stdout  # fmt: skip


# --- help ---------------------------------------------------------------------------------------------------


def test_the_version_is_that_of_the_project(brokersim: Run) -> None:
    declared = re.search(r"project\(brokersim VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())
    assert declared
    run = brokersim("--version")
    assert (run.returncode, run.stdout) == (0, f"brokersim {declared[1]}\n")


@pytest.mark.parametrize("words", [[], ["frobnicate"], ["run", "--frobnicate"], ["--json"]])
def test_what_it_does_not_understand_is_bad_input(brokersim: Run, words: list[str]) -> None:
    refused(brokersim(*words), *words[-1:], "--help")


@pytest.mark.parametrize("verb", ["", "run", "check", "trace", "explain"])
def test_the_examples_of_the_help_work_as_they_stand(
    verb: str, tmp_path: Path, command: Path, brokersim: Run
) -> None:
    shown = brokersim(*verb.split(), "--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    examples = re.findall(r"^  (brokersim .*?)(?:  +.*| \| jq .*)?$", shown.stdout, re.MULTILINE)
    assert len(examples) >= 3
    assert all(example.startswith(f"brokersim {verb}") for example in examples)
    scenario = power_loss()
    scenario["producers"][0] |= {"messages": 5000, "rate": "1000/s"}
    for name in ("my.json", "other.json", "more/third.json"):
        written(tmp_path / name, scenario)
    written(tmp_path / "scenarios/library/one.json", power_loss())
    scenario["producers"][0] |= {"messages": 2}
    del scenario["faults"]
    written(tmp_path / "small.json", scenario)
    environment = os.environ | {"PATH": f"{command.parent}:{os.environ['PATH']}"}
    for example in examples:
        line = example.replace("--seeds 1000", "--seeds 10")
        run = subprocess.run(
            line, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, f"{line}: {run.stderr}"


@pytest.mark.parametrize("verb", ["run", "check"])
def test_the_exit_codes_are_in_the_help(brokersim: Run, verb: str) -> None:
    assert "exit codes: 0 " in brokersim(verb, "--help").stdout
    assert "exit codes: 0 " in brokersim("--help").stdout


# --- import -------------------------------------------------------------------------------------------------


def test_an_imported_scenario_runs_and_what_is_left_out_is_told(tmp_path: Path, brokersim: Run) -> None:
    conf = tmp_path / "broker.conf"
    conf.write_text("brokerName=broker-x\nflushDiskType=SYNC_FLUSH\nlistenPort=10911\n", encoding="utf-8")
    run = brokersim("import", conf)
    assert run.returncode == 0
    assert run.stderr.startswith(f"left out: {conf}:3: listenPort: not modelled: ")
    assert run.stderr.count("\n") == 1
    path = written(tmp_path / "imported.json", run.stdout)
    assert report_of(brokersim("run", path, "--json", "--seeds", 3))["seeds"] == 3
    refused(brokersim("import", tmp_path / "none.conf"), "none.conf: cannot be read")
    refused(brokersim("import"), "which broker.conf")


def test_what_the_model_refuses_stands_behind_the_imported_scenario(tmp_path: Path, brokersim: Run) -> None:
    conf = tmp_path / "broker.conf"
    conf.write_text("brokerName=broker-x\nflushDiskType=NEVER\n", encoding="utf-8")
    run = brokersim("import", conf)
    assert run.returncode == 1
    assert f"refused: {conf}:2: flushDiskType: " in run.stderr
    assert run.stderr.endswith("does not run before the refused places are changed\n")
    path = written(tmp_path / "imported.json", run.stdout)
    assert brokersim("check", path).returncode == 2
    mended = "cluster.brokers.0.config.flushDiskType=SYNC_FLUSH"
    assert brokersim("check", path, "--set", mended).returncode == 0


def test_a_cluster_and_its_spring_application_are_imported_together(tmp_path: Path, brokersim: Run) -> None:
    (tmp_path / "a.conf").write_text("brokerName=a\nflushDiskType=SYNC_FLUSH\n", encoding="utf-8")
    (tmp_path / "b.conf").write_text("brokerName=b\n", encoding="utf-8")
    (tmp_path / "application.yml").write_text(
        "rocketmq:\n  producer:\n    group: shop\n    send-message-timeout: 1500\n"
        "  consumer:\n    listeners:\n      billing:\n        orders: true\n",
        encoding="utf-8",
    )
    run = brokersim("import", tmp_path / "a.conf", tmp_path / "b.conf", tmp_path / "application.yml")
    assert run.returncode == 0, run.stderr
    assert "application.yml:8: rocketmq.consumer.listeners.billing.orders: " in run.stderr
    path = written(tmp_path / "imported.json", run.stdout)
    (told,) = json.loads(brokersim("check", "--explain-settings", "--json", path).stdout)
    values = {
        (process["kind"], name, setting["name"]): setting["value"]
        for process in told["processes"]
        for name in process["names"]
        for setting in process["settings"]
    }
    assert values["broker", "a", "flushDiskType"] == "SYNC_FLUSH"
    assert values["broker", "b", "flushDiskType"] == "ASYNC_FLUSH"
    assert values["producer", "shop", "sendMsgTimeout"] == "1500"
    assert report_of(brokersim("run", path, "--json", "--seeds", 2))["groups"][0]["group"] == "billing"
