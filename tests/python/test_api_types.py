"""The package's types are of use to a program that is checked strictly."""

import subprocess
import sys

from command_line import ROOT


def test_a_strictly_typed_program_is_accepted_and_its_mistakes_are_found() -> None:
    # Without the project's configuration: it is the installed package whose types count.
    strict = [sys.executable, "-m", "mypy", "--strict", "--config-file="]
    cache = f"--cache-dir={ROOT / 'build/.mypy-sample'}"
    sample = ROOT / "tests/python/typed_sample.py"
    command = [*strict, cache, sample]
    run = subprocess.run(command, cwd=ROOT / "tests", capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
