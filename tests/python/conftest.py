"""Where the command is, and files to run it on."""

import os
import subprocess
import sysconfig
from pathlib import Path

import pytest
from command_line import ROOT, Done, Run, power_loss, written


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite", action="store_true", help="write what the golden dialogues say now")


@pytest.fixture(scope="session")
def command() -> Path:
    """The one that BROKERSIM names, beside the interpreter, or built here."""
    beside = Path(sysconfig.get_path("scripts")) / "brokersim"
    named = [Path(os.environ["BROKERSIM"]).absolute()] if "BROKERSIM" in os.environ else []
    for path in [*named, beside, ROOT / ".venv/bin/brokersim", ROOT / "build/release/brokersim"]:
        if path.exists():
            return path
    pytest.skip("the command line is not installed: ./dev test python")


@pytest.fixture(scope="session")
def brokersim(command: Path) -> Run:
    """brokersim("run", path, ...) from the root of the project."""

    def run(*arguments: object, cwd: Path = ROOT) -> Done:
        words = [str(command), *map(str, arguments)]
        return subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A scenario without expectations."""
    return written(tmp_path / "power.json", power_loss())


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """The same with one that does not hold."""
    return written(tmp_path / "failing.json", power_loss() | {"expect": [{"vanished": 0}]})
