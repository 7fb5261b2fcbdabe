# ruff: noqa: E501 - a sentence on one line is found by searching for it
"""The agent's sentences in Korean. It has no translation library: a table is enough.

Keys are the English sentences, as in the errors' `text`. The hub's pages show the same errors and
take the same words (a test compares).
"""

import locale
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from supplychain.errors import DomainError

LANGUAGES = ("ko", "en")

KO: Mapping[str, str] = {
    # errors: the hub and the way to it
    "The hub at %(url)s cannot be reached. What runs here keeps running; check the network.": "허브(%(url)s)에 연결할 수 없습니다. 지금 운영 중인 모델은 계속 동작합니다. 네트워크를 확인하세요.",
    "The hub at %(url)s answers too slowly. The agent tries again later.": "허브(%(url)s)의 응답이 너무 느립니다. 나중에 다시 시도합니다.",
    "What answered at %(url)s is not a hub, or it is out of order (status %(status)s).": "%(url)s 주소에서 응답한 것은 허브가 아니거나 고장 상태입니다(상태 코드 %(status)s).",
    "The hub refused: %(why)s": "허브가 거절했습니다: %(why)s",
    "The hub does not accept the code %(code)s. A code works once and for 30 minutes: ask for a new one on the page “Connected PCs”.": "허브가 이 코드(%(code)s)를 받지 않았습니다. 코드는 30분 동안 한 번만 쓸 수 있습니다. “연결된 PC” 화면에서 새 코드를 받으세요.",
    "The hub does not know this PC any more. What runs here keeps running; to connect again, enrol with a new code.": "허브에 이 PC의 연결이 남아 있지 않습니다. 지금 운영 중인 모델은 계속 동작합니다. 다시 연결하려면 새 코드로 등록하세요.",
    # errors: this PC
    "This PC is not connected to a hub yet. Run: hub-agent enrol ADDRESS": "이 PC는 아직 허브에 연결되지 않았습니다. 실행하세요: hub-agent enrol 주소",
    "This PC is already connected to %(url)s as “%(site)s”. Add --again to connect it anew.": "이 PC는 이미 %(url)s 에 “%(site)s” 사업장으로 연결되어 있습니다. 새로 연결하려면 --again 을 붙이세요.",
    "“%(url)s” is not an address of a hub. It looks like https://hub.example.": "허브 주소가 아닙니다: “%(url)s”. https://hub.example 과 같은 모양입니다.",
    "Another agent is already working in %(home)s.": "다른 현장 에이전트가 이미 %(home)s 에서 동작하고 있습니다.",
    "The folder %(home)s cannot be used: %(why)s": "%(home)s 폴더를 쓸 수 없습니다: %(why)s",
    "Port %(port)s is taken by another program. Choose another with --port.": "포트 %(port)s 번은 다른 프로그램이 쓰고 있습니다. --port 로 다른 번호를 고르세요.",
    "No model runs here yet. Accept an offer on the hub, then run: hub-agent once": "아직 운영 중인 모델이 없습니다. 허브에서 제안을 수락한 뒤 실행하세요: hub-agent once",
    "The agent met an error that it does not know (%(kind)s). Details are in %(log)s.": "현장 에이전트가 알 수 없는 오류를 만났습니다(%(kind)s). 자세한 내용은 %(log)s 에 있습니다.",
    # errors: why an assigned version is not installed
    "The signed list of the %(role)s is not trustworthy: %(why)s. Nothing was installed.": "서명된 목록(%(role)s)을 믿을 수 없습니다: %(why)s. 아무것도 설치하지 않았습니다.",
    "The signed list of the %(role)s has expired. Nothing new is installed until it is renewed.": "서명된 목록(%(role)s)의 유효기간이 지났습니다. 갱신될 때까지 새로 설치하지 않습니다.",
    "This PC's clock was set back: it says %(now)s, and signed lists were read at %(then)s. Nothing new is installed until it is right.": "이 PC의 시계가 뒤로 돌아갔습니다. 지금은 %(now)s인데, 서명된 목록을 %(then)s에 이미 읽었습니다. 시계가 맞을 때까지 새로 설치하지 않습니다.",
    "The assignment is for site %(theirs)s, and this is site %(ours)s.": "이 배정은 %(theirs)s번 사업장 것인데, 여기는 %(ours)s번 사업장입니다.",
    "%(path)s: what the publisher released and what was assigned are not the same file.": "%(path)s: 게시자가 내놓은 파일과 배정된 파일이 서로 다릅니다.",
    "Version %(version)s of %(model)s is incomplete: %(missing)s is missing.": "%(model)s %(version)s 버전이 완전하지 않습니다. 빠진 파일: %(missing)s",
    "%(path)s arrived damaged or changed; it was thrown away.": "%(path)s 파일이 깨졌거나 바뀐 채로 도착해서 버렸습니다.",
    "The step “%(step)s” did not succeed in %(tries)s tries.": "“%(step)s” 단계를 %(tries)s번 시도했지만 성공하지 못했습니다.",
    "%(file)s is not an ONNX model.": "ONNX 모델이 아닌 파일입니다: %(file)s",
    "The model uses operators that are not part of the ONNX standard: %(operators)s.": "모델이 ONNX 표준에 없는 연산자를 씁니다: %(operators)s",
    "The model refers to data outside its own file: %(tensor)s.": "모델이 자기 파일 밖의 데이터를 가리킵니다: %(tensor)s",
    "The model is too large for this PC (%(megabytes)s MB, at most %(most)s MB).": "모델이 이 PC에 너무 큽니다(%(megabytes)s MB, 최대 %(most)s MB).",
    "%(file)s cannot be read: %(why)s": "%(file)s 파일을 읽을 수 없습니다: %(why)s",
    "The model takes %(model)s columns, and its card lists %(card)s.": "모델은 열 %(model)s개를 받는데, 모델 카드에는 %(card)s개가 적혀 있습니다.",
    "head.onnx wants %(head)s, and model.onnx gives %(model)s.": "head.onnx 는 %(head)s 값을 받는데, model.onnx 는 %(model)s 값을 냅니다.",
    "The publisher's test rows come out differently on this PC (off by %(difference)s).": "게시자의 시험 데이터 결과가 이 PC에서 다르게 나옵니다(차이 %(difference)s).",
    "The model failed in its trial run: %(why)s": "시험 실행에서 모델이 실패했습니다: %(why)s",
    "The model's trial run did not end within %(seconds)s seconds.": "모델의 시험 실행이 %(seconds)s초 안에 끝나지 않았습니다.",
    # errors: why a row gets no prediction
    "No model “%(model)s” runs here.": "여기에는 “%(model)s” 모델이 운영되고 있지 않습니다.",
    "The request cannot be read: %(why)s": "요청을 읽을 수 없습니다: %(why)s",
    "The request must carry “%(tensor)s”, or one tensor for each column.": "요청에는 “%(tensor)s” 또는 열마다 하나의 텐서가 있어야 합니다.",
    "These columns are missing: %(columns)s.": "빠진 열이 있습니다: %(columns)s",
    "There must be %(columns)s values in each row; %(got)s came.": "한 행에는 값이 %(columns)s개 있어야 하는데 %(got)s개가 왔습니다.",
    "Row %(row)s, %(column)s: “%(value)s” is not a number.": "%(row)s행 %(column)s: “%(value)s” 값은 숫자가 아닙니다.",
    "Row %(row)s, %(column)s: the value is missing.": "%(row)s행 %(column)s: 값이 빠졌습니다.",
    "%(rows)s rows are too many for one request; send at most %(most)s.": "한 번에 보내기에는 행이 너무 많습니다(%(rows)s행). 최대 %(most)s행까지 보내세요.",
    "%(file)s is not a CSV file. If it is from a spreadsheet program, save it there as CSV (UTF-8) first.": "%(file)s 파일은 CSV가 아닙니다. 엑셀 파일이라면 엑셀에서 CSV(UTF-8)로 저장한 뒤 다시 실행하세요.",
    "%(file)s cannot be read as a CSV file: %(why)s": "%(file)s 파일을 CSV로 읽을 수 없습니다: %(why)s",
    "%(file)s holds no rows.": "%(file)s 파일에 데이터 행이 없습니다.",
    "%(file)s has no column “%(column)s” with what really happened (0 or 1). Use --label.": "%(file)s 파일에 실제 결과(0 또는 1)가 담긴 “%(column)s” 열이 없습니다. --label 로 열 이름을 알려 주세요.",
    # the watched folder
    "%(file)s is too large (%(megabytes)s MB, at most %(most)s MB). Split it into smaller files, each with the same first line.": "%(file)s 파일이 너무 큽니다(%(megabytes)s MB, 최대 %(most)s MB). 첫 줄(열 이름)을 그대로 두고 작은 파일로 나누세요.",
    "%(file)s has the column “%(column)s” twice. Leave one of them.": "%(file)s 파일에 “%(column)s” 열이 두 번 나옵니다. 하나만 남기세요.",
    "Row %(row)s has %(got)s cells, and the first line names %(columns)s columns: there is a comma too many.": "%(row)s행: 칸이 %(got)s개인데 첫 줄의 열 이름은 %(columns)s개입니다. 쉼표가 더 들어갔습니다.",
    "Row %(row)s: the model gave no number for these values.": "%(row)s행: 이 값에 대해 모델이 숫자를 내지 못했습니다.",
    "None of the %(rows)s rows of %(file)s can be predicted. The first one: %(why)s": "%(file)s 파일의 %(rows)s행 가운데 예측할 수 있는 행이 없습니다. 첫 번째 이유: %(why)s",
    "The agent was stopped %(tries)s times while it worked on %(file)s.": "%(file)s 파일을 처리하는 동안 현장 에이전트가 %(tries)s번 멈췄습니다.",
    "%(file)s is open in another program. It is tried again; close it there.": "%(file)s 파일이 다른 프로그램에 열려 있습니다. 그 프로그램에서 닫아 주세요. 자동으로 다시 시도합니다.",
    "Several models run here. Put %(file)s into the folder of the right one: %(models)s.": "여러 모델이 운영 중입니다. %(file)s 파일을 맞는 모델의 폴더에 넣으세요: %(models)s",
    "What to do: mend the file, and put it into the folder again.": "할 일: 파일을 고친 뒤 폴더에 다시 넣으세요.",
    "The first line must name these columns, in any order: %(columns)s.": "첫 줄에 다음 열 이름이 있어야 합니다(순서는 상관없음): %(columns)s",
    "What to do: put it in once more. If it fails again, tell whoever publishes the model.": "할 일: 한 번 더 넣어 보세요. 또 실패하면 모델을 게시한 회사에 알리세요.",
    "%(file)s: set aside in the folder “failed”, with the reason beside it.": "%(file)s: failed 폴더로 옮겼습니다. 이유는 옆의 txt 파일에 있습니다.",
    "%(file)s: %(rows)s rows, %(faults)s of them without a prediction.": "%(file)s: 전체 %(rows)s행, 예측하지 못한 행 %(faults)s건",
    "Watched folder: %(folder)s. A CSV file that is put in comes back in its folder “out”.": "감시 폴더: %(folder)s. CSV 파일을 넣으면 그 안의 out 폴더에 예측 결과가 나옵니다.",
    "Waiting: %(file)s. %(why)s": "대기 중: %(file)s. %(why)s",
    "predict every CSV file that is put into a folder, until Ctrl-C": "폴더에 넣는 CSV 파일을 모두 예측합니다(Ctrl-C 를 누를 때까지)",
    "folder to watch": "감시할 폴더",
    "Something went wrong.": "문제가 생겼습니다.",
    # served
    "Row %(row)s, %(column)s: %(value)s %(unit)s lies outside %(low)s to %(high)s.": "%(row)s행 %(column)s: 값 %(value)s %(unit)s. 모델이 배운 범위(%(low)s ~ %(high)s)를 벗어났습니다.",
    "The agent met an error that it does not know.": "현장 에이전트가 알 수 없는 오류를 만났습니다.",
    "There is nothing at this address.": "이 주소에는 아무것도 없습니다.",
    "Only programs on this PC may ask.": "이 PC에 있는 프로그램만 요청할 수 있습니다.",
    # command line
    "Runs models from the hub on this PC. Your data stays here.": "허브에서 받은 모델을 이 PC에서 운영합니다. 우리 데이터는 밖으로 나가지 않습니다.",
    "connect this PC to a hub with a short code": "짧은 코드로 이 PC를 허브에 연결합니다",
    "work until Ctrl-C: update, predict, report": "Ctrl-C 를 누를 때까지 동작합니다: 업데이트, 예측, 보고",
    "ask the hub once, bring everything up to date, and end": "허브에 한 번 물어 최신 상태로 만들고 끝냅니다",
    "what runs here, and whether it is well": "무엇이 운영 중이고 상태가 어떤지 봅니다",
    "predictions for the rows of a CSV file": "CSV 파일의 각 행을 예측합니다",
    "how well the model does on a CSV file with known results": "실제 결과가 있는 CSV 파일로 모델이 얼마나 맞는지 봅니다",
    "exactly what leaves this PC": "이 PC 밖으로 나가는 것을 그대로 보여 줍니다",
    "address of the hub": "허브 주소",
    "the code from the page “Connected PCs”; asked for if not given": "“연결된 PC” 화면의 코드. 적지 않으면 물어봅니다",
    "how this PC is called on the hub's page": "허브 화면에 보일 이 PC의 이름",
    "connect anew, to another hub or as another site": "다른 허브나 다른 사업장으로 새로 연결합니다",
    "port for predictions, on this PC only": "예측을 받을 포트(이 PC 안에서만)",
    "for programs": "프로그램이 읽을 형식",
    "folder of the agent": "에이전트 폴더",
    "language of messages": "메시지 언어",
    "CSV file with a header": "머리글이 있는 CSV 파일",
    "which model, if several run here": "여러 모델이 운영 중일 때 모델 이름",
    "write here instead of on the screen": "화면 대신 이 파일에 씁니다",
    "column with what really happened (0 or 1)": "실제 결과(0 또는 1)가 담긴 열",
    "Code from the page “Connected PCs”: ": "“연결된 PC” 화면의 코드: ",
    "Connected: %(firm)s, %(site)s. Now run: hub-agent run": "연결했습니다: %(firm)s, %(site)s. 이제 실행하세요: hub-agent run",
    "Connected to %(url)s as “%(site)s”. Predictions at http://127.0.0.1:%(port)s/v2. Ctrl-C ends it.": "%(url)s 에 “%(site)s” 사업장으로 연결되었습니다. 예측 주소는 http://127.0.0.1:%(port)s/v2 입니다. Ctrl-C 를 누르면 끝납니다.",
    "Up to date at %(at)s.": "%(at)s 현재 최신 상태입니다.",
    "Stopped. Nothing is lost; start again with: hub-agent run": "멈췄습니다. 잃은 것은 없습니다. 다시 시작하려면: hub-agent run",
    "Hub: %(url)s": "허브: %(url)s",
    "Plant: %(firm)s, %(site)s": "사업장: %(firm)s, %(site)s",
    "Last contact: %(at)s": "마지막 연결: %(at)s",
    "never": "없음",
    "Reports waiting to be sent: %(count)s": "보내지 못하고 기다리는 보고: %(count)s건",
    "Trouble: %(what)s": "문제: %(what)s",
    "No model runs here yet.": "아직 운영 중인 모델이 없습니다.",
    "%(model)s %(version)s, running since %(since)s: %(predicted)s predictions, %(flagged)s with a remark, %(refused)s requests refused": "%(model)s %(version)s, %(since)s부터 운영 중: 예측 %(predicted)s건, 주의 표시 %(flagged)s건, 거절한 요청 %(refused)s건",
    "Delivery %(delivery)s, %(model)s %(version)s: %(step)s": "전달 %(delivery)s, %(model)s %(version)s: %(step)s",
    "downloading": "내려받는 중",
    "verifying": "서명 확인 중",
    "probing": "시험 실행 중",
    "waiting": "준비 완료, 적용 시간대를 기다리는 중",
    "active": "운영 시작",
    "committed": "운영 확정",
    "failed": "실패",
    "rolled_back": "이전 버전으로 되돌림",
    "Active: %(model)s %(version)s.": "운영 중: %(model)s %(version)s",
    "%(model)s %(version)s was not taken: %(reason)s": "받아들이지 않은 버전: %(model)s %(version)s. 이유: %(reason)s",
    "Nothing new.": "새로운 것이 없습니다.",
    "%(rows)s rows, %(positive)s of them %(label)s = 1.": "전체 %(rows)s행 가운데 %(label)s = 1 인 행은 %(positive)s행입니다.",
    "Where the model warns at %(threshold)s and above: it catches %(caught)s of %(positive)s, and raises %(false)s false alarms.": "기준값 %(threshold)s 이상에서 경보를 내면, %(positive)s건 가운데 %(caught)s건을 잡고 헛경보는 %(false)s건입니다.",
    "Average precision: %(value)s": "평균 정밀도: %(value)s",
    "remark": "비고",
    "These leave this PC, and nothing else:": "이 PC 밖으로 나가는 것은 다음이 전부입니다:",
    "at enrolment": "연결할 때",
    "health of each model": "모델마다 상태",
    "not sent yet": "아직 보내지 않은 것",
    "sent last": "마지막으로 보낸 것",
    "Values of your machines, files and rows never leave.": "설비 값, 파일, 데이터 행은 나가지 않습니다.",
}


def word(text: str, language: str) -> str:
    """A sentence in the reader's language, its gaps still open."""
    return KO.get(text, text) if language == "ko" else text


def told(text: str, language: str, facts: Mapping[str, Any]) -> str:
    """A sentence in the reader's language, its gaps filled.

    >>> told("Up to date at %(at)s.", "ko", {"at": "12:00"})
    '12:00 현재 최신 상태입니다.'
    """
    return word(text, language) % facts if facts else word(text, language)


def sentence(error: DomainError, language: str) -> str:
    """An error in the reader's language."""
    return told(error.text, language, error.facts)


def language_here() -> str:
    """Korean where this system speaks Korean, else English."""
    # What the environment asks for, even where the system has no tables for it; Windows asks
    # nothing there, and answers by itself.
    names = [os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    with suppress(ValueError):
        names.append(locale.getlocale()[0])
    spoken = next((name for name in names if name and name not in ("C", "POSIX")), "")
    return "ko" if str(spoken).lower().startswith("ko") else "en"
