"""The README's first screen is real: its command is run and its output compared."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def command() -> Path:
    candidates = [ROOT / ".venv/bin/brokersim", ROOT / "build/release/brokersim"]
    return next(path for path in candidates if path.exists())


def shown_runs() -> list[tuple[str, str]]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^```\n\$ brokersim (.*)\n((?:.*\n)*?)```$", text, re.MULTILINE)


def test_the_output_in_the_readme_is_what_is_printed() -> None:
    runs = shown_runs()
    assert runs, "the README shows no run"
    for arguments, shown in runs:
        done = subprocess.run(
            [command(), *arguments.split()], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout == shown


def test_the_scenario_in_the_readme_is_good() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (scenario,) = re.findall(r"^```json\n((?:.*\n)*?)```$", text, re.MULTILINE)
    done = subprocess.run(
        [command(), "check", "/dev/stdin"], input=scenario, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr, "it gives warnings"
