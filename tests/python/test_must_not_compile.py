"""What the type system promises to refuse, it refuses, for the stated reason and for no other.

Each file of tests/sim/must_not_compile names the expected message in a comment `// expect: <regex>`. It
must fail with that message as it stands, and compile once CORRECTED is defined: then nothing but the
mistake was wrong with it.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "tests/sim/must_not_compile").glob("*.cpp"))
COMPILER = os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++")

pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C++ compiler here")


def compile_only(source: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """Checks the syntax and the types of one file, in the C locale so that messages are English."""
    command = [*str(COMPILER).split(), "-std=c++20", "-fsyntax-only", f"-I{ROOT}", *flags, str(source)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"}
    )


def expected_message(source: Path) -> str:
    found = re.search(r"^// expect: (.+)$", source.read_text(), re.MULTILINE)
    assert found, f"{source.name} does not say what it expects"
    return found[1]


def test_there_are_files() -> None:
    assert FILES


@pytest.mark.parametrize("source", FILES, ids=lambda path: path.stem)
def test_the_mistake_is_refused(source: Path) -> None:
    result = compile_only(source)
    assert result.returncode != 0, f"{source.name} compiles"
    errors = "\n".join(line for line in result.stderr.splitlines() if "error" in line)
    assert re.search(expected_message(source), errors), result.stderr


@pytest.mark.parametrize("source", FILES, ids=lambda path: path.stem)
def test_the_corrected_twin_compiles(source: Path) -> None:
    result = compile_only(source, "-DCORRECTED", "-Wall", "-Werror")
    assert result.returncode == 0, result.stderr
