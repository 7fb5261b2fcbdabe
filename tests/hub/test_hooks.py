"""Webhooks: signed, in order, tried again, given up; and never into the operator's own network."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from click.testing import CliRunner
from sqlmodel import Session, select
from standardwebhooks import Webhook, WebhookVerificationError

from hub import hook_call, hooks, hooks_job
from hub.cli import hub as command
from hub.hook_errors import HookAddressRefused, HookUnreachable
from hub.hook_tables import Hook, HookMessage
from hub.steering import steer
from hub.tables import AuditEntry
from sharing.services import deliveries, rollouts
from sharing.tables import Delivery
from supplychain.tables import now
from tests.sharing.chain import chain, started


class Receiver:
    """A receiver of webhooks on this machine, over real HTTP; `answers` says what it answers."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                status = receiver.answers.pop(0) if receiver.answers else 204
                self.send_response(status)
                if status == 302:
                    self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/events?x=1"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.got]


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def told(hub):
    """A hub that may call this machine."""
    hub.settings = hub.settings.model_copy(update={"hooks_private": True})
    return hub


@pytest.fixture
def made(told):
    return chain(told)


@pytest.fixture
def both(either_hub):
    """The same on either database."""
    either_hub.settings = either_hub.settings.model_copy(update={"hooks_private": True})
    return chain(either_hub)


def added(hub, made, receiver, events=()) -> int:
    wanted = hooks.checked(hub, receiver.url, events)
    with hub.db.work() as session:
        return hooks.add(session, made.lead, receiver.url, wanted, "publisher")[0].id


def sent_all(hub) -> int:
    hooks_job.look(hub)
    return hooks_job.send_due(hub)


def hook_of(session: Session, number: int) -> Hook:
    return session.get_one(Hook, number)


def due_now(hub) -> None:
    with hub.db.work() as session:
        for row in session.exec(select(HookMessage).where(HookMessage.state == "waiting")):
            row.due_at = now()


def test_what_happens_is_told_in_order_and_signed(both, receiver) -> None:
    told, made = both.hub, both
    number = added(told, made, receiver)
    rollout = started(made)
    with told.db.work() as session:
        row = rollouts.rollout_by_id(session, rollout)
        first = rollouts.deliveries_of(session, row)[0]
        deliveries.accept(session, first, "owner", now())
        steer(session, row, "pause", "publisher", "too hot")
    assert sent_all(told) == len(receiver.got)
    types = receiver.types()
    assert types.count("delivery.offered") == 4
    assert [t for t in types if t.startswith("rollout.")] == ["rollout.paused"]
    assert types.index("delivery.accepted") < types.index("rollout.paused")
    assert types.count("wave.started") == 1
    with told.db.reading() as session:
        secret = hooks.secret_of(told, hook_of(session, number))
    for headers, body in receiver.got:
        Webhook(secret).verify(body, headers)
    headers, body = receiver.got[-1]
    assert json.loads(body)["data"]["reason"] == "too hot"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body.replace(b"hot", b"cold"), headers)
    said = b"".join(body for _, body in receiver.got).decode()
    assert "협력사" not in said, "no name of a firm leaves by a webhook"


def test_nothing_is_told_twice_and_nothing_of_before(both, receiver) -> None:
    told, made = both.hub, both
    rollout = started(made)
    added(told, made, receiver)
    assert sent_all(told) == 0
    with told.db.work() as session:
        steer(session, rollouts.rollout_by_id(session, rollout), "pause", "publisher")
    assert sent_all(told) == 1
    assert sent_all(told) == 0
    assert receiver.types() == ["rollout.paused"]


def test_one_address_given_many_times_at_once_is_one_webhook(both) -> None:
    ready = threading.Barrier(4)

    def give(turn: int) -> int | None:
        with both.hub.db.work() as session:
            ready.wait(20) if both.hub.db.engine.dialect.name == "postgresql" else None
            url = "https://chat.example/hook/s3cret?token=t0ken"
            return hooks.add(session, both.lead, url, [], f"p{turn}")[0].id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(give, range(4)))) == 1
    with both.hub.db.reading() as session:
        (line,) = session.exec(select(AuditEntry).where(AuditEntry.action == "hook.added"))
    assert line.detail == {"url": "https://chat.example"}, "a path and a query may hold a secret"


