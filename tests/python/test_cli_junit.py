"""The JUnit XML of run."""

import xml.etree.ElementTree as ET
from pathlib import Path

from command_line import Run, power_loss, refused, written


def test_a_suite_per_file_and_a_case_per_expectation(tmp_path: Path, brokersim: Run) -> None:
    expect = [{"vanished": 0}, {"intents": 300, "because": "it sends so many"}, {"lost": {"mean": [0, 1]}}]
    path = written(tmp_path / "some <files> & 'names'.json", power_loss() | {"expect": expect})
    silent = written(tmp_path / "silent.json", power_loss())
    report = tmp_path / "junit.xml"
    run = brokersim("run", path, silent, "--seeds", 5, "--junit", report)
    assert run.returncode == 1
    top = ET.parse(report).getroot()
    assert (top.tag, top.get("tests"), top.get("failures")) == ("testsuites", "3", "2")
    first, second = top
    assert (first.get("name"), first.get("tests"), first.get("failures")) == (str(path), "3", "2")
    assert (second.get("name"), second.get("tests"), len(second)) == (str(silent), "0", 0)
    names = [case.get("name") for case in first]
    assert names == ["vanished in every seed = 0", "intents in every seed = 300", "mean of lost in [0, 1]"]
    assert {case.get("classname") for case in first} == {str(path)}
    failed = [case.find("failure") for case in first]
    assert [failure is not None for failure in failed] == [True, False, True]
    for line in run.stdout.splitlines():
        if "brokersim run" in line or "brokersim explain" in line:
            command = line.strip().partition(" ")[2]
            assert any(failure is not None and command in (failure.text or "") for failure in failed)
    assert "brokersim explain " in run.stdout
    assert {element.get("time") for element in top.iter() if "time" in element.attrib} == {"0"}


def test_the_report_beside_it_is_the_same(failing: Path, tmp_path: Path, brokersim: Run) -> None:
    for form in ((), ("--json",)):
        beside = brokersim("run", failing, *form, "--junit", tmp_path / "junit.xml")
        assert beside.stdout == brokersim("run", failing, *form).stdout
    first = (tmp_path / "junit.xml").read_bytes()
    brokersim("run", failing, "--junit", tmp_path / "junit.xml", "--jobs", 1)
    assert (tmp_path / "junit.xml").read_bytes() == first


def test_a_file_name_that_no_xml_can_hold_is_replaced(tmp_path: Path, brokersim: Run) -> None:
    path = written(tmp_path / "bell\x07.json", power_loss() | {"expect": [{"intents": 300}]})
    assert brokersim("run", path, "--seeds", 1, "--junit", tmp_path / "junit.xml").returncode == 0
    assert ET.parse(tmp_path / "junit.xml").getroot()[0].get("name") == str(path).replace("\x07", "\ufffd")


def test_a_report_that_cannot_be_written_is_told_before_anything_runs(
    failing: Path, tmp_path: Path, brokersim: Run
) -> None:
    refused(brokersim("run", failing, "--junit", tmp_path / "no/such/folder.xml"), "folder.xml")
