"""Rules of the project that no compiler checks. Run by `./dev lint`; prints one line per breach.

    python tests/tidy.py [folder]

Each rule is a function from the tree to its breaches. What is allowed all the same stands in ALLOWED with its
reason, and an entry that no longer permits anything is a breach too: the list can only shrink unnoticed.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# (file, name of the rule): reason. A reviewer sees every new line here.
ALLOWED: dict[tuple[str, str], str] = {}

# File: lines it may have. Files that were above LINES_MAX when the rule came in may shrink, never grow.
LONGER: dict[str, int] = {}
LINES_MAX = 450

LAYERS = {"sim": 0, "model": 1, "scenarios": 2, "scenarios/cli": 3, "bindings": 3}
OTHER_ROOTS = ("tests", "bench", "examples")
PROTOCOLS = ("rocketmq", "kafka", "rabbitmq")

# What makes two runs of one seed differ, between machines, standard libraries or threads; and what cannot be
# copied with a world. Matched in code, not in comments or strings.
BANNED = {
    "std::random_device": r"\brandom_device\b",
    "standard random engine": r"\bstd::(?:mt19937\w*|minstd_rand0?|default_random_engine|ranlux\w+)\b",
    "standard distribution": r"\bstd::\w+_distribution\b",
    "<random>": r"#\s*include\s*<random>",
    "unordered container": r"\bstd::unordered_\w+|#\s*include\s*<unordered_\w+>",
    "clock": r"\bstd::chrono\b|#\s*include\s*<(?:chrono|ctime|time\.h|sys/time\.h)>|\bclock_gettime\b",
    "time()": r"\bstd::time\s*\(|(?<![\w.>:])time\s*\(\s*(?:nullptr|NULL|0|&)",
    "rand()": r"(?<![\w.>:])(?:std::|::)?s?rand\s*\(",
    "std::function": r"\bstd::function\b",
    "use_count()": r"\buse_count\s*\(",
    "console": r"\bstd::(?:cout|cerr|clog)\b|#\s*include\s*<iostream>",
}

# Split, so that this file does not hold what it forbids.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:" + "|".join(("work", "root", "tmp")) + r")(?:/|\b)")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)
TOKENS = re.compile(
    r'(?P<raw>R"(?P<mark>[^()\s\\]*)\(.*?\)(?P=mark)")'
    r"|(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|(?P<character>'(?:\\[^'\n]+|[^'\\\n])')"
    r'|(?P<string>"(?:\\.|[^"\\\n])*")',
    re.DOTALL,
)


@dataclass(frozen=True)
class Breach:
    file: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message} [{self.rule}]"


@dataclass
class Tree:
    """The files of a project by their path from its root."""

    root: Path
    files: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.files = sorted(self._from_git() or self._walk())

    def _from_git(self) -> list[str]:
        """Tracked files and those that could be; nothing in a plain copy or without git."""
        if not (self.root / ".git").exists() or shutil.which("git") is None:
            return []
        command = ["git", "-C", str(self.root), "ls-files", "-coz", "--exclude-standard"]
        names = subprocess.run(command, check=False, capture_output=True, text=True).stdout.split("\0")
        return [name for name in names if name and (self.root / name).is_file()]

    def _walk(self) -> Iterator[str]:
        for path in self.root.rglob("*"):
            parts = path.relative_to(self.root).parts
            if path.is_file() and parts[0] not in ("build", ".venv", "out") and "__pycache__" not in parts:
                yield "/".join(parts)

    def text(self, file: str) -> str:
        return (self.root / file).read_text(encoding="utf-8", errors="replace")

    def sources(self, *folders: str) -> Iterator[str]:
        """The C++ files of these folders."""
        return (f for f in self.files if f.endswith((".cpp", ".hpp")) and f.split("/")[0] in folders)


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def without_comments(text: str, *, strings: bool) -> str:
    """The code alone, its lines where they were; string literals are kept if `strings`."""

    def blank(match: re.Match[str]) -> str:
        if match["comment"] is None and strings:
            return match[0]
        return "\n" * match[0].count("\n") or " "

    return TOKENS.sub(blank, text)


def layer_of(file: str) -> str | None:
    """The longest prefix among LAYERS: scenarios/cli is a layer of its own."""
    folders = [layer for layer in LAYERS if file.startswith(layer + "/")]
    return max(folders, key=len, default=None)


def protocol_of(file: str) -> str | None:
    parts = file.split("/")
    return parts[1] if parts[0] == "model" and parts[1] in PROTOCOLS else None


def include_breach(file: str, target: str, known: set[str]) -> str | None:
    """Why `file` may not include `target`, if it may not."""
    mine, theirs = layer_of(file), layer_of(target)
    if target not in known:
        return f'"{target}" is not a file from the root of the project'
    if mine is None:
        return None  # Tests, benchmarks and examples may include everything.
    if theirs is None:
        return f'{mine} may not include "{target}": it is no part of the product'
    if mine != theirs and LAYERS[theirs] >= LAYERS[mine]:
        return f'{mine} may not include "{target}": sim <- model <- scenarios <- bindings, cli'
    if protocol_of(file) and protocol_of(target) not in (None, protocol_of(file)):
        return f'{protocol_of(file)} may not include "{target}": protocols know nothing of each other'
    return None


def check_includes(tree: Tree) -> Iterator[Breach]:
    known = set(tree.files)
    for file in tree.sources(*{layer.split("/")[0] for layer in LAYERS}, *OTHER_ROOTS):
        if file.startswith("tests/consumer/"):
            continue  # It includes what is installed, as a user would.
        code = without_comments(tree.text(file), strings=True)
        for match in INCLUDE.finditer(code):
            if message := include_breach(file, match[1], known):
                yield Breach(file, line_of(code, match.start()), "includes", message)


def check_banned_names(tree: Tree) -> Iterator[Breach]:
    for file in tree.sources("sim", "model"):
        code = without_comments(tree.text(file), strings=False)
        for name, pattern in BANNED.items():
            for match in re.finditer(pattern, code):
                message = f"{match[0].strip()} has no place in sim/ and model/"
                yield Breach(file, line_of(code, match.start()), name, message)


def check_expectations(tree: Tree) -> Iterator[Breach]:
    for file in tree.files:
        if not (file.startswith("scenarios/library/") and file.endswith(".json")):
            continue
        try:
            scenario = json.loads(tree.text(file))
        except json.JSONDecodeError as error:
            yield Breach(file, error.lineno, "expect", f"is not JSON: {error.msg}")
            continue
        if not (isinstance(scenario, dict) and scenario.get("expect")):
            yield Breach(file, 1, "expect", 'a library scenario is a test and needs an "expect"')


def check_lengths(tree: Tree) -> Iterator[Breach]:
    for file in tree.files:
        if not (file.endswith((".cpp", ".hpp", ".py", ".sh", ".cmake")) or file in ("dev", "CMakeLists.txt")):
            continue
        lines, allowed = len(tree.text(file).splitlines()), LONGER.get(file, LINES_MAX)
        if lines > allowed:
            yield Breach(file, lines, "length", f"{lines} lines, {allowed} allowed: find its second subject")
        elif lines < allowed != LINES_MAX:
            yield Breach(file, lines, "length", f"shrank to {lines} lines: lower its entry in LONGER")


def check_machine_paths(tree: Tree) -> Iterator[Breach]:
    for file in tree.files:
        if (tree.root / file).stat().st_size > 2_000_000:
            continue
        text = tree.text(file)
        for match in MACHINE_PATH.finditer(text):
            message = f"{match[0]} exists on one machine only"
            yield Breach(file, line_of(text, match.start()), "machine path", message)


RULES = (check_includes, check_banned_names, check_expectations, check_lengths, check_machine_paths)


def breaches(root: Path, allowed: dict[tuple[str, str], str] | None = None) -> list[Breach]:
    """All breaches of the tree at `root` that `allowed` does not permit, and the entries it holds in vain."""
    allowed = ALLOWED if allowed is None else allowed
    tree = Tree(root)
    found = [breach for rule in RULES for breach in rule(tree)]
    used = {(breach.file, breach.rule) for breach in found}
    kept = [breach for breach in found if (breach.file, breach.rule) not in allowed]
    return kept + [
        Breach(file, 1, rule, "is allowed in tests/tidy.py, but no longer needed: remove the entry")
        for file, rule in allowed
        if (file, rule) not in used
    ]


def main(arguments: list[str]) -> int:
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    found = breaches(root)
    for breach in found:
        print(breach)
    print(f"tidy: {len(found)} breaches" if found else "tidy: no breach")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
