"""The promises of ./dev that need no build: its verbs, its answers to mistakes, and that CI runs it alone."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERBS = ("setup", "run", "test", "lint", "bench", "determinism", "clean", "help")


def dev(*arguments: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([root / "dev", *arguments], capture_output=True, text=True, check=False)


def test_help_names_every_verb() -> None:
    run = dev("help")
    assert run.returncode == 0
    assert [verb for verb in VERBS if f"\n  {verb} " not in run.stdout] == []
    assert dev().stdout == run.stdout


@pytest.mark.parametrize("mistake", [("tset",), ("test", "no-such-part")])
def test_a_mistake_is_told_with_the_usage(mistake: tuple[str, ...]) -> None:
    run = dev(*mistake)
    assert run.returncode == 2
    assert mistake[-1] in run.stderr
    assert "./dev <verb>" in run.stderr


def test_clean_removes_what_was_built_and_nothing_else(tmp_path: Path) -> None:
    shutil.copy(ROOT / "dev", tmp_path)
    for name in ("build/dev/a.o", ".venv/bin/python", "sim/a.hpp"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    assert dev("clean", root=tmp_path).returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [".venv", "dev", "sim"]
    assert dev("clean", "--all", root=tmp_path).returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dev", "sim"]


def test_ci_runs_the_same_entry() -> None:
    commands = [line for line in (ROOT / ".ci/run").read_text().splitlines() if line and line[0] != "#"]
    assert commands == ["exec ./dev test"]
