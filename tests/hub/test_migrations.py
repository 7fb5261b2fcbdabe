"""A database of an older hub, with rows in it, becomes one of this hub and keeps what it holds."""

import pytest
from alembic import command
from sqlalchemy import text

from hub.db import Database, engine_for
from hub.errors import ForeignKeysBroken
from hub.migrations import config_for, upgrade
from hub.settings import Settings

_BEFORE_ONBOARDING = """
INSERT INTO "user" (id, handle, email, name, password_hash, locale, active, created_at)
  VALUES (1, 'u-1', 'a@b.example', '김지원', '', 'ko', true, '2026-11-01');
INSERT INTO firm (id, brn, name, name_key, country, region, sector, process, employees, created_at)
  VALUES (1, '1248100998', '완성차(주)', '완성차', 'KR', '41', '', '', null, '2026-11-01'),
         (2, null, '모듈(주)', '모듈', 'KR', '48', 'C29', 'press', 80, '2026-11-01'),
         (3, null, '부품(주)', '부품', 'KR', '', '', '', null, '2026-11-01');
INSERT INTO membership (id, user_id, firm_id, role) VALUES (1, 1, 1, 'supply_manager');
INSERT INTO sheet (id, lead_id, sha256, file_name, size, kind, encoding, tab, state, rows, rows_new,
    rows_changed, rows_unchanged, rows_faulty, firms_new, links_new, actor, uploaded_at)
  VALUES (1, 1, 'ab', '협력사.xlsx', 9, 'xlsx', '', '', 'taken', 2, 2, 0, 0, 0, 2, 2, 'u-1',
    '2026-11-02');
INSERT INTO link (id, supplier_id, buyer_id, item, share, since)
  VALUES (1, 2, 1, '범퍼', 30, '2026-11-02'), (2, 3, 2, '브래킷', null, '2026-11-02');
INSERT INTO declaration (id, link_id, firm_id, sheet_id, row, share, at)
  VALUES (1, 1, 1, 1, 2, 30, '2026-11-02'), (2, 2, 1, 1, 3, null, '2026-11-02');
INSERT INTO site (id, firm_id, name, region, process, level)
  VALUES (1, 2, '공장', '48', 'press', 2);
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def older(request, tmp_path):
    """Address of a database of before onboarding, with rows."""
    if request.param == "sqlite":
        url = Settings(data=tmp_path).database
    else:
        url = Settings(
            data=tmp_path, database_url=request.getfixturevalue("fresh_postgres")
        ).database
    command.upgrade(config_for(url), "0002")
    engine = engine_for(url)
    with engine.begin() as connection:
        for statement in _BEFORE_ONBOARDING.split(";\n"):
            if statement.strip():
                connection.execute(text(statement))
    engine.dispose()
    return url


def rows(url: str, query: str) -> list[tuple]:
    db = Database(url)
    with db.reading() as session:
        found = [tuple(row) for row in session.connection().execute(text(query))]
    db.close()
    return found


def test_rows_of_an_older_hub_are_kept_and_completed(older):
    upgrade(older)
    assert rows(
        older, "SELECT told_supplier_id, told_buyer_id, standing FROM link ORDER BY id"
    ) == [
        (2, 1, "open"),
        (3, 2, "open"),
    ]
    assert rows(older, "SELECT told_firm_id FROM site") == [(2,)]
    told = "SELECT firm_id, by_id, sheet_id, row, name, employees FROM description ORDER BY firm_id"
    assert rows(older, told) == [(2, 1, 1, 2, "모듈(주)", 80), (3, 1, 1, 3, "부품(주)", None)]
    assert rows(older, "SELECT id FROM firm WHERE joined_at IS NOT NULL") == [(1,)]
    assert rows(older, "SELECT stance, ended FROM declaration") == [("holds", None)] * 2


def test_it_goes_back_and_forth(older):
    upgrade(older)
    command.downgrade(config_for(older), "0002")
    assert rows(older, "SELECT count(*) FROM declaration") == [(2,)]
    upgrade(older)
    assert rows(older, "SELECT count(*) FROM description") == [(2,)]


def test_a_row_that_points_nowhere_stops_the_change(tmp_path):
    url = Settings(data=tmp_path).database
    command.upgrade(config_for(url), "0002")
    engine = engine_for(url)
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute("INSERT INTO site VALUES (1, 77, 'x', '', '', 0)")
    engine.dispose()
    with pytest.raises(ForeignKeysBroken, match="site"):
        upgrade(url)
    assert rows(url, "SELECT version_num FROM alembic_version") == [("0002",)]