def test_only_the_chosen_events_of_the_own_firm(told, made, receiver) -> None:
    other = Receiver()
    try:
        added(told, made, receiver, ["delivery.declined"])
        with told.db.work() as session:
            hooks.add(session, made.firms[0], other.url, [], "somebody")
        rollout = started(made)
        with told.db.work() as session:
            row = session.exec(select(Delivery).where(Delivery.rollout_id == rollout)).first()
            deliveries.decline(session, row, "owner", now(), "no")
        sent_all(told)
        assert receiver.types() == ["delivery.declined"]
        assert other.got == []
    finally:
        other.close()


def test_a_receiver_that_fails_gets_the_same_again_before_anything_later(both, receiver) -> None:
    told, made = both.hub, both
    number = added(told, made, receiver)
    with told.db.work() as session:
        first = hooks.ping(session, hook_of(session, number), "p").event_id
        second = hooks.ping(session, hook_of(session, number), "p").event_id
    receiver.answers = [503]
    assert hooks_job.send_due(told) == 0
    assert hooks_job.send_due(told) == 0, "it waits for its time"
    due_now(told)
    assert hooks_job.send_due(told) == 2
    assert [headers["webhook-id"] for headers, _ in receiver.got] == [first, first, second]
    with told.db.reading() as session:
        assert hook_of(session, number).failing_since is None
        assert [m.tries for m in session.exec(select(HookMessage))] == [2, 1]


def test_a_redirect_is_not_followed(told, made, receiver) -> None:
    number = added(told, made, receiver)
    with told.db.work() as session:
        hooks.ping(session, hook_of(session, number), "p")
    receiver.answers = [302]
    assert hooks_job.send_due(told) == 0
    assert len(receiver.got) == 1


def test_one_message_is_given_up_and_the_next_one_goes(told, made, receiver) -> None:
    number = added(told, made, receiver)
    with told.db.work() as session:
        hooks.ping(session, hook_of(session, number), "p")
        hooks.ping(session, hook_of(session, number), "p")
    tries = len(hooks_job.PAUSES) + 1
    receiver.answers = [400] * tries
    for _ in range(tries):
        due_now(told)
        hooks_job.send_due(told)
    due_now(told)
    hooks_job.send_due(told)
    with told.db.reading() as session:
        assert [m.state for m in session.exec(select(HookMessage))] == ["failed", "sent"]
        assert hook_of(session, number).state == "on"


@pytest.mark.parametrize(("answer", "days", "note"), [(410, 0, "gone"), (500, 6, "silent")])
def test_a_dead_address_is_switched_off_and_waits_for_a_person(
    told, made, receiver, answer, days, note
) -> None:
    number = added(told, made, receiver)
    with told.db.work() as session:
        hook = hook_of(session, number)
        hook.failing_since = now() - timedelta(days=days) if days else None
        hooks.ping(session, hook, "p")
        hooks.ping(session, hook, "p")
    receiver.answers = [answer]
    hooks_job.send_due(told)
    with told.db.work() as session:
        hook = hook_of(session, number)
        assert (hook.state, hook.note) == ("dead", note)
        assert {m.state for m in session.exec(select(HookMessage))} == {"failed"}
    started(made)
    assert sent_all(told) == 0, "nothing is told to who is switched off"
    with told.db.work() as session:
        hook = hook_of(session, number)
        hooks.switch(session, hook, "p", on=True)
        old = session.exec(select(HookMessage)).first()
        hooks.replay(session, hook, old, "p")
        again = old.event_id
    assert sent_all(told) == 1
    assert [headers["webhook-id"] for headers, _ in receiver.got][-1] == again


