"""The JSON report and docs/report-format.md agree."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import ROOT, Run, Scenario, power_loss, written

REPORT_FORMAT = ROOT / "docs/report-format.md"


def described(heading: str | None = None) -> set[str]:
    """The keys in the first columns of the tables in one section of docs/report-format.md."""
    text = REPORT_FORMAT.read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)
    (section,) = [s for s in sections if s.startswith(heading)] if heading else sections[:1]
    cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return {key for cell in cells for key in re.findall(r"`(.+?)`", cell)}


def named_in_prose(pattern: str) -> set[str]:
    (words,) = re.findall(pattern, REPORT_FORMAT.read_text(encoding="utf-8"))
    return set(re.findall(r"\w+", words))


@pytest.fixture(scope="module")
def reports(brokersim: Run, tmp_path_factory: pytest.TempPathFactory) -> list[Scenario]:
    """Runs in which about everything happens that a report can tell."""
    folder = tmp_path_factory.mktemp("reports")
    scenario = power_loss()
    scenario["consumers"] = [{"name": "billing", "kind": "reader"}]
    scenario["expect"] = [{"vanished": 0}]
    path = written(folder / "power.json", scenario)
    found: list[Scenario] = []
    for words in ([path], ["scenarios/library", "--seeds", "5"]):
        found += json.loads(brokersim("run", "--json", *words).stdout)
    return found


def test_the_json_report_has_the_keys_that_its_description_names(reports: list[Scenario]) -> None:
    top = {key for key in described() if "." not in key}
    statistics = {"mean", "mean_95", "prediction_95", "min", "median", "max"}
    assert top >= statistics
    for report in reports:
        assert set(report) == top - statistics
        for group in report["groups"]:
            assert {f"groups[].{key}" for key in group} == {key for key in described() if "." in key}
        for strikes in report["fault_strikes"]:
            assert set(strikes) == statistics


def test_every_count_is_described_and_every_described_count_is_there(reports: list[Scenario]) -> None:
    flags = named_in_prose(r"Flags, any number: ((?:.*\n)*?)\n## Causes") & {
        "duplicated", "redelivered", "reordered", "late", "vanished"
    }  # fmt: skip
    assert len(flags) == 5
    for report in reports:
        for group in report["groups"]:
            assert set(group["counts"]) == described("Counts") | flags


def test_statistics_and_causes_are_described(reports: list[Scenario]) -> None:
    statistics = {"mean", "mean_95", "prediction_95", "min", "median", "max"}
    described_cause = named_in_prose(r"`causes` is a list of `(\{.*?\})`")
    seen: set[str] = set()
    for report in reports:
        for group in report["groups"]:
            for count in group["counts"].values():
                assert set(count) - {"causes"} == statistics
                for cause in count.get("causes", []):
                    assert set(cause) <= described_cause
                    seen |= set(cause)
    assert seen == described_cause


def test_findings_are_described(reports: list[Scenario]) -> None:
    row = r"^\| `expect` \| (.*) \|$"
    (words,) = re.findall(row, REPORT_FORMAT.read_text(encoding="utf-8"), re.MULTILINE)
    keys = set(re.findall(r"`(\w+)`", words)) - {"expect"}
    seen = {key for report in reports for finding in report["expect"] for key in finding}
    assert seen == keys


def test_every_cause_is_described_with_what_closes_it(reports: list[Scenario]) -> None:
    text = REPORT_FORMAT.read_text(encoding="utf-8").split("## Causes")[1]
    table = dict(re.findall(r"^\| `([\w.]+)`: .* \| (.*) \|$", text, re.MULTILINE))
    schema = json.loads((ROOT / "scenarios/schema.json").read_text(encoding="utf-8"))
    enums = [found for found in json_values(schema, "cause") if "enum" in found]
    assert set(table) == set(enums[0]["enum"])
    causes = [
        cause
        for report in reports
        for group in report["groups"]
        for count in group["counts"].values()
        for cause in count.get("causes", [])
    ]
    assert len({cause["cause"] for cause in causes}) >= 6
    for cause in causes:
        assert table[cause["cause"]] == cause["closes"]


def json_values(value: Any, key: str) -> Iterator[Any]:
    """All values of this key, however deep."""
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        for part in value.values():
            yield from json_values(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from json_values(part, key)


def test_several_reports_are_one_array(path: Path, failing: Path, brokersim: Run) -> None:
    reports = json.loads(brokersim("run", path, failing, "--json").stdout)
    assert [report["file"] for report in reports] == [str(path), str(failing)]
    assert [report["holds"] for report in reports] == [True, False]
