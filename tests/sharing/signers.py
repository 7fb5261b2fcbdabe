"""A firm's people with their keys, and a plant that trusts nothing but signatures."""

import json
from pathlib import Path

from hub import keys as acts
from hub.publishing import release
from hub.wiring import Hub
from sharing.agent.enrol import Caller, enrol
from sharing.agent.fetch import Fetcher, Transport
from sharing.agent.home import Home
from sharing.agent.verify import Trust
from sharing.card import card_from
from sharing.key_files import make, signer_in
from sharing.key_statements import signed_by
from sharing.key_tables import KeyStatement
from sharing.manifest import Target
from sharing.services import agents, keys, models
from sharing.services.models import Passed
from sharing.tables import Version
from supplychain.tables import now
from tests.sharing.chain import sample_files

SLUG = "injection-quality"
WORDS = "correct horse"


class People:
    """So many people, each with a key in a folder of their own."""

    def __init__(self, folder: Path, count: int) -> None:
        self.public = make(folder, count, WORDS)
        self.signers = [signer_in(path.with_suffix(".pem"), WORDS) for path in self.public]

    def files(self, *which: int) -> list[tuple[str, bytes]]:
        chosen = [self.public[n] for n in which] if which else self.public
        return [(path.name, path.read_bytes()) for path in chosen]

    def sign(self, hub: Hub, row: KeyStatement, who: int) -> bytes:
        return signed_by(acts.file_of(row, hub.signing.image()), self.signers[who])

    def give(self, hub: Hub, row: KeyStatement, *who: int) -> int:
        """Upload the signatures of these; how many are still missing."""
        return [acts.upload(hub, row.id, self.sign(hub, row, n), "person").missing for n in who][-1]


def waiting(hub: Hub, role: str | None = None) -> list[KeyStatement]:
    with hub.db.reading() as session:
        rows = list(keys.waiting(session, role))
        session.expunge_all()
        return rows


def publish(hub: Hub, firm_id: int, number: str, slug: str = "injection-quality") -> Version:
    """Another version of the sample model, without the seconds of the gate."""
    files = dict(sample_files())
    told = json.loads(files["card.json"]) | {"version": number, "slug": slug}
    files["card.json"] = json.dumps(told, ensure_ascii=False).encode()
    card, faults = card_from(files["card.json"])
    assert card is not None, faults
    return release(hub, Passed(card, files), firm_id, "publisher")


def state(hub: Hub, number: str, slug: str = "injection-quality") -> str:
    with hub.db.reading() as session:
        return models.version_of(session, slug, number).state


def targets(hub: Hub, number: str, slug: str = "injection-quality") -> list[Target]:
    with hub.db.reading() as session:
        version = models.version_of(session, slug, number)
        files = models.files_of(session, version)
    return [Target(f"{slug}/{number}/{f.path}", f.sha256, f.length) for f in files]


class Plant:
    """An enrolled PC: looks at both repositories over HTTP as the agent does."""

    def __init__(self, hub: Hub, url: str, folder: Path, site: int) -> None:
        self.hub, self.url, self.site = hub, url, site
        self.home = Home(folder)
        with hub.db.work() as session:
            code, _ = agents.make_code(session, site, "owner", now())
        enrol(self.home, url, code, name="pc")

    def trust(self) -> Trust:
        transport = Transport(self.url)
        caller = Caller(self.home, transport)
        return Trust(
            self.home, self.url, self.site, Fetcher(transport, self.home.parts, caller.signature)
        )

    def assign(self, files: list[Target], delivery: int = 1) -> None:
        """What the director says; `files` of one version."""
        model, version, _ = files[0].path.split("/")
        custom = {
            "site": self.site, "delivery": delivery, "model": model, "version": version,
            "action": "install",
        }  # fmt: skip
        named = [Target(t.path, t.sha256, t.length, custom) for t in files]
        self.hub.signing.assign(self.site, model, named)

    def gets(self) -> list[str]:
        """Look once; the files that both sources agree on, fetched. Raises what the agent does."""
        trust = self.trust()
        fetched = []
        for assignment in trust.assignments.values():
            for name, file in trust.agreed(assignment).items():
                place = self.home.folder / "fetched" / assignment.version / name
                place.parent.mkdir(parents=True, exist_ok=True)
                trust.download(file, place)
                fetched.append(file.path)
        return sorted(fetched)
