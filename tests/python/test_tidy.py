"""tests/tidy.py can fail: each rule is fed a small tree that breaks it, and one that only looks alike."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "tidy.py"
spec = importlib.util.spec_from_file_location("tidy", SCRIPT)
assert spec is not None
assert spec.loader is not None
tidy = importlib.util.module_from_spec(spec)
sys.modules["tidy"] = tidy
spec.loader.exec_module(tidy)


Allowed = dict[tuple[str, str], str]


def rules_broken(root: Path, files: dict[str, str], allowed: Allowed | None = None) -> list[str]:
    """The rules that a tree of `files` breaks, each as `file:line rule`."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [f"{b.file}:{b.line} {b.rule}" for b in tidy.breaches(root, allowed or {})]


def including(*targets: str) -> str:
    return "#pragma once\n" + "".join(f'#include "{target}"\n' for target in targets)


CLEAN = {
    "sim/types.hpp": "#pragma once\n",
    "model/world.hpp": including("sim/types.hpp"),
    "model/rocketmq/broker.hpp": including("model/world.hpp"),
    "model/kafka/broker.hpp": including("model/world.hpp"),
    "model/dispatch.hpp": including("model/rocketmq/broker.hpp", "model/kafka/broker.hpp"),
    "scenarios/run/seeds.hpp": including("model/dispatch.hpp", "sim/types.hpp"),
    "scenarios/cli/main.cpp": including("scenarios/run/seeds.hpp"),
    "bindings/module.cpp": including("scenarios/run/seeds.hpp"),
    "scenarios/library/power/loss.json": '{"expect": [{"lost": 0}]}',
}


def test_a_clean_tree_has_no_breach(tmp_path: Path) -> None:
    assert rules_broken(tmp_path, CLEAN) == []


@pytest.mark.parametrize(
    ("file", "target"),
    [
        ("sim/queue.hpp", "model/world.hpp"),
        ("model/host.hpp", "scenarios/run/seeds.hpp"),
        ("scenarios/run/report.hpp", "scenarios/cli/main.cpp"),
        ("scenarios/run/report.hpp", "bindings/module.cpp"),
        ("bindings/other.cpp", "scenarios/cli/main.cpp"),
        ("model/rocketmq/send.hpp", "model/kafka/broker.hpp"),
        ("model/kafka/send.hpp", "model/rocketmq/broker.hpp"),
        ("sim/queue.hpp", "types.hpp"),
        ("sim/queue.hpp", "../sim/types.hpp"),
        ("tests/sim/test_queue.cpp", "sim/no_such_file.hpp"),
    ],
)
def test_an_include_to_the_right_is_a_breach(tmp_path: Path, file: str, target: str) -> None:
    assert rules_broken(tmp_path, CLEAN | {file: including(target)}) == [f"{file}:2 includes"]


def test_the_product_does_not_include_its_tests(tmp_path: Path) -> None:
    files = {"tests/catch.hpp": "", "sim/queue.hpp": including("tests/catch.hpp")}
    assert rules_broken(tmp_path, files) == ["sim/queue.hpp:2 includes"]


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("std::random_device device;", "std::random_device"),
        ("std::mt19937_64 engine;", "standard random engine"),
        ("std::uniform_int_distribution<int> d;", "standard distribution"),
        ("#include <random>", "<random>"),
        ("std::unordered_map<int, int> m;", "unordered container"),
        ("#include <unordered_set>", "unordered container"),
        ("auto t = std::chrono::seconds(1);", "clock"),
        ("#include <chrono>", "clock"),
        ("auto t = time(nullptr);", "time()"),
        ("auto t = std::time(0);", "time()"),
        ("int r = rand();", "rand()"),
        ("int r = std::rand();", "rand()"),
        ("std::function<void()> f;", "std::function"),
        ("if (page.use_count() == 1) {}", "use_count()"),
        ('std::cout << "x";', "console"),
    ],
)
@pytest.mark.parametrize("folder", ["sim", "model/rocketmq"])
def test_a_banned_name_is_a_breach_in_code(tmp_path: Path, folder: str, code: str, rule: str) -> None:
    file = f"{folder}/a.cpp"
    assert rules_broken(tmp_path, {file: f"// A line before.\n{code}\n"}) == [f"{file}:2 {rule}"]


