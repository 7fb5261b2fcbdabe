"""`hub-agent` as a person types it: a real process, its words and exit codes."""

import json
import os
import subprocess
import sys

import pytest

from sharing.agent.errors import FileNotText
from sharing.agent.tablefile import columns_of
from sharing.agent.words import language_here
from tests.fakes.agent_hub import CODE
from tests.sharing.agent import bundles

pytestmark = pytest.mark.parts  # real processes


@pytest.fixture
def command(tmp_path):
    """Runs hub-agent: (arguments) → completed process."""

    def ran(*arguments, lang="ko", **options):
        return subprocess.run(
            [sys.executable, "-m", "sharing.agent", *arguments, "--lang", lang],
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, "HUB_AGENT_HOME": str(tmp_path / "pc"), "PYTHONUTF8": "1"},
            timeout=300,
            **options,
        )

    return ran


def test_from_the_code_to_a_predicted_file(far, command, tmp_path):
    assert command("status").returncode == 4
    wrong = command("enrol", far.url, "--code", "WRONG")
    assert (wrong.returncode, wrong.stdout) == (3, "")
    assert "코드(WRONG)" in wrong.stderr
    done = command("enrol", far.url, input=f"{CODE}\n")
    assert done.returncode == 0, done.stderr
    assert "시험정공(주), 본사 공장" in done.stdout
    assert command("enrol", far.url, "--code", CODE).returncode == 2
    assert command("once").stdout == "새로운 것이 없습니다.\n"
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), delivery=1)
    assert command("once").stdout == "운영 중: tiny 1.0.0\n"

    rows = tmp_path / "shots.csv"
    rows.write_bytes("일시,b,a\n오전,0.5,1\n오후,0.4,900\n".encode("cp949"))
    predicted = command("predict", str(rows)).stdout.splitlines()
    assert predicted[0] == "일시,b,a,probability_defect,비고"
    assert predicted[1].startswith("오전,0.5,1,0.7310")
    assert predicted[2].endswith("(0 ~ 300)를 벗어났습니다.")

    rows.write_text("a,b,defect\n271.875,0.5,1\n0.2,0.4,0\n", encoding="utf-8")
    judged = json.loads(command("evaluate", str(rows), "--json").stdout)
    assert (judged["caught"], judged["false"], judged["average_precision"]) == (1, 0, 1.0)
    status = json.loads(command("status", "--json").stdout)
    assert status["models"][0]["predicted"] == 4
    assert status["waiting"] == 0
    leaves = command("what-is-sent", lang="en").stdout
    assert '"predictions": 4' in leaves
    assert "271.875" not in leaves


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "데이터 행이 없습니다"),
        (b"a,b\n", "데이터 행이 없습니다"),
        (b"\0\1\2", "CSV가 아닙니다"),
        (b"a\n1\n", "빠진 열이 있습니다: 금형 온도 (b)"),
        (b"a,b\n1,2\n3,\n", "2행 금형 온도 (b): 값이 빠졌습니다."),
    ],
)
def test_a_file_that_cannot_be_predicted(site, capsys, tmp_path, content, sentence):
    from sharing.agent.__main__ import main
    from tests.sharing.agent.test_serve import install

    install(site.home)
    rows = tmp_path / "rows.csv"
    rows.write_bytes(content)
    with pytest.raises(SystemExit) as ended:
        main(["predict", str(rows), "--home", str(site.home.folder), "--lang", "ko"])
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_a_hub_that_is_not_there(command):
    gone = command("enrol", "http://127.0.0.1:9", "--code", CODE, lang="en")
    assert gone.returncode == 5
    assert gone.stderr.startswith("The hub at http://127.0.0.1:9 cannot be reached.")
    assert command("enrol", "hub", lang="en").returncode == 2


def test_a_pc_that_was_disconnected_keeps_what_it_runs(far, site, capsys):
    from sharing.agent.__main__ import main

    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), delivery=1)
    site.once()
    far.knows_agent = False
    with pytest.raises(SystemExit) as ended:
        main(["once", "--home", str(site.home.folder), "--lang", "en"])
    assert ended.value.code == 3
    assert "does not know this PC any more" in capsys.readouterr().err
    assert site.version() == "1.0.0"


def test_needs_nothing_of_the_hubs_packages():
    blocked = ["pydantic", "sqlmodel", "sqlalchemy", "flask", "pandas", "sklearn", "click"]
    code = (
        "import sys\n"
        f"for name in {blocked}: sys.modules[name] = None\n"
        "import sharing.agent.__main__, sharing.agent.probe\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)


def test_a_spreadsheets_own_file_is_told_from_a_csv(tmp_path):
    book = tmp_path / "shots.xlsx"
    book.write_bytes(b"PK\x03\x04\0\0")
    with pytest.raises(FileNotText, match="CSV"):
        columns_of(book)


@pytest.mark.parametrize(
    ("asked", "language"),
    [({"LANG": "ko_KR.UTF-8"}, "ko"), ({"LC_ALL": "en_US.UTF-8", "LANG": "ko_KR.UTF-8"}, "en")],
)
def test_the_language_is_what_the_terminal_asks_for(asked, language, monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in asked.items():
        monkeypatch.setenv(name, value)
    assert language_here() == language


def test_a_reader_that_has_enough_is_no_fault(site, tmp_path):
    from tests.sharing.agent.test_serve import install

    install(site.home)
    rows = tmp_path / "rows.csv"
    rows.write_text("a,b\n" + "1,0.5\n" * 40_000, encoding="utf-8")
    # The home stands before the command, where help shows it.
    ask = [sys.executable, "-m", "sharing.agent", "--home", str(site.home.folder), "predict"]
    with subprocess.Popen(
        [*ask, str(rows)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as asked:
        assert asked.stdout.readline(), asked.stderr.read()
        asked.stdout.close()
        assert asked.stderr.read() == ""
        assert asked.wait(300) == 0
