"""Files that analysts have, and files that are broken: answered or refused, never a traceback."""

import csv
import json

import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub.cli import hub as command
from hub.cli import main
from supplychain.errors import DomainError

DIAMOND = ["n,a,wire", "n,b,wire", "a,oem,bolts", "b,oem,bolts", "c,oem,nuts"]


def asked(*words: str):
    return CliRunner().invoke(command, ["supply", *map(str, words)])


def said(*words: str):
    done = asked(*words, "--json")
    assert done.exit_code == 0, (done.output, done.exception)
    return json.loads(done.stdout)


def told(monkeypatch, capsys, locale: str, *words: object) -> tuple[int, str]:
    """(exit code, what stands on standard error), as a person at a terminal has it."""
    monkeypatch.setenv("HUB_LOCALE", locale)
    monkeypatch.setattr("sys.argv", ["hub", "supply", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code, capsys.readouterr().err


@pytest.fixture
def file(tmp_path):
    def written(*lines: str):
        path = tmp_path / "network.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return written


# --- the golden cases, by command


def test_golden_graphs(shared, file) -> None:
    cases = json.loads((shared / "data/golden/graph_cases.json").read_text("utf-8"))["cases"]
    by_name = {case["name"]: case for case in cases}
    for name, lead in (("diamond", "oem"), ("cycle inside tier 2 plus skip-level", "oem")):
        case = by_name[name]
        network = file("supplier,buyer", *(",".join(link) for link in case["edges"]))
        tiers = {
            each["name"]: each["tier"]
            for each in said("tiers", "--network", network, "--lead", lead)["firms"]
            if each["tier"]
        }
        assert tiers == (case.get("tiers_from_oem") or case["shortest_tier"])
    network = file("supplier,buyer", *(",".join(link) for link in by_name["diamond"]["edges"]))
    assert said("tiers", "--network", network, "--lead", "oem")["diamond_ratio"] == 1.0
    points = said("risk", "chokepoints", "--network", network, "--lead", "oem")
    assert points == {"lead": "oem", "chokepoints": []}  # n has two ways


def test_the_golden_case_of_times_to_survive(shared) -> None:
    case = shared / "data/golden/ttr_tts_case.json"
    wanted = json.loads(case.read_text("utf-8"))["expected"]
    found = said("risk", "tts", "--case", case)
    assert len(found) == len(wanted)
    for ours, theirs in zip(found, wanted, strict=True):
        assert ours["down"] == theirs["down"]
        assert ours["TTS"] == (None if theirs["TTS"] == "inf" else pytest.approx(theirs["TTS"]))
        assert ours["lost_margin"] == pytest.approx(theirs["lost_margin"])


def test_without_json_they_are_read_by_people(shared, file) -> None:
    network = file("supplier,buyer,weight", "n,a,1", "a,oem,2")
    for words, line in (
        (("tiers", "--lead", "oem"), "tier 2: 1"),
        (("risk", "chokepoints", "--lead", "oem"), "1 firms only through a"),
        (("risk", "esri"), "1.000000  oem"),
    ):
        done = asked(*words, "--network", network)
        assert (done.exit_code, line in done.output) == (0, True), done.output
    done = asked("risk", "tts", "--case", shared / "data/golden/ttr_tts_case.json")
    assert "T2c: never lacks" in done.output


# --- hidden diamonds


def test_hidden_diamonds_by_item(file) -> None:
    found = said(
        "risk", "diamonds", "--network", file("supplier,buyer,item", *DIAMOND), "--lead", "oem"
    )
    [one] = found["diamonds"]
    assert (one["item"], one["suppliers"], one["firms"]) == ("bolts", ["a", "b"], ["n"])
    assert one["points"][0]["steps"] == 1
    assert "no way out" in one["points"][0]["reason"]


def test_without_items_all_suppliers_are_alternatives(file) -> None:
    links = [line.rpartition(",")[0] for line in DIAMOND]
    network = file("supplier,buyer", *links)
    assert said("risk", "diamonds", "--network", network, "--lead", "oem")["diamonds"] == []  # c
    network = file("supplier,buyer", *links[:4])
    [one] = said("risk", "diamonds", "--network", network, "--lead", "oem")["diamonds"]
    assert (one["item"], one["firms"]) == ("", ["n"])
    assert (
        "behind all of them: n"
        in asked("risk", "diamonds", "--network", network, "--lead", "oem").output
    )


def test_steps_behind_the_suppliers_can_be_limited(file) -> None:
    links = ["m,n,ore", *DIAMOND]
    network = file("supplier,buyer,item", *links)
    words = ("risk", "diamonds", "--network", network, "--lead", "oem", "--within")
    assert said(*words, "1")["diamonds"][0]["firms"] == ["n"]
    assert said(*words, "0")["diamonds"][0]["firms"] == ["n", "m"]


def test_esri_of_the_largest_alone(file) -> None:
    network = file("supplier,buyer,weight", "n,a,1", "a,oem,2", "b,oem,3")
    every = said("risk", "esri", "--network", network)["firms"]
    assert said("risk", "esri", "--network", network, "--largest", "2")["firms"] == {
        firm: every[firm] for firm in ("a", "b")
    }
    assert said("risk", "esri", "--network", network, "--largest", "9")["firms"] == every
    assert asked("risk", "esri", "--lead", "x", "--largest", "2").exit_code == 2


# --- what is refused, in the reader's language


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("ko", ["2행: n이(가) 자기 자신에게", "3행: 거래관계에는", "4행:", "-1", "5행:", "6행:"]),
        ("en", ["line 2: n supplies itself", "line 3: A link needs", "line 4:", "-1", "line 6:"]),
    ],
)
def test_every_fault_is_told_in_the_hubs_language(monkeypatch, capsys, file, locale, words) -> None:
    network = file("supplier,buyer,weight", "n,n,1", ",b,1", "a,oem,-1", "b,oem,", "c,oem,1,x")
    code, text = told(monkeypatch, capsys, locale, "risk", "esri", "--network", network)
    assert code == 2
    for word in words:
        assert word in text
    assert text.count("\n  - ") == 5


