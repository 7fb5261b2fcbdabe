"""The commands that need no database, on files as analysts have them."""

import json
import unicodedata

import pytest
from click.testing import CliRunner

from hub.cli import hub as command
from hub.errors import exit_code
from supplychain.errors import DomainError

HEADER = "supplier,buyer,weight,supplier_sector,buyer_sector"
CHAIN = [
    "한빛강업,대한프레스,5,철강,프레스",
    "대한프레스,모비스테크,3,프레스,자동차",
    "A,모비스테크,2,전자,자동차",
]
KINDS = (["tiers", "--lead"], ["risk", "chokepoints", "--lead"], ["risk", "esri"])


def asked(*words: str):
    """(exit code, JSON or None, what was wrong), as the entry point tells them."""
    done = CliRunner().invoke(command, ["supply", *words, "--json"])
    if isinstance(done.exception, DomainError):
        return exit_code(done.exception), None, str(done.exception)
    return done.exit_code, json.loads(done.stdout) if done.exit_code == 0 else None, done.output


def words_of(kind, lead, file):
    return [*kind, *([lead] if kind[-1] == "--lead" else []), "--network", str(file)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_korean_networks_in_every_usual_encoding(tmp_path, encoding, newline):
    file = tmp_path / "network.csv"
    file.write_bytes(newline.join([HEADER, *CHAIN, ""]).encode(encoding))
    code, said, _ = asked(*words_of(KINDS[0], "모비스테크", file))
    assert (code, said["tiers"], said["links"]) == (0, {"1": 2, "2": 1}, 3)
    assert {each["name"]: each["tier"] for each in said["firms"]}["한빛강업"] == 2
    code, said, _ = asked(*words_of(KINDS[1], "모비스테크", file))
    assert [(e["firm"], e["tier"], e["behind"]) for e in said["chokepoints"]] == [
        ("대한프레스", 1, ["한빛강업"])
    ]
    code, said, _ = asked(*words_of(KINDS[2], "", file))
    assert (code, len(said["firms"])) == (0, 4)
    assert all(0 <= share <= 1 for share in said["firms"].values())


def test_names_as_macos_writes_them_are_the_same_names(tmp_path):
    file = tmp_path / "network.csv"
    file.write_text(unicodedata.normalize("NFD", "\n".join([HEADER, *CHAIN])), encoding="utf-8")
    assert asked(*words_of(KINDS[0], "모비스테크", file))[1]["tiers"] == {"1": 2, "2": 1}


@pytest.mark.parametrize("kind", KINDS, ids=["tiers", "chokepoints", "esri"])
def test_every_fault_is_told_with_its_line(tmp_path, kind):
    file = tmp_path / "network.csv"
    bad = ["a,a,1,,", "b,a,-3,,", "c,a,1,x,y", "c,a,2,x,y", "d,a,1,z,other", ",a,1,,"]
    bad += ["e, Ltd.,a,1,x,y", "f,a,many,,", "g,a,nan,,"]
    file.write_text("\n".join([HEADER, *bad]), encoding="utf-8")
    code, _, told = asked(*words_of(kind, "a", file))
    assert code == 2
    assert [number for number in range(2, 12) if f"line {number}:" in told] == [
        2, 3, 5, 6, 7, 8, 9, 10,
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=["tiers", "chokepoints", "esri"])
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no column supplier"),
        (HEADER, "no links"),
        (f"{HEADER}\na,a,1,,", "a supplies itself"),
        ("supplier;buyer;weight\na;a;1", "a supplies itself"),
        ("supplier\tbuyer\tweight\na\ta\t1", "a supplies itself"),
        ("supplier,buyer,weight,buyer\na,b,1,c", "two columns are called buyer"),
    ],
)
def test_files_that_hold_no_network_are_refused(tmp_path, kind, text, word):
    file = tmp_path / "network.csv"
    file.write_text(text, encoding="utf-8")
    code, _, told = asked(*words_of(kind, "a", file))
    assert code == 2
    assert word in told or kind == KINDS[0]  # tiers: the sheet reader tells in its own words


def test_a_weight_may_be_missing_where_none_is_needed(tmp_path):
    file = tmp_path / "network.csv"
    file.write_text(f"{HEADER}\nb,a,,,\nc,b,,,", encoding="utf-8")
    assert asked(*words_of(KINDS[0], "a", file))[0] == 0
    assert asked(*words_of(KINDS[1], "a", file))[0] == 0
    code, _, told = asked(*words_of(KINDS[2], "", file))
    assert code == 2
    assert "line 2: The link b → a has no weight" in told


@pytest.mark.parametrize("kind", KINDS[:2], ids=["tiers", "chokepoints"])
def test_a_lead_firm_that_no_link_names_is_told(tmp_path, kind):
    file = tmp_path / "network.csv"
    file.write_text(f"{HEADER}\nb,Acme,1,,", encoding="utf-8")
    code, _, told = asked(*words_of(kind, "ACME", file))
    assert code == 2
    assert "No link names the firm ACME. Did you mean Acme?" in told


def test_essentiality_changes_what_a_failure_means(tmp_path):
    file, kinds = tmp_path / "network.csv", tmp_path / "kinds.csv"
    file.write_text(f"{HEADER}\nb,a,1,x,z\nc,a,3,y,z\na,s,9,z,w", encoding="utf-8")
    plain = asked("risk", "esri", "--network", str(file))[1]["firms"]
    assert plain["b"] == pytest.approx(10 / 13)  # nothing leaves a any more
    kinds.write_text("supplier_sector,buyer_sector,value\nx,z,1\n", encoding="utf-8")
    both = ("--network", str(file), "--essentiality", str(kinds))
    # b is a quarter of what a buys: a gives up a quarter of its 9, b itself 1.
    assert asked("risk", "esri", *both)[1]["firms"]["b"] == pytest.approx((1 + 9 / 4) / 13)
    kinds.write_text("supplier_sector,buyer_sector,value\nx,z,3\n", encoding="utf-8")
    code, _, told = asked("risk", "esri", *both)
    assert code == 2
    assert "line 2" in told
