"""A lead firm with suppliers that its sheet names, and a mail server to write to them by."""

import datetime as dt
import ssl
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from hub.inviting import Sending, sending_for
from hub.wiring import Hub
from supplychain.matching import name_key
from supplychain.tables import Declaration, Description, Firm, Link, Sheet, now
from tests.make import person


@pytest.fixture
def by_mail(hub: Hub):
    """The same hub with a mail server: a function of its address."""

    def changed(url: str) -> Hub:
        settings = hub.settings.model_copy(
            update={"smtp_url": SecretStr(url), "mail_from": "hub@hanbit.example"}
        )
        return Hub(settings, hub.db, hub.store, hub.signing)

    return changed


@pytest.fixture
def certified(tmp_path, monkeypatch) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate for this machine that OpenSSL trusts here."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    at = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(at - dt.timedelta(days=1))
        .not_valid_after(at + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


class Chain:
    """Firms by name; `supplies` adds a link that a firm declares, with an address to ask at."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.firms: dict[str, int] = {}

    def firm(self, name: str, **fields: object) -> int:
        if name not in self.firms:
            with self.hub.db.work() as session:
                row = Firm(name=name, name_key=name_key(name), **fields)
                session.add(row)
                session.flush()
                self.firms[name] = row.id
        return self.firms[name]

    def sheet(self, by: str, name: str = "협력사.xlsx") -> int:
        with self.hub.db.work() as session:
            row = Sheet(lead_id=self.firm(by), sha256=name, file_name=name, size=1, state="taken")
            session.add(row)
            session.flush()
            return row.id

    def supplies(
        self,
        supplier: str,
        buyer: str,
        *,
        told_by: str = "",
        email: str = "",
        contact: str = "",
        sheet: int | None = None,
    ) -> int:
        by, number = self.firm(told_by or buyer), self.firm(supplier)
        with self.hub.db.work() as session:
            link = Link(supplier_id=number, buyer_id=self.firm(buyer), item="부품")
            session.add(link)
            session.flush()
            session.add(Declaration(link_id=link.id, firm_id=by, sheet_id=sheet))
            session.add(
                Description(
                    firm_id=number,
                    by_id=by,
                    sheet_id=sheet,
                    name=supplier,
                    email=email,
                    contact=contact,
                )
            )
        return number

    def join(self, *names: str) -> None:
        with self.hub.db.work() as session:
            for name in names:
                session.get_one(Firm, self.firm(name)).joined_at = now()

    def sending(self, by: str, *, whole_chain: bool = True) -> Sending:
        user = person(self.hub, ("supply_manager", self.firm(by)), name="김소연")
        with self.hub.db.reading() as session:
            firm = session.get_one(Firm, self.firm(by))
            return sending_for(
                self.hub.settings, firm, user, actor=user.handle, whole_chain=whole_chain
            )


@pytest.fixture
def chain(hub: Hub) -> Chain:
    """한빛 is supplied by 다솜 and 가온; its own sheet knows 마루 behind 다솜."""
    made = Chain(hub)
    made.firm("한빛자동차(주)")
    made.supplies("다솜정밀", "한빛자동차(주)", email="park@dasom.example", contact="박정수 부장")
    made.supplies("가온테크", "한빛자동차(주)", email="kim@gaon.example")
    made.supplies("마루금속", "다솜정밀", told_by="한빛자동차(주)", email="lee@maru.example")
    made.join("한빛자동차(주)")
    return made
