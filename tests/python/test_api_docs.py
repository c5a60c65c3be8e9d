"""The sessions of docs/python.md and of the docstrings are real."""

from __future__ import annotations

import doctest
import importlib
import re
from types import ModuleType

import pytest
from command_line import ROOT

import brokersim

MODULES = ("brokersim", "brokersim._run", "brokersim._simulation")


def test_the_sessions_in_the_document_are_what_is_printed() -> None:
    text = (ROOT / "docs/python.md").read_text(encoding="utf-8")
    sessions = re.findall(r"^```pycon\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(sessions) >= 4
    assert text.count(">>> ") == sum(session.count(">>> ") for session in sessions)
    # One after another, as a reader would type them.
    test = doctest.DocTestParser().get_doctest("\n".join(sessions), {}, "docs/python.md", None, None)
    results = doctest.DocTestRunner().run(test)
    assert results.attempted > 20
    assert results.failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_are_what_is_printed(name: str) -> None:
    results = doctest.testmod(importlib.import_module(name))
    assert results.attempted >= 2
    assert results.failed == 0


def test_everything_public_says_what_it_does() -> None:
    silent = [name for name in brokersim.__all__ if not is_told(getattr(brokersim, name))]
    assert silent == []


def is_told(thing: object) -> bool:
    """Classes, their public methods and functions have docstrings; constants cannot."""
    if not isinstance(thing, type) and not callable(thing):
        return not isinstance(thing, ModuleType)
    members = vars(thing).items() if isinstance(thing, type) else ()
    public = [
        member
        for name, member in members
        if name[0] != "_" and (callable(member) or isinstance(member, property))
    ]
    return all(each.__doc__ for each in (thing, *public))
