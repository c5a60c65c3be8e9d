"""Terminals, pipes and signals."""

import os
import pty
import shlex
import signal
import subprocess
from pathlib import Path

import pytest
from command_line import Run, refused


def on_terminal(words: list[str], stream: str) -> tuple[str, str, int]:
    """Runs with stdout or stderr on a terminal: what came there, what came on the other, and the code."""
    mine, its = pty.openpty()
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | {stream: its}
    with subprocess.Popen(words, **pipes, text=True) as process:
        os.close(its)
        shown = b""
        while True:
            try:
                part = os.read(mine, 65536)
            except OSError:  # That is how Linux tells that nobody holds the other end.
                break
            if not part:
                break
            shown += part
        other = process.stdout if stream == "stderr" else process.stderr
        rest = other.read() if other else ""
    os.close(mine)
    return shown.decode(), rest, process.returncode


def test_progress_is_shown_on_a_terminal_and_wiped(path: Path, command: Path, brokersim: Run) -> None:
    words = [str(command), "run", str(path), "--seeds", "50"]
    shown, report, code = on_terminal(words, "stderr")
    assert code == 0
    assert f"{path}  50/50 seeds" in shown
    assert shown.endswith("\r\033[K")
    assert report == brokersim("run", path, "--seeds", 50).stdout


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_elsewhere_there_is_no_progress(path: Path, brokersim: Run, form: tuple[str, ...]) -> None:
    assert brokersim("run", path, "--seeds", 50, *form).stderr == ""


def test_colours_are_for_terminals_and_not_for_programs(failing: Path, command: Path, brokersim: Run) -> None:
    words = [str(command), "run", str(failing)]
    shown, rest, _ = on_terminal(words, "stdout")
    assert "\033[31m" in shown
    assert rest == ""
    assert "\033" not in brokersim("run", failing).stdout
    assert "\033" not in on_terminal([*words, "--json"], "stdout")[0]


def test_an_interrupt_ends_it_with_a_word_and_no_half_report(path: Path, command: Path) -> None:
    mine, its = pty.openpty()  # Its progress tells that it is under way.
    words = [command, "run", path, "--seeds", "100000000", "--set", "producers.shop.messages=3"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=its, text=True) as process:
        os.close(its)
        shown = b""
        while b"seeds" not in shown:
            shown += os.read(mine, 65536)
        process.send_signal(signal.SIGINT)
        report = process.stdout.read() if process.stdout else ""
        code = process.wait()
        shown += os.read(mine, 65536)
    os.close(mine)
    assert code == 130
    assert report == ""
    assert b"interrupted" in shown


@pytest.mark.parametrize("inherits", [False, True], ids=["usual", "ignored by the parent"])
def test_a_reader_that_goes_away_ends_it_quietly(path: Path, command: Path, inherits: bool) -> None:
    words = [command, "trace", path, "--set", "producers.shop.messages=20000"]
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, restore_signals=not inherits
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait() == -signal.SIGPIPE


@pytest.mark.parametrize("target", ["> /dev/full", ">&-"])
@pytest.mark.parametrize("verb", ["run", "check", "trace"])
def test_a_report_that_cannot_be_written_is_no_success(
    path: Path, command: Path, verb: str, target: str
) -> None:
    line = f"{shlex.quote(str(command))} {verb} {shlex.quote(str(path))} {target}"
    run = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
    refused(run, "could not be written")


def test_it_needs_no_standard_input(path: Path, command: Path, brokersim: Run) -> None:
    line = f"{shlex.quote(str(command))} run {shlex.quote(str(path))} <&-"
    run = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, brokersim("run", path).stdout)