def test_a_message_stays_one_where_its_row_was_not_there_at_first(told, made, receiver) -> None:
    """A row with a lower number may be written later than one with a higher."""
    number = added(told, made, receiver)
    rollout = started(made)
    sent_all(told)
    with told.db.work() as session:
        events = session.exec(select(HookMessage).where(HookMessage.source == "delivery")).all()
        session.delete(events[0])
        again = events[0].event_id
    sent_all(told)
    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert ids.count(again) == 2
    assert len(set(ids)) == len(ids) - 1
    assert rollout
    assert number


REFUSED = [
    "http://example.com/", "ftp://example.com/", "https://user:pw@example.com/", "https:///x",
    "https://127.0.0.1/", "https://[::1]/", "https://10.1.2.3/", "https://192.168.0.1:8443/",
    "https://169.254.169.254/latest/meta-data", "https://[fd00::1]/", "https://0.0.0.0/",
    "https://[::ffff:10.0.0.1]/", "https://localhost/", "https://2130706433/",
    "https://example.com:99999/", "https://exa mple.com/", "https://[64:ff9b::7f00:1]/",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_addresses_that_are_not_called(url) -> None:
    with pytest.raises((HookAddressRefused, HookUnreachable)):
        hook_call.call(url, "{}", {}, private=False)


def test_http_goes_to_this_machine_alone_even_where_private_addresses_are_allowed(receiver) -> None:
    assert hook_call.call(receiver.url, "{}", {}, private=True).status == 204
    with pytest.raises(HookAddressRefused):
        hook_call.ends_of("http://10.1.2.3/", private=True)
    assert hook_call.ends_of("https://10.1.2.3/", private=True) == ["10.1.2.3"]
    assert not hook_call.is_public(ip_address("100.64.0.1"))


def test_a_name_is_looked_up_again_when_it_is_called(told, made, receiver, monkeypatch) -> None:
    """It pointed to this machine when it was added; then the hub was told not to go there."""
    number = added(told, made, receiver)
    with told.db.work() as session:
        hooks.ping(session, hook_of(session, number), "p")
    told.settings = told.settings.model_copy(update={"hooks_private": False})
    assert hooks_job.send_due(told) == 0
    assert receiver.got == []
    with told.db.reading() as session:
        assert session.exec(select(HookMessage)).one().problem == "address refused"


def test_over_tls_the_certificate_has_to_be_the_names(tmp_path, monkeypatch) -> None:
    """A server with a certificate of our own making: trusted, it is called; else not."""
    import ssl

    made, files = Receiver(), certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    made.server.socket = context.wrap_socket(made.server.socket, server_side=True)
    port = made.server.server_port
    try:
        with pytest.raises(HookUnreachable):
            hook_call.call(f"https://localhost:{port}/", "{}", {}, private=True)
        monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
        assert hook_call.call(f"https://localhost:{port}/", "{}", {}, private=True).status == 204
        with pytest.raises(HookUnreachable):
            hook_call.call(f"https://127.0.0.1:{port}/", "{}", {}, private=True)
    finally:
        made.close()


def certificate(folder):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "public.pem", folder / "private.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return public, private


def test_the_pages_show_the_secret_once(app, told, made, receiver, sign_in) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    page = sign_in(("publisher", made.lead))
    answer = page.post("/rollouts/hooks", data={"url": receiver.url})
    assert "whsec_" in answer.text
    assert "whsec_" not in page.get("/rollouts/hooks/1").text
    assert page.post("/rollouts/hooks", data={"url": receiver.url}).status_code == 302
    assert page.post("/rollouts/hooks/1/test").status_code == 302
    assert hooks_job.send_due(told) == 1
    assert "hook.test" in page.get("/rollouts/hooks/1").text
    assert page.post("/rollouts/hooks/1/messages/1/again").status_code == 302
    assert hooks_job.send_due(told) == 1
    bad = page.post("/rollouts/hooks", data={"url": "http://example.com/"})
    assert bad.status_code == 422
    for action in ("off", "on", "secret", "events", "remove"):
        assert page.post(f"/rollouts/hooks/1/{action}").status_code in (200, 302)
    assert page.get("/rollouts/hooks/1").status_code == 404
    stranger = sign_in(("publisher", made.firms[0]))
    assert stranger.get("/rollouts/hooks/2").status_code == 404


def test_the_api_adds_once_and_tells_the_log_in_pages(app, told, made, receiver, sign_in) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    page = sign_in(("publisher", made.lead))
    asked = {"url": receiver.url, "events": ["rollout.paused"]}
    key = {"Idempotency-Key": "once"}
    first = page.post("/api/v1/hooks", json=asked, headers=key)
    again = page.post("/api/v1/hooks", json=asked, headers=key)
    plain = page.post("/api/v1/hooks", json=asked)
    assert (first.status_code, again.json["secret"]) == (201, first.json["secret"])
    assert (plain.status_code, plain.json["secret"]) == (200, None)
    assert page.get("/api/v1/hooks").json["hooks"][0]["secret"] is None
    for _ in range(2):
        page.post("/api/v1/hooks/1/test", headers={"Idempotency-Key": "ping"})
    page.post("/api/v1/hooks/1/test")
    hooks_job.send_due(told)
    found = page.get("/api/v1/hooks/1/messages?limit=1").json
    assert found["messages"][0]["status"] == 204
    assert len(page.get(f"/api/v1/hooks/1/messages?after={found['after']}").json["messages"]) == 1
    assert page.patch("/api/v1/hooks/1", json={"state": "off"}).json["state"] == "off"
    assert page.post("/api/v1/hooks/1/test").status_code == 422
    assert page.post("/api/v1/hooks", json={"url": "https://x", "events": ["y"]}).status_code == 422
    assert page.delete("/api/v1/hooks/1").status_code == 204
    assert page.get("/api/v1/hooks/1").status_code == 404
    theirs = {"url": receiver.url, "firm": made.firms[0]}
    assert page.post("/api/v1/hooks", json=theirs).status_code == 403


def test_the_command_line_does_the_same(data_folder, receiver, monkeypatch) -> None:
    from contextlib import closing

    from hub.settings import Settings
    from hub.wiring import wire

    monkeypatch.setenv("HUB_HOOKS_PRIVATE", "true")
    with closing(wire(Settings.from_environment())) as hub:
        made = chain(hub, publish=False)

        def run(*words: str):
            asked = ["hooks", *words, "--json"]
            answer = CliRunner().invoke(command, asked, catch_exceptions=False)
            assert answer.exit_code == 0, answer.output
            return json.loads(answer.output)

        said = run("add", receiver.url, "--firm", str(made.lead))
        assert said["secret"].startswith("whsec_")
        number = str(said["id"])
        run("test", number)
        hooks_job.send_due(hub)
        (message,) = run("log", number)
        assert message["state"] == "sent"
        assert run("replay", number, str(message["id"]))["state"] == "waiting"
        assert run("disable", number)["state"] == "off"
        assert run("enable", number)["state"] == "on"
        assert run("renew", number)["secret"] != said["secret"]
        assert len(run("list")) == 1
        run("remove", number)
        assert run("list") == []


def test_rows_that_are_through_are_not_looked_at_again_and_a_month_old_ones_go(
    both, receiver
) -> None:
    from hub.hook_events import untold
    from sharing.tables import DeliveryEvent

    told = both.hub
    number = added(told, both, receiver)
    started(both)
    sent = sent_all(told)
    with told.db.work() as session:
        for event in session.exec(select(DeliveryEvent)):
            event.at = now() - timedelta(hours=1)
        for row in session.exec(select(HookMessage)):
            row.created_at = now() - timedelta(days=31)
        hook_of(session, number).since = now() - timedelta(days=40)
    sent += sent_all(told)
    hooks_job._forget(told)
    with told.db.reading() as session:
        hook = hook_of(session, number)
        assert hook.after_event > 0
        left = session.exec(select(HookMessage)).all()
        assert 0 < len(left) < sent
        assert [each for each in untold(session, hook, "") if each.source == "delivery"] == []
