"""What notebooks use: `from labs.submit import open_lab, submit`.

Speaks to the hub with the token of one's own server, and says what happened in the reader's
language. Needs only requests and pandas (and onnxruntime to run a shared model).

What is handed in while the hub cannot be reached is kept in a file beside the notebook, and goes
out before the next hand-in; a receipt number sees to it that nothing counts twice.
"""

import io
import json
import os
import uuid
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import requests

_WAIT = 60
_KEPT = Path(".not-handed-in.json")

_SIGNS = {"right": "○", "near": "△"}
_WORDS = {
    "opened": (
        "실습 데이터를 받았습니다: {rows:,}쇼트, {columns}개 열.",
        "Your data are here: {rows:,} shots, {columns} columns.",
    ),
    "away": (
        "허브에 연결되지 않습니다. 잠시 뒤 이 칸을 다시 실행하세요. 하던 일은 그대로 있습니다.",
        "The hub cannot be reached. Run this cell again in a minute. Your work is still there.",
    ),
    "kept": (
        "허브에 연결되지 않아 답을 파일에 보관했습니다. 잠시 뒤 이 칸을 다시 실행하세요.",
        "The hub cannot be reached. Your answers are kept in a file; run this cell again soon.",
    ),
    "sent_kept": ("보관해 둔 답을 보냈습니다.", "The answers that were kept have been sent."),
    "expired": (
        "로그인이 만료되었습니다. 허브의 실습 페이지에서 실습을 다시 열고 이 칸을 실행하세요.",
        "Your sign-in has expired. Open the lab from its page at the hub again and run this cell.",
    ),
    "outside": (
        "이 노트북은 허브에서 연 실습 안에서만 실행됩니다.",
        "This notebook works only inside a lab that the hub has opened.",
    ),
    "no_model": ("이 실습에는 공유 모델이 없습니다.", "This lab has no shared model."),
    "grade": (
        "{number}번째 제출: {points:g}점 / {of:g}점",
        "Hand-in {number}: {points:g} of {of:g}",
    ),
    "passed": ("통과했습니다.", "Passed."),
    "failed": (
        "아직 통과가 아닙니다({least:g}점부터 통과). 아래 이유를 읽고 고쳐서 다시 제출하세요.",
        "Not passed yet ({least:g} points are needed). Read why below, mend it, hand in again.",
    ),
}


class LabProblem(Exception):
    """Something that the trainee can read and act on; shown without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """IPython asks this instead of printing where in our code it happened."""
        return [str(self)]


def _korean() -> bool:
    return os.environ.get("SANGSAENG_LOCALE", "ko") != "en"


def _say(key: str, **gaps: object) -> str:
    return _WORDS[key][0 if _korean() else 1].format(**gaps)


@dataclass
class OpenLab:
    """A lab that is open: `data` is the trainee's own table."""

    slug: str
    data: pd.DataFrame
    questions: list[dict[str, Any]]
    model: dict[str, Any] | None
    _session: Any = field(default=None, repr=False)

    def predict(self, table: pd.DataFrame) -> Any:
        """Probability of a defect (0…1) for each row, by the shared model, here on this machine."""
        if self.model is None:
            raise LabProblem(_say("no_model"))
        if self._session is None:
            import onnxruntime  # noqa: PLC0415 -- not every lab runs a model

            found = _ask("GET", f"/labs/{self.slug}/model").content
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.log_severity_level = 3
            self._session = onnxruntime.InferenceSession(
                found, options, providers=["CPUExecutionProvider"]
            )
        rows = table[list(self.model["inputs"])].to_numpy(dtype="float32")
        name = self._session.get_inputs()[0].name
        return self._session.run(["probability"], {name: rows})[0][:, 1]

    def submit(self, answers: dict[str, Any]) -> "Graded":
        """Hand in; the grade comes back."""
        return submit(self.slug, answers)


