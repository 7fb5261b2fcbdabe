"""The acts of the main job, one after the other, each by the people whose job it is."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import requests
from sqlmodel import col, select

from courses.catalogue.content import NumberQuestion, Question
from courses.catalogue.reading import course_named
from hub.demo.agent import AgentProcess
from hub.demo.person import Person
from hub.demo.stage import Stage
from hub.errors import AnswerUnexpected
from hub.labs_process import jupyterhub_of
from hub.sample.bundle import FOLDER, zipped
from hub.sample.chain_sheets import MORE, load_chain, sample_sheets
from hub.sample.people import add_people
from labs.catalogue import lab_named
from labs.kernel import Kernel, code_cells, run_cells
from supplychain.services.network import tier_map
from supplychain.tables import Sheet, SheetFault

Figures = dict[str, Any]

COURSE, LAB, MODEL = "read-a-prediction", "first-look", "injection-quality"
_PATIENCE = 300.0


class Play:
    """What the acts hand on to each other."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage = stage
        self.folder = folder
        self.firms: dict[str, int] = {}
        self.rollout = 0
        self.agent: AgentProcess | None = None

    def acts(self) -> list[tuple[str, Callable[[], Figures]]]:
        """Name and act, in order."""
        return [
            ("sample chain", self.load),
            ("upload a sheet", self.upload),
            ("publish the model", self.publish),
            ("start a rollout", self.start_rollout),
            ("accept and enrol", self.accept_and_enrol),
            ("deliver and activate", self.deliver),
            ("predict at the agent", self.predict),
            ("run the lab", self.run_lab),
            ("pass the course", self.pass_course),
            ("verify the certificate", self.verify),
        ]

    def load(self) -> Figures:
        """The invented chain and its people, through the services that pages use."""
        hub = self.stage.hub
        with hub.db.work() as session:
            self.firms = load_chain(session, hub.store)
            people = add_people(session, self.firms)
        return {"people": len(people), **self._tiers()}

    def upload(self) -> Figures:
        """The supply manager uploads one more sheet, some rows of which are bad."""
        manager = self.person("supply@lead.example")
        sheet = next(each for each in sample_sheets() if each.file == MORE)
        page = manager.post("/supply/sheets/new", files={"sheet": (sheet.name, sheet.content())})
        place = re.sub(r"^https?://[^/]+", "", page.url)
        manager.post(f"{place}/take-in", form_at=place)
        with self.stage.hub.db.reading() as session:
            row = session.exec(select(Sheet).order_by(col(Sheet.id).desc())).first()
            if row is None or row.state != "taken":
                raise AnswerUnexpected(address=place, status=200, said="the sheet was not taken in")
            faults = session.exec(
                select(SheetFault).where(SheetFault.sheet_id == row.id, SheetFault.refuses)
            ).all()
        bad = [{"row": f.row, "column": f.column, "value": f.value, "why": f.kind} for f in faults]
        return {"rows": row.rows, "new": row.rows_new, "bad_rows": bad, **self._tiers()}

    def publish(self) -> Figures:
        """The publisher publishes the sample's ONNX model; the gate looks into it."""
        publisher = self.person("models@lead.example")
        address = f"/api/v1/models?firm={self.firms['lead']}&visibility=chain"
        said = publisher.api("POST", address, kind="application/zip", data=zipped())
        version = said["versions"][0]
        return {"model": said["slug"], "version": version["number"], "bytes": version["length"]}

    def start_rollout(self) -> Figures:
        """The publisher offers it to injection moulders in tiers 2 and 3."""
        publisher = self.person("models@lead.example")
        audience = {"tiers": [2, 3], "process": "injection"}
        asked = {"model": MODEL, "audience": audience, "start": True}
        said = publisher.api("POST", "/api/v1/rollouts", json=asked)
        self.rollout = said["id"]
        return {"rollout": self.rollout, "state": said["state"], **said["counts"]}

    def accept_and_enrol(self) -> Figures:
        """The vendor reads the offer, accepts, gets a code; the PC joins with it."""
        vendor = self.person("vendor@tier2.example")
        offers = re.findall(r"/plant/offers/\d+", vendor.get("/plant/models").text)
        vendor.post(f"{offers[0]}/accept", {"agree": "yes"}, form_at=offers[0])
        pcs = vendor.get("/plant/pcs").text
        site = re.search(r'name="site"[^>]*value="(\d+)"|<option value="(\d+)"', pcs)
        number = next(filter(None, site.groups())) if site else ""
        shown = vendor.post("/plant/pcs/connect", {"site": number}, form_at="/plant/pcs").text
        code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", shown)
        if code is None:
            raise AnswerUnexpected(address="/plant/pcs/connect", status=200, said="no code")
        self.agent = AgentProcess(self.folder / "agent")
        said = self.agent.command("enrol", self.stage.url, "--code", code[0])
        return {"offers": len(set(offers)), "agent": said.strip().splitlines()[0]}

    def deliver(self) -> Figures:
        """Ray prepares the site's package; the agent verifies, probes and activates it."""
        if self.agent is None:
            raise AnswerUnexpected(address="agent", status=0, said="not enrolled")
        began = time.monotonic()
        self.agent.start()
        publisher = self.person("models@lead.example")
        site: Figures = {}

        def active() -> bool:
            site.update(self._sites(publisher))
            return site.get("state") in ("active", "committed")

        _wait(active, "the rollout page", site)
        return {"state": site["state"], "seconds_to_active": round(time.monotonic() - began, 2)}

    def predict(self) -> Figures:
        """Predictions of the agent for the golden rows equal the published ones."""
        if self.agent is None:
            raise AnswerUnexpected(address="agent", status=0, said="not enrolled")
        found = golden_figures(self.agent)
        if found["largest_difference"] > found["tolerance"]:
            raise AnswerUnexpected(address=self.agent.url, status=200, said=str(found))
        return found

    def run_lab(self) -> Figures:
        """The trainee opens the lab, is signed in by the hub, runs the notebook, hands in."""
        trainee = self.person("learn@people.example")
        trainee.post(f"/labs/{LAB}/open", form_at=f"/labs/{LAB}")
        handle = self._handle("learn@people.example")
        jupyterhub, lab = jupyterhub_of(self.stage.hub), lab_named(LAB)
        began = time.monotonic()
        jupyterhub.wait_ready(handle, _PATIENCE)
        ready = round(time.monotonic() - began, 2)
        notebook = trainee.get(f"/labs/{LAB}/enter")
        if not notebook.url.startswith(self.stage.hub.settings.labs_url):
            raise AnswerUnexpected(address=notebook.url, status=200, said="not at the notebook")
        with Kernel(jupyterhub, handle, LAB) as kernel:
            outputs = run_cells(kernel, code_cells(lab.notebook("ko")))
            solved = kernel.run(lab.solution())
        mine = trainee.api("GET", f"/api/v1/labs/{LAB}/mine")["attempts"]
        if solved.error or not mine or not mine[0]["passed"]:
            said = solved.error or solved.text[-200:]
            raise AnswerUnexpected(address=f"/labs/{LAB}", status=200, said=said)
        return {
            "spawn_seconds": ready,
            "cells": len(outputs),
            "blank_points": mine[-1]["points"],
            "points": mine[0]["points"],
            "max_points": mine[0]["max_points"],
            "reasons": len(mine[0]["lines"]),
        }

    def pass_course(self) -> Figures:
        """The trainee reads, answers, takes the end test, and claims the certificate."""
        trainee, course = self.person("learn@people.example"), course_named(COURSE)
        place = f"/learn/courses/{COURSE}"
        trainee.post(f"{place}/begin", {"track": "employee"}, form_at=place)
        answered = 0
        for lesson in course.lessons:
            here = f"{place}/lessons/{lesson.slug}"
            for question in lesson.questions:
                right = {"given": right_answer(question)}
                trainee.post(f"{here}/answers/{question.id}", right, form_at=here)
                answered += 1
            trainee.post(f"{here}/finish", form_at=here)
        paper = {question.id: right_answer(question) for question in course.test.questions}
        trainee.post(f"{place}/test", {**paper, "number": "1"}, form_at=f"{place}/test")
        trainee.post(f"{place}/certificate", form_at=place)
        return {"lessons": len(course.lessons), "questions": answered + len(paper)}

    def verify(self) -> Figures:
        """A stranger opens the public page, which checks the signature."""
        trainee = self.person("learn@people.example")
        rows = trainee.api("GET", "/api/v1/certificates")["items"]
        stranger = Person(self.stage.url)
        address = f"/verify/{rows[0]['number']}"
        stranger.get(address)
        token = trainee.get(f"/learn/certificates/{rows[0]['number']}.jwt").text
        said = requests.post(
            f"{self.stage.url}/api/v1/certificates/verify", json={"credential": token}, timeout=60
        ).json()
        if said.get("state") != "valid":
            raise AnswerUnexpected(address=address, status=200, said=str(said)[:200])
        return {"certificate": address, "state": said["state"]}

    def person(self, email: str) -> Person:
        """One of the sample's people, signed in."""
        return Person(self.stage.url, email)

    def close(self) -> None:
        """Stop the agent, if it runs."""
        if self.agent is not None:
            self.agent.stop()

    def _tiers(self) -> Figures:
        with self.stage.hub.db.reading() as session:
            seen = tier_map(session, self.firms["lead"])
            places = [place.tier for place in seen.places.values()]
        return {"firms_by_tier": {str(t): places.count(t) for t in sorted({*places} - {0})}}

    def _sites(self, publisher: Person) -> Figures:
        said = publisher.api("GET", f"/api/v1/rollouts/{self.rollout}")
        moved = [each for each in said["sites"] if each["state"] not in ("offered", "scheduled")]
        return dict(moved[0]) if moved else {}

    def _handle(self, email: str) -> str:
        from hub.tables import User  # noqa: PLC0415

        with self.stage.hub.db.reading() as session:
            return session.exec(select(User.handle).where(User.email == email)).one()


