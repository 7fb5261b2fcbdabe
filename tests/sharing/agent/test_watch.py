"""The watched folder: what comes back, what is set aside, what waits, what a power cut leaves."""

import csv
import io
import json
import os
import threading
import tracemalloc

import pytest

from sharing.agent import watch as watching
from sharing.agent.errors import AgentBusy
from sharing.agent.home import Home, Running
from sharing.agent.state import State
from sharing.agent.watch import Watch
from tests.sharing.agent import bundles

CALIBRATED = json.dumps({"thresholds": {"probability_defect": 0.5}}).encode()
GOOD = "일시,b,a\n오전,0.5,1\n오후,0.4,0.2\n"


def install(home, model=bundles.SLUG, **files):
    folder = home.bundle(model, "1.0.0")
    folder.mkdir(parents=True)
    for name, content in bundles.bundle(**files).items():
        (folder / name).write_bytes(content)
    home.activate(Running(model, "1.0.0", 1, "2026-11-24T00:00:00+00:00"))


class Plant:
    """A watched folder, looked at by a clock of its own."""

    def __init__(self, folder, language="ko", **options):
        self.home = Home(folder / "home")
        self.state = State(self.home.state)
        self.folder = folder / "watched"
        self.folder.mkdir(exist_ok=True)
        self.language, self.options = language, options
        self.now = 0.0
        self.restart()

    def restart(self):
        self.watch = Watch(self.home, self.state, self.folder, self.language, **self.options)

    def put(self, name, content=GOOD):
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def looks(self, times=2):
        found = []
        for _ in range(times):
            found += self.watch.look(self.now)
            self.now += 5.0
        return found

    def read(self, name, delimiter=","):
        text = (self.folder / name).read_bytes().decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))

    def waiting(self, language="ko"):
        return {k: why[language] for k, why in self.state.noted("watched")["waiting"].items()}

    def lying(self):
        return sorted(
            each.relative_to(self.folder).as_posix()
            for each in self.folder.rglob("*")
            if each.is_file()
        )


@pytest.fixture
def plant(tmp_path):
    made = Plant(tmp_path)
    with made.state:
        yield made


def test_a_file_comes_back_with_predictions(plant):
    install(plant.home)
    plant.put("생산 실적.csv", GOOD.encode("cp949"))
    assert plant.looks(1) == []
    (result,) = plant.looks(1)
    assert (result["rows"], result["faults"], result["flagged"]) == (2, 0, 0)
    rows = plant.read("out/생산 실적.csv")
    assert rows[0] == ["일시", "b", "a", "probability_defect", "비고"]
    assert [row[:3] for row in rows[1:]] == [["오전", "0.5", "1"], ["오후", "0.4", "0.2"]]
    assert [float(row[3]) for row in rows[1:]] == pytest.approx([0.731059, 0.401312], abs=1e-5)
    assert plant.lying() == ["done/생산 실적.csv", "out/생산 실적.csv"]
    assert (plant.folder / "done/생산 실적.csv").read_bytes() == GOOD.encode("cp949")
    assert plant.state.tally("tiny", "1.0.0") == (2, 0, 0)
    assert plant.looks() == []


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_as_plants_write_them(plant, mark, encoding):
    install(plant.home, calibration__json=CALIBRATED)
    plant.put("a.CSV", "\r\n".join(GOOD.replace(",", mark).splitlines()).encode(encoding))
    assert len(plant.looks()) == 1
    header, first, second = plant.read("out/a.CSV", mark)
    assert header[3:] == ["probability_defect", "probability_defect_alarm", "비고"]
    assert (first[0], first[4], second[4]) == ("오전", "1", "0")


