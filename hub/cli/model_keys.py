"""`hub models keys`: make keys, sign what waits on another machine, upload, replace.

`make` and `sign` need neither hub nor database nor network.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli.wired import actor, say_json, wired

if TYPE_CHECKING:
    from sharing.key_statements import Told

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_passphrase = click.option(
    "--passphrase-file", type=_file, help="A file with the passphrase, instead of being asked."
)
_threshold = click.option(
    "--threshold", type=click.IntRange(1, 20), required=True, help="How many have to sign."
)
_json = click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
_firm = click.option("--firm", required=True, help="Number, registration number or name.")


@click.group()
def keys() -> None:
    """Keys that sign what a firm publishes, and statements that wait for them."""


@keys.command("make")
@click.argument("out_dir", type=click.Path(file_okay=False, path_type=Path))
@click.option("--count", type=click.IntRange(1, 20), default=1, show_default=True)
@_passphrase
def make(out_dir: Path, count: int, passphrase_file: Path | None) -> None:
    """Make keys in OUT_DIR: a private one, under a passphrase, and a public one of each.

    Needs no hub. Do it on the machine on which you will sign; only the .pub files leave it.
    """
    from sharing.key_files import PASSPHRASE_LEAST
    from sharing.key_files import make as made

    words = _asked(passphrase_file, new=True)
    if len(words) < PASSPHRASE_LEAST:
        raise click.BadParameter(f"A passphrase has at least {PASSPHRASE_LEAST} characters.")
    try:
        files = made(out_dir, count, words)
    except FileExistsError as error:
        raise click.ClickException(f"{error.filename} is there already. Choose another folder.")  # noqa: B904
    for path in files:
        click.echo(f"{path.with_suffix('.pem')}  keep it; never give it away")
        click.echo(f"{path}  {_keyid(path)}  register this one")


@keys.command("register")
@click.argument("public", nargs=-1, required=True, type=_file)
@_firm
@_threshold
def register(public: Sequence[Path], firm: str, threshold: int) -> None:
    """Let a firm sign with the keys of these PUBLIC files (.pub) what it publishes from now on.

    In force once so many of them have signed the list of what is published.
    """
    _register(public, firm, threshold, "")


@keys.command("replace")
@click.argument("public", nargs=-1, required=True, type=_file)
@_firm
@_threshold
@click.option("--reason", required=True, help="lost, compromised, …; stands in the audit trail.")
def replace(public: Sequence[Path], firm: str, threshold: int, reason: str) -> None:
    """Other keys, or another threshold, instead of those that a firm has.

    Give all PUBLIC files that are to count from now on, also of keys that stay. The hub takes no
    more signatures of the others; PCs refuse them once the new ones have signed.
    """
    _register(public, firm, threshold, reason)


@keys.command("pending")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Put files there.")
@_json
def pending(out: Path | None, *, as_json: bool) -> None:
    """What waits for signatures; with --out, the files to sign as well."""
    from hub.keys import file_name, file_of
    from hub.keys_said import statement_said
    from sharing.services.keys import waiting

    with wired() as hub:
        current = hub.signing.image()
        with hub.db.reading() as session:
            rows = waiting(session)
            said = [statement_said(session, row, current) for row in rows]
            files = {file_name(row): file_of(row, current) for row in rows} if out else {}
    for name, content in files.items():
        out.mkdir(parents=True, exist_ok=True)  # type: ignore[union-attr]
        (out / name).write_bytes(content)  # type: ignore[operator]
    if as_json:
        say_json([each.model_dump(mode="json") for each in said])
        return
    for each in said:
        click.echo(
            f"{each.number}  {each.role} {each.version}  {each.why}  "
            f"{each.missing} more signatures  {each.digest}"
        )
    if not said:
        click.echo("Nothing waits for a signature.")


@keys.command("sign")
@click.argument("files", nargs=-1, required=True, type=_file)
@click.option("--key", required=True, type=_file, help="Your private key file (.pem).")
@_passphrase
@click.option("--yes", is_flag=True, help="Sign without asking.")
def sign(files: Sequence[Path], key: Path, passphrase_file: Path | None, *, yes: bool) -> None:
    """Show what FILES say and what they change, then sign them. Needs no hub and no network."""
    from sharing.key_files import signer_in
    from sharing.key_statements import before_in, is_signed_by, signed_by, told

    signer = signer_in(key, _asked(passphrase_file))
    for path in files:
        data = path.read_bytes()
        before = before_in(data)
        # What this key has not signed may be anybody's word: then nothing counts as "as before".
        known = before is not None and is_signed_by(before, signer.public_key)
        if before is not None and not known:
            click.echo("This key did not sign what is published now, so that all files are shown.")
        for line in _shown(told(data, compared=known)):
            click.echo(line)
        if not yes:
            click.confirm(f"Sign this with {signer.public_key.keyid[:12]}?", abort=True)
        name = path.name.replace(".to-sign.json", "").removesuffix(".json")
        to = path.with_name(f"{name}.signed-{signer.public_key.keyid[:12]}.json")
        to.write_bytes(signed_by(data, signer))
        click.echo(f"{to}  upload this one")


@keys.command("upload")
@click.argument("files", nargs=-1, required=True, type=_file)
def upload(files: Sequence[Path]) -> None:
    """Take in signed FILES; what has enough signatures is published at once."""
    from hub.keys import statement_of
    from hub.keys import upload as taken
    from sharing.services.keys import recent

    with wired() as hub:
        for path in files:
            data = path.read_bytes()
            with hub.db.reading() as session:
                row = statement_of(data, recent(session))
                number, name = row.id or 0, f"{row.role} {row.number}"
            took = taken(hub, number, data, actor())
            more = f"{took.missing} more signatures" if took.missing else "enough signatures"
            click.echo(f"{name}  {len(took.fresh)} new  {more}")


@keys.command("list")
@_json
def listing(*, as_json: bool) -> None:
    """Whose keys sign what, how many of them, and until when that is good."""
    from hub.keys_said import every_firm_said, top_said

    with wired() as hub:
        current = hub.signing.image()
        with hub.db.reading() as session:
            top = top_said(hub, current)
            firms = every_firm_said(session, hub, current)
    if as_json:
        said = [each.model_dump(mode="json") for each in firms]
        say_json({"top": top.model_dump(mode="json"), "firms": said})
        return
    whose = "the hub itself" if top.held_by_hub else f"operators, {top.threshold} signatures"
    click.echo(f"root, targets  {whose}  until {top.expires:%Y-%m-%d}")
    for each in firms:
        whose = "the hub for this firm" if each.held_by_hub else f"own keys, {each.threshold}"
        until = f"until {each.expires:%Y-%m-%d}" if each.expires else "nothing published yet"
        click.echo(f"{each.firm}  {each.name}  {whose}  {until}  {each.waiting} waiting")


@keys.group("root")
def root() -> None:
    """The keys at the top: of the operators, and the hub's own."""