def test_one_firm_no_links_and_no_lead_firm(monkeypatch, capsys, file) -> None:
    one = file("supplier,buyer,weight", "한빛,,1")
    code, text = told(monkeypatch, capsys, "ko", "tiers", "--network", one, "--lead", "한빛")
    assert (code, "두 칸을 채우거나" in text) == (2, True)
    none = file("supplier,buyer,weight")
    code, text = told(monkeypatch, capsys, "ko", "risk", "esri", "--network", none)
    assert (code, "하나는 있어야" in text) == (2, True)
    two = file("supplier,buyer,weight", "다솜,한빛,1")
    code, text = told(
        monkeypatch, capsys, "ko", "risk", "chokepoints", "--network", two, "--lead", "현대"
    )
    assert (code, "현대이(가) 나오는 거래관계가 없습니다" in text) == (2, True)


def test_contradictory_numbers_are_not_guessed(monkeypatch, capsys, file, tmp_path) -> None:
    network = file("supplier,buyer,weight,supplier_sector", "a,b,1,steel", "a,c,2,paper", "a,b,3,")
    code, text = told(monkeypatch, capsys, "en", "risk", "esri", "--network", network)
    assert code == 2
    assert "line 3: a stands under two sectors" in text
    assert "line 4: The link a → b stands twice" in text
    case = tmp_path / "case.json"
    case.write_text(
        json.dumps(
            {
                "products": ["V"],
                "suppliers": ["V", "T"],
                "inputs": {"V": {"k": ["T"]}},
                "demand_per_day": {"V": -1},
                "down": [["X"]],
                "days": ["soon"],
            }
        )
    )
    code, text = told(monkeypatch, capsys, "ko", "risk", "tts", "--case", case)
    assert code == 2
    assert "두 번 나옵니다" in text
    assert "-1입니다" in text


# --- whatever comes

_CELLS = st.one_of(
    st.sampled_from(
        ["a", "b", "한빛", "", " ", "1", "-3", "nan", "1e999", '"', "x,y", "\x00", "=1+1"]
    ),
    st.text(max_size=6),
)
_ROWS = st.lists(st.lists(_CELLS, max_size=7), max_size=8)
_HEADERS = st.sampled_from(
    [
        "supplier,buyer,weight,supplier_sector,buyer_sector",
        "supplier;buyer;weight",
        "supplier\tbuyer\titem",
        "supplier,buyer,buyer",
        "",
    ]
)
_KINDS = (
    ["tiers", "--lead", "a"],
    ["risk", "chokepoints", "--lead", "a"],
    ["risk", "diamonds", "--lead", "a"],
    ["risk", "esri"],
)


