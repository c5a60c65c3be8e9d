"""scenarios/schema.json and the C++ reader agree on one corpus of good and bad scenario files.

The first line of each `.expected` file says what the schema does with the bad file beside it:
`refuses`; `accepts` (names, sums and orders that a schema cannot compare: only the reader finds it);
`not JSON`; or `Python reads it` (JSON does not know NaN and infinity, Python's parser does).
"""

import json
import os
import shutil
import subprocess
import sysconfig
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "scenarios/schema.json"
CORPUS = ROOT / "tests/scenarios"
GOOD = [*sorted((CORPUS / "good").glob("*.json")), *sorted((ROOT / "scenarios/library").rglob("*.json"))]
BAD = sorted((CORPUS / "bad").glob("*.json"))


def command() -> str | None:
    """The one that BROKERSIM names, beside the interpreter, or on the path."""
    beside = Path(sysconfig.get_path("scripts")) / "brokersim"
    return os.environ.get("BROKERSIM") or (str(beside) if beside.exists() else shutil.which("brokersim"))


needs_command = pytest.mark.skipif(command() is None, reason="the command line is not installed")


@cache
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def complaints(scenario: Any) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in validator().iter_errors(scenario)]


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8-sig"))


def verdict(path: Path) -> str:
    """What the schema is expected to do with a bad file."""
    first = path.with_suffix(".expected").read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("schema: ")
    return first.removeprefix("schema: ")


def check(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    words = [str(command()), "check", *options, str(path)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_the_schema_accepts_good_files(path: Path) -> None:
    assert complaints(read(path)) == []


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_the_schema_refuses_bad_files_as_far_as_it_can(path: Path) -> None:
    match verdict(path):
        case "not JSON":
            with pytest.raises(ValueError, match=r"."):
                read(path)
        case "Python reads it":
            read(path)
        case "refuses":
            assert complaints(read(path)) != []
        case "accepts":
            assert complaints(read(path)) == [], "the schema finds it after all: say so in the .expected file"
        case other:
            pytest.fail(f"no such verdict: {other}")


@needs_command
@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_the_reader_accepts_good_files(path: Path) -> None:
    run = check(path)
    assert run.returncode == 0, run.stdout + run.stderr


@needs_command
@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_the_reader_refuses_bad_files(path: Path) -> None:
    assert check(path).returncode == 2


@needs_command
@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_the_schema_accepts_what_the_reader_writes(path: Path) -> None:
    run = check(path, "--effective")
    assert run.returncode == 0, run.stderr
    assert complaints(json.loads(run.stdout)) == []


def objects(schema: Any, where: str = "#") -> list[tuple[str, dict[str, Any]]]:
    """All parts of the schema that list the members of an object."""
    found: list[tuple[str, dict[str, Any]]] = []
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            found.append((where, schema))
        for key, part in schema.items():
            found += objects(part, f"{where}/{key}")
    elif isinstance(schema, list):
        for index, part in enumerate(schema):
            found += objects(part, f"{where}/{index}")
    return found


def test_no_object_takes_unknown_members() -> None:
    for where, schema in objects(validator().schema):
        assert schema.get("additionalProperties") is False or "propertyNames" in schema, where


def test_every_default_is_valid() -> None:
    shared = {"$defs": validator().schema["$defs"]}
    for where, schema in objects(validator().schema):
        for name, part in schema["properties"].items():
            checker = validator().evolve(schema={**part, **shared})
            assert "default" not in part or checker.is_valid(part["default"]), f"{where}/properties/{name}"
