"""`hub supply`: the sample, bad files, and USAID's real delivery history."""

import io
import json

import pytest
from click.testing import CliRunner

from hub.cli.supply import supply
from hub.errors import exit_code
from hub.sample.chain import make_chain
from hub.sample.chain_sheets import sample_sheets, write_sheets
from supplychain.errors import (
    ColumnsMissing,
    FirmNotFound,
    RenewalSweeping,
    SheetNotFound,
    SheetTooLarge,
)
from supplychain.sheet import MEGABYTE, read_table
from tests.conftest import ROOT

SAMPLE = ROOT / "infra" / "sample"
LEAD = "한빛모빌리티(주)"


@pytest.fixture
def run(data_folder):
    def command(*words: object) -> str:
        done = CliRunner().invoke(supply, [str(word) for word in words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return command


def rows_of(content: bytes) -> list[list[str]]:
    return list(read_table(io.BytesIO(content), "sheet").rows)


def test_the_committed_sample_is_what_the_generator_makes(tmp_path) -> None:
    write_sheets(tmp_path)
    for sheet in sample_sheets():
        with (
            (SAMPLE / sheet.file).open("rb") as committed,
            (tmp_path / sheet.file).open("rb") as made,
        ):
            assert list(read_table(committed, sheet.file).rows) == list(
                read_table(made, sheet.file).rows
            )


def test_the_sample_is_a_chain_as_promised() -> None:
    from supplychain.tiers import circles, diamonds, tiers_from, tiers_seen

    chain = make_chain()
    links = [(link.supplier.brn, link.buyer.brn) for link in chain.links]
    tiers = tiers_from(chain.lead.brn, links)
    assert [list(tiers.values()).count(tier) for tier in (1, 2, 3)] == [24, 90, 240]
    assert len(circles(links)) == 2
    assert diamonds(tiers, links)
    assert sum(len(seen) > 1 for seen in tiers_seen(tiers, links).values()) >= 3
    moulders = [f for f in chain.firms if f.process == "injection" and f.tier > 1]
    assert len(moulders) >= 25
    assert (
        len({firm.brn for firm in chain.firms}) == len({firm.name for firm in chain.firms}) == 354
    )


def test_three_sheets_from_the_command_line(run) -> None:
    for file in ("tier1_suppliers.xlsx", "tier2_suppliers.csv", "tier3_suppliers.xlsx"):
        report = json.loads(run("import", SAMPLE / file, "--lead", LEAD, "--json"))
    assert report["tiers"] == {"1": 24, "2": 90, "3": 240}
    assert report["rows"]["faulty"] == 4
    told = json.loads(run("tiers", "--lead", LEAD, "--json"))
    assert (told["tiers"], len(told["firms"])) == (report["tiers"], 355)
    again = json.loads(run("import", SAMPLE / file, "--lead", LEAD, "--json"))
    assert (again["rows"]["new"], again["rows"]["unchanged"]) == (0, report["rows"]["new"])


def test_a_dry_run_takes_nothing_in(run) -> None:
    out = run("import", SAMPLE / "tier1_suppliers.xlsx", "--lead", LEAD, "--dry-run")
    assert "Would be taken in" in out
    assert "row 12" in out
    with pytest.raises(FirmNotFound):
        run("tiers", "--lead", LEAD)


def test_files_that_cannot_be_used(run, tmp_path) -> None:
    wrong, large = tmp_path / "wrong.csv", tmp_path / "large.csv"
    wrong.write_text("a,b\n1,2\n")
    with large.open("wb") as file:
        file.truncate(200 * MEGABYTE)
    with pytest.raises(ColumnsMissing) as caught:
        run("import", wrong, "--lead", LEAD)
    assert exit_code(caught.value) == 2
    with pytest.raises(SheetTooLarge):
        run("import", large, "--lead", LEAD)


def test_usaid_delivery_history(run, shared) -> None:
    """88 sites, 73 vendors and 217 pairs as written, and where each difference comes from."""
    data = shared / "data" / "usaid_scms" / "SCMS_Delivery_History_Dataset.csv"
    if not data.is_file():
        pytest.skip(f"no delivery history at {data}")
    mapping = ("--mapping", SAMPLE / "usaid_scms.mapping.yaml", "--json")
    report = json.loads(run("import", data, "--lead", "SCMS programme", *mapping))
    sites, vendors = report["columns"]
    assert (sites["supplier_spellings"], sites["buyer_spellings"]) == (88, 73)
    assert sites["pairs_as_written"] == 217
    assert vendors["pairs_as_written"] == 73
    assert sum(report["rows"].values()) == 10_324
    assert report["rows"]["faulty"] == 0
    # Two of the 88 sites are one firm in two spellings, and six are vendors themselves: tier 1.
    assert report["tiers"] == {"1": 73, "2": 88 - 1 - 6}
    assert len(report["joined"]) == 5
    # Those six deliver to themselves (no link), and the two spellings share one of the pairs.
    assert report["links"]["named"] == 73 + 217 - 6 - 1
    again = json.loads(run("import", data, "--lead", "SCMS programme", *mapping))
    assert again["rows"]["unchanged"] == 10_324
    alone = json.loads(run("tiers", "--lead", "SCMS programme", "--network", data, *mapping))
    assert (alone["tiers"], alone["links"]) == (report["tiers"], report["links"]["named"])


def test_a_newer_list_and_a_list_taken_back(run, tmp_path) -> None:
    first, second = tmp_path / "명단_2026-10.csv", tmp_path / "명단_2026-11.csv"
    first.write_text("협력사명,품목\n가온,허브\n다솜,축\n", encoding="utf-8")
    second.write_text("협력사명,품목\n가온,허브\n마루,너트\n", encoding="utf-8")
    older = json.loads(run("import", first, "--lead", LEAD, "--json"))["sheet"]
    looked = run("import", second, "--lead", LEAD, "--renews", older, "--dry-run")
    assert "No longer in the list: 1 of 2 links." in looked
    assert f"다솜 → {LEAD}, 축" in looked
    assert json.loads(run("tiers", "--lead", LEAD, "--json"))["tiers"] == {"1": 2}
    report = json.loads(run("import", second, "--lead", LEAD, "--renews", older, "--json"))
    assert report["rows"] == {"new": 1, "changed": 0, "unchanged": 1, "faulty": 0}
    assert [line["supplier"] for line in report["gone"]] == ["다솜"]
    listed = json.loads(run("sheets", "--lead", LEAD, "--json"))["sheets"]
    assert [(row["state"], row["renews"]) for row in listed] == [("taken", older), ("taken", None)]
    assert "withdrawn" in run("withdraw", report["sheet"])
    assert "withdrawn" in run("sheets", "--lead", LEAD)
    with pytest.raises(SheetNotFound):
        run("withdraw", 99)


def test_another_list_ends_all_of_one_only_where_their_number_is_given(run, tmp_path) -> None:
    first, other = tmp_path / "10월.csv", tmp_path / "11월.csv"
    first.write_text("협력사명,품목\n가온,허브\n다솜,축\n", encoding="utf-8")
    other.write_text("협력사명,품목\n마루,너트\n", encoding="utf-8")
    older = json.loads(run("import", first, "--lead", LEAD, "--json"))["sheet"]
    renewing = ("import", other, "--lead", LEAD, "--renews", older)
    with pytest.raises(RenewalSweeping, match="2 of the 2 links"):
        run(*renewing)
    assert json.loads(run("tiers", "--lead", LEAD, "--json"))["tiers"] == {"1": 2}
    assert json.loads(run(*renewing, "--ends", 2, "--json"))["links"]["gone"] == 2