def test_the_fault_of_a_row_is_named_in_it_and_the_others_are_predicted(plant):
    install(plant.home, calibration__json=CALIBRATED)
    rows = [
        "a,b,메모",
        "1,0.5,",
        "1,x,",
        "2,,",
        "",
        "900,1,",
        "1,2,3,4",
        "3",
        '1,"nan",',
        "1,1e400,",
    ]
    plant.put("a.csv", "\n".join(rows))
    (result,) = plant.looks()
    assert (result["rows"], result["faults"], result["flagged"]) == (8, 6, 1)
    remarks = [row[-1] for row in plant.read("out/a.csv")[1:]]
    assert remarks[0] == ""
    assert remarks[1] == "2행 금형 온도 (b): “x” 값은 숫자가 아닙니다."
    assert remarks[2] == "3행 금형 온도 (b): 값이 빠졌습니다."
    assert remarks[3].startswith("4행 수지 온도 (a): 값 900 °C.")
    assert remarks[4].startswith("5행: 칸이 4개인데 첫 줄의 열 이름은 3개입니다.")
    assert remarks[5] == "6행 금형 온도 (b): 값이 빠졌습니다."
    assert remarks[6:] == [
        "7행 금형 온도 (b): 값이 빠졌습니다.",
        "8행 금형 온도 (b): “1e400” 값은 숫자가 아닙니다.",
    ]
    assert {len(row) for row in plant.read("out/a.csv")} == {6}
    assert [bool(row[3]) for row in plant.read("out/a.csv")[1:]] == [1, 0, 0, 1, 0, 0, 0, 0]
    assert plant.state.tally("tiny", "1.0.0") == (2, 1, 6)


@pytest.mark.parametrize(
    ("name", "content", "korean", "english"),
    [
        ("a.csv", b"a,b\n", "데이터 행이 없습니다", "holds no rows"),
        ("a.csv", b"\0\1\2", "CSV가 아닙니다", "is not a CSV file"),
        ("a.xlsx", b"PK", "CSV가 아닙니다", "is not a CSV file"),
        ("a.csv", b"x,a\n1,2\n", "금형 온도 (b)", "missing: Mould temperature (b)"),
        ("a.csv", b"a,b,a\n1,2,3\n", "“a” 열이 두 번", "“a” twice"),
        ("a.csv", b"a,b\n1,x\n", "1행 금형 온도 (b): “x”", "Row 1, Mould temperature (b): “x”"),
        ("a.csv", b"\xff\xfe\xfd,b\n1,2\n", "UTF-8 / CP949", "UTF-8 / CP949"),
        ("a.csv", b'a,b\n1,"' + b"2" * 200_000, "CSV로 읽을 수 없습니다", "field larger than"),
    ],
)
def test_a_broken_file_is_set_aside_and_told_in_both_languages(
    plant, name, content, korean, english
):
    install(plant.home)
    plant.put(name, content)
    (result,) = plant.looks()
    assert plant.lying() == [f"failed/{name}", f"failed/{name}.txt"]
    assert (plant.folder / "failed" / name).read_bytes() == content
    letter = (plant.folder / f"failed/{name}.txt").read_bytes().decode("utf-8-sig")
    assert korean in letter
    assert english in letter
    assert "할 일: 파일을 고친 뒤 폴더에 다시 넣으세요." in letter
    assert "in any order: a [°C], b [°C]." in letter
    assert result["state"] == "failed"
    assert plant.state.file_jobs() == {}
    # Mended and put in again, it is predicted, and the broken one stays.
    plant.put("a.csv")
    assert plant.looks()[0]["state"] == "done"


def test_an_empty_file_is_given_time(plant):
    install(plant.home)
    plant.put("a.csv", b"")
    assert plant.looks(3) == []
    assert [one["state"] for one in plant.looks(6)] == ["failed"]


def test_a_file_over_the_limit_is_refused_with_words(tmp_path):
    plant = Plant(tmp_path, most_bytes=2**20)
    with plant.state:
        install(plant.home)
        plant.put("a.csv", b"a,b\n" + b"1,2\n" * 300_000)
        assert plant.looks()[0]["state"] == "failed"
        letter = (plant.folder / "failed/a.csv.txt").read_text("utf-8-sig")
        assert "파일이 너무 큽니다(2 MB, 최대 1 MB)" in letter
        assert "Split it into smaller files" in letter


def test_two_gigabytes_are_refused_unread(plant):
    install(plant.home)
    file = plant.put("a.csv", "a,b\n")
    os.truncate(file, 2 * 2**30)  # takes no room on the disk
    assert plant.looks()[0]["state"] == "failed"
    assert "2048 MB, 최대 1024 MB" in (plant.folder / "failed/a.csv.txt").read_text("utf-8-sig")
    assert (plant.folder / "failed/a.csv").stat().st_size == 2 * 2**30


