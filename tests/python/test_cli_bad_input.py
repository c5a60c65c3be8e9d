"""Bad files are refused, each with its place and without an accident."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import BAD, Run, refused


@pytest.mark.parametrize("verb", ["run", "check", "trace"])
@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_is_refused_with_the_place_of_each_problem(path: Path, brokersim: Run, verb: str) -> None:
    run = brokersim(verb, path)
    refused(run)
    lines = path.with_suffix(".expected").read_text(encoding="utf-8").splitlines()[1:]
    assert lines
    for line in lines:
        pointer = line.split(" | ")[0] or "/"
        assert re.search(
            f"^{re.escape(str(path))}: (warning: )?{re.escape(pointer)}: .", run.stderr, re.MULTILINE
        )


@pytest.mark.parametrize("verb", ["run", "check", "trace"])
def test_what_is_not_there_is_told(tmp_path: Path, brokersim: Run, verb: str) -> None:
    refused(brokersim(verb, tmp_path / "missing.json"), "missing.json")
    refused(brokersim(verb, tmp_path / "no/such/folder"), "no/such/folder")
    refused(brokersim(verb, ""))
    refused(brokersim(verb, "x" * 5000), "xxx")
    (tmp_path / "broken.json").symlink_to(tmp_path / "nowhere")
    refused(brokersim(verb, tmp_path / "broken.json"), "broken.json")
    (tmp_path / "ring.json").symlink_to(tmp_path / "ring.json")
    refused(brokersim(verb, tmp_path / "ring.json"), "ring.json")


@pytest.mark.parametrize("verb", ["run", "check", "trace"])
def test_a_folder_without_scenarios_is_told(tmp_path: Path, brokersim: Run, verb: str) -> None:
    (tmp_path / "empty.json").mkdir()
    refused(brokersim(verb, tmp_path / "empty.json"), "empty.json")


@pytest.mark.parametrize("verb", ["run", "check", "trace"])
@pytest.mark.parametrize("device", ["/dev/null", "/proc/self/mem"])
def test_files_that_give_nothing_are_told(brokersim: Run, verb: str, device: str) -> None:
    if not Path(device).exists():
        pytest.skip(f"there is no {device} here")
    refused(brokersim(verb, device), f"{device}: /: ")


@pytest.mark.parametrize("verb", ["run", "check", "trace"])
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_may_not_be_read_is_told(path: Path, command: Path, verb: str, kind: str) -> None:
    words = [str(command), verb, str(path)]
    if kind == "folder":
        folder = path.parent / "closed"
        path = path.rename(folder / "power.json") if folder.mkdir() else path
        words[2] = str(folder)
        path = folder
    if os.geteuid() == 0:  # The administrator may read everything unless he gives that up.
        if shutil.which("setpriv") is None:
            pytest.skip("there is no setpriv to become an ordinary user with")
        words = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *words]
    path.chmod(0)
    try:
        run = subprocess.run(words, capture_output=True, text=True, check=False)
    finally:
        path.chmod(0o700)
    refused(run, str(path))