def open_lab(slug: str) -> OpenLab:
    """Fetch the trainee's own data: the same each time."""
    told = _ask("POST", f"/labs/{slug}/open").json()
    table = pd.read_csv(io.StringIO(told["csv"]))
    if "time" in table:
        table["time"] = pd.to_datetime(table["time"])
    print(_say("opened", rows=len(table), columns=table.shape[1]))  # noqa: T201 -- for the reader
    return OpenLab(slug, table, told["questions"], told["model"])


def submit(slug: str, answers: dict[str, Any]) -> "Graded":
    """Hand in answers by name; the grade comes back, line by line."""
    hand_in = {"lab": slug, "receipt": uuid.uuid4().hex, "answers": _plain(answers)}
    waiting = _kept()
    _KEPT.write_text(json.dumps([*waiting, hand_in], ensure_ascii=False), encoding="utf-8")
    told: dict[str, Any] = {}
    try:
        for each in [*waiting, hand_in]:
            body = {"receipt": each["receipt"], "answers": each["answers"]}
            told = _ask("POST", f"/labs/{each['lab']}/hand-ins", body, away="kept").json()
            _KEPT.write_text(
                json.dumps([k for k in _kept() if k["receipt"] != each["receipt"]]),
                encoding="utf-8",
            )
    finally:
        if not _kept():
            _KEPT.unlink(missing_ok=True)
    if waiting:
        print(_say("sent_kept"))  # noqa: T201 -- for the reader
    return Graded(told)


class Graded:
    """A grade as a notebook shows it: a line for each question, with the reason."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.points: float = told["points"]
        self.passed: bool = told["passed"]

    def _head(self) -> str:
        head = _say(
            "grade",
            number=self.told["number"],
            points=self.points,
            of=self.told["max_points"],
        )
        end = _say("passed") if self.passed else _say("failed", least=self.told["pass_points"])
        return f"{head}. {end}"

    def __repr__(self) -> str:
        language = "ko" if _korean() else "en"
        lines = [
            f"{_SIGNS.get(line['verdict'], '×')} {line['title'][language]}: "
            f"{line['points']:g}/{line['of']:g}  {line['reason'][language]}"
            for line in self.told["lines"]
        ]
        return "\n".join([self._head(), *lines])

    def _repr_html_(self) -> str:
        """The same as a table, which JupyterLab shows instead."""
        language = "ko" if _korean() else "en"
        rows = "".join(
            f"<tr><td>{_SIGNS.get(line['verdict'], '×')}</td>"
            f"<td style='text-align:left'>{escape(line['title'][language])}</td>"
            f"<td>{line['points']:g} / {line['of']:g}</td>"
            f"<td style='text-align:left'>{escape(line['reason'][language])}</td></tr>"
            for line in self.told["lines"]
        )
        return f"<p><strong>{escape(self._head())}</strong></p><table>{rows}</table>"


def _kept() -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = json.loads(_KEPT.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return found


def _plain(answers: dict[str, Any]) -> dict[str, Any]:
    """Answers as JSON can carry them: numpy's numbers become Python's."""
    return {
        str(name): value.item() if hasattr(value, "item") else value
        for name, value in answers.items()
    }


def _ask(method: str, path: str, body: object = None, away: str = "away") -> requests.Response:
    hub = os.environ.get("SANGSAENG_URL", "")
    token = os.environ.get("JUPYTERHUB_API_TOKEN", "") or os.environ.get("SANGSAENG_TOKEN", "")
    if not hub or not token:
        raise LabProblem(_say("outside"))
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "ko" if _korean() else "en"}
    try:
        answer = requests.request(
            method, f"{hub}/api/v1{path}", json=body, headers=headers, timeout=_WAIT
        )
    except requests.RequestException:
        raise LabProblem(_say(away)) from None
    if answer.status_code in (401, 403):
        raise LabProblem(_say("expired"))
    if answer.status_code >= 400:
        try:
            reason = str(answer.json().get("detail", ""))
        except ValueError:
            reason = ""
        raise LabProblem(reason or _say(away))
    return answer
