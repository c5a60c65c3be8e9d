"""Every notebook runs from an installed package, in any folder, and is stored with its pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from command_line import ROOT
from nbclient import NotebookClient

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def pictures(notebook: Any) -> int:
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    return sum("image/png" in output.get("data", {}) for output in outputs)


def test_there_is_a_notebook() -> None:
    assert "flush-settings" in {path.stem for path in NOTEBOOKS}


@every_notebook
def test_it_is_stored_as_it_was_run_last(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    assert notebook.cells[0].source.splitlines()[0].endswith("?"), "it asks one question"
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1)), "run all cells once, then save"
    assert pictures(notebook) >= 1
    assert any("assert " in cell.source for cell in code_cells(notebook)), "it asserts what it says"


@every_notebook
def test_it_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing of the user's own settings, and nothing left behind in his home.
    for variable in (
        "IPYTHONDIR",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_RUNTIME_DIR",
        "JUPYTER_DATA_DIR",
        "MPLCONFIGDIR",
    ):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
    stored, notebook = read(path), read(path)
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    assert pictures(notebook) == pictures(stored)
