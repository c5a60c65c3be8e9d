"""What a user gets from `pip install .`: the module, its types, the command and the scenario library."""

import re
import subprocess
import sys
import sysconfig
from importlib import metadata, resources
from pathlib import Path

import pytest

import brokersim

ROOT = Path(__file__).parents[2]


def declared_version() -> str:
    match = re.search(r"project\(brokersim VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())
    assert match
    return match[1]


def test_one_version_is_told_by_the_module_and_the_package() -> None:
    assert brokersim.__version__ == metadata.version("brokersim") == declared_version()


def test_the_change_log_knows_the_version_or_what_is_to_come() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert {"Unreleased", declared_version()} & set(headings)


def test_the_package_is_typed_and_carries_no_headers_or_libraries() -> None:
    package = resources.files("brokersim")
    assert package.joinpath("py.typed").is_file()
    assert package.joinpath("_core.pyi").is_file()
    installed = [str(file) for file in metadata.files("brokersim") or []]
    assert [name for name in installed if name.endswith((".a", ".hpp", ".cmake"))] == []


def test_the_package_carries_every_library_scenario() -> None:
    scenarios = ROOT / "scenarios"
    committed = {path.relative_to(scenarios) for path in (scenarios / "library").rglob("*.json")}
    with resources.as_file(resources.files("brokersim")) as package:
        packaged = {path.relative_to(package) for path in (package / "library").rglob("*.json")}
    assert packaged == committed


@pytest.mark.skipif(not (ROOT / "scenarios/cli/main.cpp").exists(), reason="there is no command line yet")
def test_the_command_is_installed_beside_the_interpreter() -> None:
    command = Path(sysconfig.get_path("scripts")) / "brokersim"
    run = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert declared_version() in run.stdout


def test_the_committed_stub_is_what_the_module_says(tmp_path: Path) -> None:
    command = ["pybind11_stubgen", "brokersim._core", "--numpy-array-use-type-var", "-o"]
    run = [sys.executable, "-m", *command, str(tmp_path)]
    subprocess.run(run, check=True, capture_output=True, text=True)
    made = (tmp_path / "brokersim/_core.pyi").read_text()
    committed = (ROOT / "bindings/brokersim/_core.pyi").read_text()
    assert made == committed, f"regenerate it: .venv/bin/python -m {' '.join(command)} bindings"
