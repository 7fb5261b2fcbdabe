"""Broken course files: refused whole, with file, line and reason, every fault at once."""

import shutil
from pathlib import Path

import pytest

from courses.catalogue.reading import HOME, read_catalogue, shipped
from courses.errors import CatalogueBroken, ContentFault


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the shipped catalogue to spoil."""
    shutil.copytree(HOME, tmp_path / "home", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return tmp_path / "home"


def course(home: Path) -> Path:
    return home / "read-a-prediction"


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


def faults_of(home: Path) -> list[ContentFault]:
    with pytest.raises(CatalogueBroken) as raised:
        read_catalogue(home)
    return raised.value.faults


def test_a_sound_copy_is_read(home: Path) -> None:
    assert list(read_catalogue(home)) == list(shipped())


def test_a_misspelt_key_is_told_with_its_line(home: Path) -> None:
    file = course(home) / "test.yaml"
    change(file, "pass_percent: 70", "pass_procent: 70")
    faults = faults_of(home)
    assert ("read-a-prediction/test.yaml", 2) in [(one.file, one.line) for one in faults]
    assert any("pass_procent" in str(one) for one in faults)


def test_two_right_answers_to_a_single_choice(home: Path) -> None:
    file = course(home) / "lessons/monday-morning/questions.yaml"
    text = file.read_text(encoding="utf-8")
    line = text[: text.index("id: first-step")].count("\n") + 1
    change(
        file,
        "en: Lower the barrel temperature.\n",
        "en: Lower the barrel temperature.\n        right: true\n",
    )
    (fault,) = faults_of(home)
    assert fault.file.endswith("monday-morning/questions.yaml")
    assert fault.line == line
    assert "exactly one option" in str(fault)


def test_a_language_that_is_missing(home: Path) -> None:
    file = course(home) / "course.yaml"
    change(file, "  en: Reading a prediction and doubting it\n", "")
    (fault,) = faults_of(home)
    assert (fault.file, fault.code) == ("read-a-prediction/course.yaml", "value")
    assert "title.en" in str(fault)


def test_a_competence_that_nobody_knows(home: Path) -> None:
    change(course(home) / "course.yaml", "models:understand", "models:understnad")
    (fault,) = faults_of(home)
    lines = (course(home) / "course.yaml").read_text(encoding="utf-8").splitlines()
    assert "models:understnad" in lines[fault.line - 1]


def test_a_track_that_leads_nowhere(home: Path) -> None:
    change(course(home) / "course.yaml", "start: count-and-compare", "start: count-and-compute")
    assert "count-and-compute" in str(faults_of(home)[0])


def test_yaml_that_is_none(home: Path) -> None:
    change(course(home) / "test.yaml", "minutes: 10", "minutes: [10")
    (fault,) = faults_of(home)
    assert fault.code == "syntax"
    assert fault.line in (1, 2)


def test_a_key_that_stands_twice(home: Path) -> None:
    change(course(home) / "test.yaml", "minutes: 10\n", "minutes: 10\nminutes: 20\n")
    (fault,) = faults_of(home)
    assert (fault.code, fault.line, fault.facts) == ("duplicate", 2, {"key": "minutes"})


def test_an_empty_file(home: Path) -> None:
    (course(home) / "test.yaml").write_text("", encoding="utf-8")
    (fault,) = faults_of(home)
    assert (fault.code, fault.line) == ("syntax", 1)


def test_a_text_that_is_missing_or_no_utf8(home: Path) -> None:
    (course(home) / "lessons/monday-morning/en.md").unlink()
    korean = course(home) / "lessons/doubt-the-inputs/ko.md"
    korean.write_bytes("첫 줄\n둘째 줄\n".encode() + "셋째".encode("cp949"))
    missing, broken = sorted(faults_of(home), key=lambda one: one.code, reverse=True)
    assert (missing.code, missing.file) == (
        "missing",
        "read-a-prediction/lessons/monday-morning/en.md",
    )
    assert (broken.code, broken.line) == ("encoding", 3)


def test_a_figure_that_is_missing_is_told_where_it_is_named(home: Path) -> None:
    (course(home) / "figures/five-steps.en.svg").unlink()
    (fault,) = faults_of(home)
    assert fault.file.endswith("monday-morning/en.md")
    assert "five-steps.en.svg" in str(fault)
    line = (home / fault.file).read_text(encoding="utf-8").splitlines()[fault.line - 1]
    assert "(five-steps)" in line


@pytest.mark.parametrize(
    ("drawing", "problem"),
    [
        (
            '<svg xmlns="http://www.w3.org/2000/svg"><title>x</title><script>1</script></svg>',
            "script",
        ),
        (
            '<svg xmlns="http://www.w3.org/2000/svg"><title>x</title><rect onclick="a()"/></svg>',
            "onclick",
        ),
        (
            '<svg xmlns="http://www.w3.org/2000/svg"><title>x</title><a href="http://x"><rect/></a></svg>',
            "<a>",
        ),
        (
            '<svg xmlns="http://www.w3.org/2000/svg"><title>x</title><rect fill="url(http://x)"/></svg>',
            "fill",
        ),
        ('<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>', "title"),
        (
            '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>',
            "document type",
        ),
        ("<svg", ""),
    ],
)
def test_a_figure_that_does_more_than_draw(home: Path, drawing: str, problem: str) -> None:
    (course(home) / "figures/five-steps.ko.svg").write_text(drawing, encoding="utf-8")
    (fault,) = faults_of(home)
    assert (fault.code, fault.file) == ("drawing", "read-a-prediction/figures/five-steps.ko.svg")
    assert problem in str(fault)


def test_html_in_a_text_stays_text(home: Path) -> None:
    with (course(home) / "lessons/monday-morning/en.md").open("a", encoding="utf-8") as file:
        file.write("\n<script>alert(1)</script>\n\n[x](javascript:alert(1))\n")
    html = read_catalogue(home)["read-a-prediction"].lesson("monday-morning").html.en
    assert "<script" not in html
    assert 'href="javascript' not in html


def test_a_folder_that_no_course_names(home: Path) -> None:
    (course(home) / "lessons/forgotten").mkdir()
    (fault,) = faults_of(home)
    assert (fault.code, fault.file) == ("unused", "read-a-prediction/lessons/forgotten")


def test_all_faults_of_all_courses_at_once(home: Path) -> None:
    shutil.copytree(course(home), home / "another")
    change(course(home) / "test.yaml", "minutes: 10", "minutes: none")
    (home / "another/lessons/doubt-the-inputs/questions.yaml").unlink()
    (home / "another/test.yaml").unlink()
    assert len(faults_of(home)) == 3
