"""Golden dialogues: what the machine says, line by line, each derived by hand in the head of its file.

A file of tests/golden holds comment lines (the derivation), a command, a line of four dashes and what the
command must print. After a change of behaviour that is meant, `pytest tests/python/test_golden.py --rewrite`
writes what is printed now; the difference is what has to be reviewed, against facts and against the
derivation above it.
"""

import shlex
from pathlib import Path
from typing import NamedTuple

import pytest
from command_line import ROOT, Run

GOLDEN = ROOT / "tests/golden"
FILES = sorted(GOLDEN.glob("*.txt"))
RULE = "----"


class Dialogue(NamedTuple):
    derivation: list[str]
    command: str
    expected: str


def read(path: Path) -> Dialogue:
    head, rule, expected = path.read_text(encoding="utf-8").partition(f"\n{RULE}\n")
    assert rule, f"{path.name} has no line of four dashes"
    lines = head.splitlines()
    derivation = [line for line in lines if line.startswith("#")]
    (command,) = [line for line in lines if not line.startswith("#")]
    return Dialogue(derivation, command, expected)


def test_there_are_dialogues() -> None:
    assert len(FILES) >= 12


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_is_said_so(path: Path, brokersim: Run, request: pytest.FixtureRequest) -> None:
    dialogue = read(path)
    assert dialogue.derivation, "a golden file says how its times are derived"
    name, *words = shlex.split(dialogue.command)
    assert name == "brokersim"
    run = brokersim(*words)
    assert run.returncode == 0, run.stderr
    if request.config.getoption("--rewrite"):
        head = "\n".join([*dialogue.derivation, dialogue.command, RULE])
        path.write_text(f"{head}\n{run.stdout}", encoding="utf-8")
    assert run.stdout == read(path).expected