def golden_figures(agent: AgentProcess) -> Figures:
    """Ask an agent about the sample's golden rows; how far it is from what was published."""
    golden = json.loads((FOLDER / "golden.json").read_text(encoding="utf-8"))
    rows = np.asarray(golden["inputs"], dtype=np.float32)
    tensor = {
        "name": "x",
        "shape": list(rows.shape),
        "datatype": "FP32",
        "data": rows.ravel().tolist(),
    }
    address = f"{agent.url}/v2/models/{MODEL}/infer"
    answer = requests.post(address, json={"inputs": [tensor]}, timeout=60)
    outputs = {each["name"]: each["data"] for each in answer.json()["outputs"]}
    given = np.asarray(outputs["probability"]).reshape(len(rows), -1)
    off = float(np.abs(given - np.asarray(golden["outputs"])).max())
    return {
        "rows": len(rows),
        "first": float(given[0, 1]),
        "largest_difference": off,
        "tolerance": golden["tolerance"],
    }


def right_answer(question: Question) -> list[str]:
    """What a person who knows would answer."""
    if isinstance(question, NumberQuestion):
        return [str(question.answer)]
    return sorted(question.right)


def _wait(true: Callable[[], bool], what: str, seen: Figures) -> None:
    until = time.monotonic() + _PATIENCE
    while not true():
        if time.monotonic() > until or seen.get("state") in ("failed", "rolled_back"):
            raise AnswerUnexpected(address=what, status=200, said=str(seen)[:300])
        time.sleep(0.25)
