"""The report as notebooks show it: the table of the command, with the causes below."""

from collections.abc import Iterator
from html import escape
from typing import Any

# As in the text: the rows that a reader wants even when they are zero.
ALWAYS = ("intents", "acknowledged", "processed", "lost", "duplicated")
HEAD = ("count", "mean", "95 % of the mean", "one incident, 95 %", "min", "median", "max")

Json = dict[str, Any]


def report_html(report: Json) -> str:
    parts = [f"<p><b>{escape(report['title'] or report['file'])}</b><br>{escape(report['question'])}</p>"]
    for group in report["groups"]:
        parts.append(_table(group, report["seeds"]))
        parts.append(_list(_causes(group)))
    parts.append(_list(_findings(report)))
    return "<div>" + "".join(parts) + "</div>"


def _number(value: float) -> str:
    """As the text has it: four digits, no exponent."""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _interval(pair: list[float]) -> str:
    return f"[{_number(pair[0])}, {_number(pair[1])}]"


def _table(group: Json, seeds: int) -> str:
    name = "judged by what the logs hold" if group["group"] is None else f"consumer group {group['group']}"
    head = "".join(f"<th>{title}</th>" for title in HEAD)
    shown = [(c, s) for c, s in group["counts"].items() if c in ALWAYS or s["max"] > 0]
    rows = "".join(_row(count, statistics) for count, statistics in shown)
    caption = f"{escape(name)}, {seeds} seed" + ("" if seeds == 1 else "s")
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(count: str, statistics: Json) -> str:
    s = statistics
    cells = [
        count,
        _number(s["mean"]),
        _interval(s["mean_95"]),
        _interval(s["prediction_95"]),
        *(str(s[key]) for key in ("min", "median", "max")),
    ]
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _causes(group: Json) -> Iterator[str]:
    for count, statistics in group["counts"].items():
        for cause in statistics.get("causes", ()):
            line = f"{count}: <code>{escape(cause['cause'])}</code>, "
            line += f"{cause['intents']} in {cause['seeds']} seeds"
            if count in ("lost", "vanished") and cause.get("window_ns", [0, 0])[1] > 0:
                low, high = (ns / 1e6 for ns in cause["window_ns"])
                line += f", believed safe {_number(low)} to {_number(high)} ms before the failure"
            yield line + (f"; closes it: <b>{escape(cause['closes'])}</b>" if cause["closes"] else "")


def _findings(report: Json) -> Iterator[str]:
    for finding in report["expect"]:
        sign = "holds" if finding["holds"] else "<b>FAILS</b>"
        yield f"{sign}: {escape(finding['claim'])}: {escape(finding['observed'])}"


def _list(lines: Iterator[str]) -> str:
    items = "".join(f"<li>{line}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""