def test_a_file_that_grows_is_left_until_it_has_ended(plant):
    install(plant.home)
    file = plant.put("a.csv", "a,b\n1,1\n")
    for _ in range(4):
        assert plant.looks(1) == []
        with file.open("a", encoding="utf-8") as more:
            more.write("2,1\n")
    assert plant.looks(1) == []
    assert plant.looks(1)[0]["rows"] == 5


def test_a_file_that_changes_while_it_is_read_is_begun_again(plant):
    install(plant.home)
    file = plant.put("a.csv", "a,b\n" + "1,1\n" * 10)
    asked = []

    def grows():
        asked.append(1)
        if len(asked) == 2:  # once before the file, once before its rows
            with file.open("a", encoding="utf-8") as more:
                more.write("2,1\n")
        return False

    plant.watch._halt = grows
    assert plant.looks(2) == []
    assert plant.lying() == ["a.csv"]
    assert plant.looks(2)[0]["rows"] == 11


def test_a_stop_in_the_middle_leaves_the_file_as_it_was(plant):
    install(plant.home)
    plant.put("a.csv")
    asked = []
    plant.watch._halt = lambda: asked.append(1) or len(asked) == 2
    assert plant.looks() == []
    assert plant.lying() == ["a.csv"]
    assert len(plant.looks(1)) == 1


def test_a_file_that_another_program_holds_is_tried_again(plant, monkeypatch):
    """What Windows does while a spreadsheet program has the file open."""
    install(plant.home)
    file = plant.put("a.csv")
    held = {"open", "replace"}

    def guarded(kind):
        real = getattr(type(file), kind)

        def call(self, *arguments, **options):
            if kind in held and self == file:
                raise PermissionError(13, "in use")
            return real(self, *arguments, **options)

        return call

    for kind in ("open", "replace"):
        monkeypatch.setattr(type(file), kind, guarded(kind))
    assert plant.looks(3) == []
    assert plant.lying() == ["a.csv"]
    assert "다른 프로그램에 열려 있습니다" in plant.waiting()["a.csv"]
    held.discard("open")  # it may be read, and not be moved
    assert plant.looks(2) == []
    assert plant.lying() == ["a.csv", "out/a.csv"]
    plant.put("b.csv")  # others do not wait for it
    assert [one["file"] for one in plant.looks(3)] == ["b.csv"]
    held.clear()
    assert [one["file"] for one in plant.looks(1)] == ["a.csv"]
    assert "a.csv" not in plant.waiting()
    assert plant.state.tally("tiny", "1.0.0").predicted == 4


def test_a_full_disk_is_waited_out(plant, monkeypatch):
    install(plant.home)
    plant.put("a.csv")
    full = [OSError(28, "No space left on device")]

    def fsync(_number):
        if full:
            raise full.pop()

    monkeypatch.setattr(watching.os, "fsync", fsync)
    assert plant.looks() == []
    assert plant.lying() == ["a.csv"]
    assert "No space left" in plant.waiting("en")["a.csv"]
    assert len(plant.looks(1)) == 1


def test_without_a_model_files_wait_and_status_says_so(plant):
    plant.put("a.csv")
    assert plant.looks(3) == []
    assert "아직 운영 중인 모델이 없습니다" in plant.waiting()["a.csv"]
    install(plant.home)
    assert len(plant.looks(1)) == 1
    assert plant.waiting() == {}


def test_several_models_each_with_its_folder(plant):
    install(plant.home)
    install(plant.home, "out", weight=-1.0)
    plant.put("a.csv")
    plant.put("tiny/a.csv")
    plant.put("%out/a.csv")
    plant.put("old/a.csv")
    found = plant.looks()
    assert sorted((one["model"], one["file"]) for one in found) == [
        ("out", "a.csv"), ("tiny", "a.csv"),
    ]  # fmt: skip
    assert float(plant.read("tiny/out/a.csv")[1][3]) == pytest.approx(0.731059, abs=1e-5)
    assert float(plant.read("%out/out/a.csv")[1][3]) == pytest.approx(0.268941, abs=1e-5)
    assert "tiny" in plant.waiting()["a.csv"]
    assert "“old” 모델이 운영되고 있지 않습니다" in plant.waiting()["old/a.csv"]
    assert "old/out" not in [each.relative_to(plant.folder).as_posix() for each in
                             plant.folder.rglob("*")]  # fmt: skip