@pytest.mark.parametrize(
    "code",
    [
        "// no std::function here, and no std::mt19937 or rand()",
        "/* time(nullptr)\n std::chrono */",
        'auto s = "std::unordered_map rand( ";',
        'auto s = R"(std::cout << rand())";',
        "SimTime time(int queue) const;",
        "auto t = event.time(0);",
        "auto o = operand(2);",
        "auto n = 1'000'000; auto c = '\"'; auto m = \"std::function\";",
    ],
)
def test_words_outside_code_and_look_alikes_are_no_breach(tmp_path: Path, code: str) -> None:
    assert rules_broken(tmp_path, {"sim/a.hpp": code + "\n"}) == []


def test_a_comment_hides_no_code_after_it(tmp_path: Path) -> None:
    files = {"sim/a.hpp": "auto c = '\"'; /* why */ std::function<void()> f; // \"\n"}
    assert rules_broken(tmp_path, files) == ["sim/a.hpp:1 std::function"]


def test_banned_names_are_allowed_outside_the_simulated_world(tmp_path: Path) -> None:
    assert rules_broken(tmp_path, {"scenarios/run/a.cpp": "std::function<void()> f;\n"}) == []


@pytest.mark.parametrize("text", ['{"title": "x"}', '{"expect": []}', "[]", "{"])
def test_a_library_scenario_without_expectation_is_a_breach(tmp_path: Path, text: str) -> None:
    file = "scenarios/library/a/b.json"
    assert rules_broken(tmp_path, {file: text}) == [f"{file}:1 expect"]


def test_the_length_of_a_file_is_limited(tmp_path: Path) -> None:
    files = {"sim/long.hpp": "\n" * 451, "tests/full.py": "\n" * 450, "scenarios/schema.json": "\n" * 900}
    assert rules_broken(tmp_path, files) == ["sim/long.hpp:451 length"]


def test_a_long_file_may_shrink_but_not_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidy, "LONGER", {"sim/long.hpp": 600})
    assert rules_broken(tmp_path, {"sim/long.hpp": "\n" * 600}) == []
    assert rules_broken(tmp_path, {"sim/long.hpp": "\n" * 601}) == ["sim/long.hpp:601 length"]
    assert rules_broken(tmp_path, {"sim/long.hpp": "\n" * 599}) == ["sim/long.hpp:599 length"]


@pytest.mark.parametrize("folder", ["work", "root", "tmp"])
def test_a_path_of_one_machine_is_a_breach(tmp_path: Path, folder: str) -> None:
    text = f"see https://example.org/{folder}/x and ./{folder}/y\nnot /{folder}/x\n"
    assert rules_broken(tmp_path, {"docs/notes.md": text}) == ["docs/notes.md:2 machine path"]


def test_an_allowed_breach_passes_until_it_is_gone(tmp_path: Path) -> None:
    allowed = {("sim/a.hpp", "std::function"): "a reason"}
    assert rules_broken(tmp_path, {"sim/a.hpp": "std::function<void()> f;\n"}, allowed) == []
    assert rules_broken(tmp_path, {"sim/a.hpp": "\n"}, allowed) == ["sim/a.hpp:1 std::function"]


def test_the_script_tells_its_caller(tmp_path: Path) -> None:
    (tmp_path / "sim").mkdir()
    (tmp_path / "sim" / "a.hpp").write_text("int r = rand();\n")
    run = subprocess.run([sys.executable, SCRIPT, tmp_path], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stdout.startswith("sim/a.hpp:1: rand( has no place in sim/ and model/ [rand()]")