@root.command("register")
@click.argument("public", nargs=-1, required=True, type=_file)
@_threshold
def register_root(public: Sequence[Path], threshold: int) -> None:
    """Take root and top-level targets off the hub: the keys of these PUBLIC files sign them.

    Also how operators replace their own keys. A next root and the delegations wait then: see
    `pending`, `sign`, `upload`.
    """
    from hub.keys import take_offline

    with wired() as hub:
        row = take_offline(hub, [(p.name, p.read_bytes()) for p in public], threshold, actor())
    click.echo(f"root {row.number}  {row.state}; see `hub models keys pending`")


@root.command("online")
def online() -> None:
    """Replace the hub's own key everywhere, for instance after somebody took it.

    Where it broke off, saying it again goes on.
    """
    from hub.keys import replace_online

    with wired() as hub:
        row = replace_online(hub, actor())
    if row is None:
        click.echo("The hub has a new key. PCs follow it at their next look.")
    else:
        click.echo(f"root {row.number} waits for the operators; see `hub models keys pending`")


def _register(public: Sequence[Path], firm: str, threshold: int, reason: str) -> None:
    from hub.keys import register_keys
    from supplychain.services.firms import find_firm

    with wired() as hub:
        with hub.db.reading() as session:
            firm_id = find_firm(session, firm).id or 0
        files = [(path.name, path.read_bytes()) for path in public]
        row = register_keys(hub, firm_id, files, threshold, actor(), reason)
    state = "in force" if row.state == "active" else "in force once they have signed"
    click.echo(f"{len(row.keys)} keys, {row.threshold} signatures  {state}")


def _asked(path: Path | None, *, new: bool = False) -> str:
    if path is not None:
        return path.read_text(encoding="utf-8").strip()
    said: str = click.prompt("Passphrase of the key", hide_input=True, confirmation_prompt=new)
    return said


def _keyid(path: Path) -> str:
    from sharing.key_files import public_key

    keyid: str = public_key(path.read_bytes(), path.name).keyid
    return keyid[:12]


def _shown(told: "Told") -> list[str]:
    """What is about to be signed, line by line."""
    lines = [f"{told.kind}, version {told.number}, good until {told.expires:%Y-%m-%d}"]
    lines.append(f"SHA-256 of what you sign: {told.digest}")
    if told.before:
        lines.append(f"compared with version {told.before}, which your key signed:")
    kept = len(told.files) - len(told.added)
    for mark, files in (("+", told.added), ("-", told.removed)):
        lines += [f"  {mark} {each.path}  {each.length} bytes  {each.sha256}" for each in files]
    if told.kind == "targets" and not told.keys:
        lines.append(f"  = {kept} files as before")
    for name, (threshold, keyids) in sorted(told.keys.items()):
        mark = "=" if told.keys_before.get(name) == (threshold, keyids) else "+"
        models = ", ".join(told.models.get(name, ()))
        short = ", ".join(keyid[:12] for keyid in keyids)
        lines.append(f"  {mark} {name}  {threshold} of {len(keyids)}: {short}  {models}".rstrip())
    for name in sorted(set(told.keys_before) - set(told.keys)):
        lines.append(f"  - {name}")
    return lines
