"""The names of what is counted and of why, as the compiled core has them."""

import difflib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from brokersim import _core


class CauseText(NamedTuple):
    """What a cause means, and the one setting or habit that closes it (may be empty)."""

    sentence: str
    closes: str


COUNTS: tuple[str, ...] = tuple(_core.count_names())
"""Everything that is counted, in the order of reports."""

CAUSES: Mapping[str, CauseText] = MappingProxyType(
    {name: CauseText(sentence, closes) for name, sentence, closes in _core.cause_texts()}
)
"""Every cause that an intent can carry; `"none"` is the first."""

CAUSE_NAMES: tuple[str, ...] = tuple(CAUSES)


def index_of(name: str, names: Sequence[str], what: str) -> int:
    """The place of a name; KeyError with the nearest ones if there is none."""
    if name in names:
        return names.index(name)
    near = difflib.get_close_matches(name, names, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names)}"
    raise KeyError(f"no {what} {name!r}; {hint}")


def group_index(group: str | None, judged: Sequence[str]) -> int:
    """The place of a judged group; None: the only one."""
    if group is not None:
        return index_of(group, judged, "judged group")
    if len(judged) == 1:
        return 0
    names = ", ".join(map(repr, judged))
    raise ValueError(f"several groups are judged; say group=... of {names} ('' is the log)")