def refused_or_done(*words: object) -> None:
    """Done, or refused with a sentence of ours; anything else is a fault of our own."""
    done = asked(*words, "--json")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        assert isinstance(done.exception, DomainError), repr(done.exception)
        assert isinstance(done.exception, (ValueError, LookupError))
        assert str(done.exception)
    else:
        assert done.exit_code == 0, done.output
        json.loads(done.stdout)


@settings(max_examples=150, deadline=None)
@given(_HEADERS, _ROWS, st.sampled_from(_KINDS))
def test_no_table_ends_in_a_traceback(tmp_path_factory, header, rows, kind) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    lines = "\n".join([header, *(",".join(row) for row in rows)])
    path.write_bytes(lines.encode("utf-8", "surrogatepass"))
    refused_or_done(*kind, "--network", path)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(_KINDS))
@example(b"\xef\xbb\xbf", _KINDS[3])
@example(b'supplier,buyer,weight\n"a,b,1', _KINDS[3])
@example(b"supplier,buyer,weight\r\ra,b,1\r", _KINDS[3])
def test_no_bytes_end_in_a_traceback(tmp_path_factory, content, kind) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(content)
    refused_or_done(*kind, "--network", path)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["V", "T", "k", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["V", "T", "k"]), inner, max_size=3)
    ),
    max_leaves=8,
)
_KEYS = (
    "products", "suppliers", "inputs", "demand_per_day", "capacity_per_day", "inventory",
    "margin", "bom_qty", "expected", "down", "days",
)  # fmt: skip
_SOUND = {
    "products": ["V"],
    "suppliers": ["T"],
    "inputs": {"V": {"k": ["T"]}},
    "demand_per_day": {"V": 1},
}


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(_KEYS), _JSON, max_size=3))
def test_no_case_ends_in_a_traceback(tmp_path_factory, broken) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.json"
    path.write_text(json.dumps(_SOUND | broken), encoding="utf-8")
    refused_or_done("risk", "tts", "--case", path)


# --- a real history, as an analyst would put it into a file


def test_usaids_deliveries_by_item(shared, tmp_path) -> None:
    """Manufacturing site → vendor → the programme, without its own warehouse."""
    history = shared / "data/usaid_scms/SCMS_Delivery_History_Dataset.csv"
    golden = json.loads((shared / "data/golden/graph_cases.json").read_text("utf-8"))
    wanted = golden["usaid_scms_without_RDC"]
    links: dict[tuple[str, str, str], None] = {}
    with history.open(encoding="cp1252", newline="") as told:
        for row in csv.DictReader(told):
            site, vendor = row["Manufacturing Site"].strip(), row["Vendor"].strip()
            if vendor != "SCMS from RDC":
                links[f"site {site}", vendor, row["Molecule/Test Type"].strip()] = None
                links[vendor, "SCMS", row["Molecule/Test Type"].strip()] = None
    whole, pairs = tmp_path / "items.csv", tmp_path / "links.csv"
    for path, header, rows in (
        (whole, ("supplier", "buyer", "item"), list(links)),
        (pairs, ("supplier", "buyer"), list(dict.fromkeys(link[:2] for link in links))),
    ):
        with path.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([header, *rows])
    tiers = said("tiers", "--network", pairs, "--lead", "SCMS")
    assert tiers["tiers"] == {"1": wanted["vendors"], "2": wanted["sites"]}
    assert tiers["links"] == wanted["vendors"] + wanted["site_vendor_edges"]
    assert tiers["diamond_ratio"] == pytest.approx(wanted["diamond_ratio"], abs=1e-6)
    found = said("risk", "diamonds", "--network", whole, "--lead", "SCMS")["diamonds"]
    # Medicines of several vendors that all come from one plant.
    assert found
    assert all(len(each["suppliers"]) > 1 and each["firms"] for each in found)