def test_the_same_name_every_day_and_results_put_in_again(plant):
    install(plant.home)
    for _ in range(3):
        plant.put("shots.csv")
        assert len(plant.looks()) == 1
    assert plant.lying() == [
        f"{part}/shots{number}.csv" for part in ("done", "out") for number in (" (2)", " (3)", "")
    ]
    plant.put("again.csv", (plant.folder / "out/shots.csv").read_bytes())
    plant.looks()
    header = plant.read("out/again.csv")[0]
    assert header[3:] == ["probability_defect", "비고", "probability_defect (2)", "비고 (2)"]


def test_what_is_no_table_is_left_alone(plant):
    install(plant.home)
    names = [".hidden.csv", "notes.docx", "x.csv.part", "~$x.xlsx"]
    for name in names:
        plant.put(name)
    (plant.folder / "far.csv").symlink_to(plant.folder.parent / "home")
    assert plant.looks(3) == []
    assert plant.lying() == names


def test_two_agents_never_take_the_same_folder_at_once(plant):
    install(plant.home)
    plant.put("a.csv")
    with plant.home.lock("watching"), pytest.raises(AgentBusy):
        plant.looks(1)
    assert len(plant.looks()) == 1


def test_a_file_at_which_the_agent_ends_again_and_again_is_set_aside(plant, monkeypatch):
    install(plant.home)
    plant.put("a.csv")

    class PowerCut(BaseException):
        pass

    def cut(*_):
        raise PowerCut

    real = watching.Scored.predicted
    monkeypatch.setattr(watching.Scored, "predicted", cut)
    for _ in range(5):
        plant.restart()
        with pytest.raises(PowerCut):
            plant.looks()
    plant.restart()
    assert plant.looks()[0]["state"] == "failed"
    assert "5번 멈췄습니다" in (plant.folder / "failed/a.csv.txt").read_text("utf-8-sig")
    monkeypatch.setattr(watching.Scored, "predicted", real)
    plant.put("b.csv")
    assert plant.looks()[0]["state"] == "done"


def test_a_long_file_is_predicted_in_flat_memory(plant):
    install(plant.home)
    peaks = []
    for rows in (20_000, 100_000):
        plant.put("long.csv", "a,b\n" + "123.25,17.5\n" * rows)
        tracemalloc.start()
        (result,) = plant.looks()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert result["rows"] == rows
    with (plant.folder / "out/long (2).csv").open(encoding="utf-8-sig") as lines:
        assert sum(1 for _ in lines) == 100_001
    assert peaks[1] < 1.2 * peaks[0]
    assert peaks[1] < 32 * 2**20


def test_status_tells_the_last_results(plant, capsys):
    from sharing.agent import __main__ as command
    from sharing.agent.home import Enrolment

    install(plant.home)
    plant.home.enrolled(Enrolment("http://hub", "a", 1, "본사 공장", "시험정공", 15.0), {})
    plant.put("a.csv")
    plant.put("b.csv", b"a\n1\n")
    plant.put("old/c.csv")
    plant.looks()
    for more, wanted in (((), "failed 폴더로 옮겼습니다"), (("--json",), '"rows": 2')):
        with pytest.raises(SystemExit) as ended:
            command.main(["status", "--home", str(plant.home.folder), "--lang", "ko", *more])
        assert ended.value.code == 0
        told = capsys.readouterr().out
        assert wanted in told
        assert "old/c.csv" in told
        assert "빠진 열이 있습니다: 금형 온도 (b)" in told
    told = json.loads(told)["watched"]
    assert told["folder"] == str(plant.folder)
    assert [one["file"] for one in told["results"]] == ["b.csv", "a.csv"]


def test_a_fault_of_our_own_is_said_once_and_the_folder_is_looked_at_again(plant):
    install(plant.home)
    stop, said = threading.Event(), []
    stop.wait = lambda _pause: looks.append(1) or (len(looks) == 3 and stop.set())
    looks = []
    plant.state._db.close()  # every look ends in an error that nobody expects
    watching.work(plant.watch, stop, lambda text, facts: said.append(text % facts))
    assert len(looks) == 3
    assert len(said) == 1
    assert "ProgrammingError" in said[0]


def test_names_that_windows_does_not_take(plant):
    install(plant.home)
    if os.name == "posix":
        plant.put("con.csv")
        plant.put("a:b?.csv")
        plant.looks()
        assert plant.lying() == ["done/_con.csv", "done/a_b_.csv", "out/_con.csv", "out/a_b_.csv"]
