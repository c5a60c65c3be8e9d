"""Every file of the scenario library is explained in docs/, and what the documents name is there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from command_line import ROOT

LIBRARY = ROOT / "scenarios/library/rocketmq"
# A link, or a name in backticks that begins like a file of the library. "its `-4.9`" names no file.
LINKED = re.compile(r"\]\([^)\s]*scenarios/library/rocketmq/([^)\s]+)\.json\)")
AREAS = "broadcasting|consuming|delayed|names|orderly|replication|sending|store|timer|transaction"
IN_BACKTICKS = re.compile(rf"`((?:{AREAS})-[a-z0-9.-]*[a-z0-9])`")


@cache
def text_of(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def named_in(text: str) -> set[str]:
    return {*LINKED.findall(text), *IN_BACKTICKS.findall(text)}


DOCUMENTS = sorted((ROOT / "docs").glob("*.md"))
FILES = {path.stem for path in LIBRARY.glob("*.json")}


def test_every_file_of_the_library_is_in_a_document() -> None:
    named = set().union(*(named_in(text_of(document)) for document in DOCUMENTS))
    assert sorted(FILES - named) == []


def test_every_file_that_a_document_names_is_in_the_library() -> None:
    missing = {
        document.name: sorted(named_in(text_of(document)) - FILES)
        for document in DOCUMENTS
        if named_in(text_of(document)) - FILES
    }
    assert missing == {}


def test_every_trap_has_a_scenario_and_an_outcome() -> None:
    rows = [line for line in text_of(ROOT / "docs/rocketmq-traps.md").splitlines() if line.startswith("| ")]
    traps = [row for row in rows if not row.startswith("| trap |")]
    assert len(traps) > 80
    assert [row for row in traps if len(row.strip("| ").split(" | ")) != 4] == []
    assert [row for row in traps if not LINKED.search(row)] == []
