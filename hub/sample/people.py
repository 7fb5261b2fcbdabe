"""The people of the sample: one for each role, all with the same published password."""

from typing import NamedTuple

from sqlmodel import Session, select

from hub.accounts import create_user, grant
from hub.tables import User
from supplychain.taxonomy import Words

PASSWORD = "sangsaeng-2026"  # noqa: S105 - printed on the screen; the sample is no secret


class Person(NamedTuple):
    """Somebody in the sample: e-mail address, name, role, and whose firm it is for."""

    email: str
    name: str
    role: str
    firm: str
    words: Words


PEOPLE = (
    Person(
        "supply@lead.example",
        "김소연",
        "supply_manager",
        "lead",
        Words("구매 담당자", "supply manager"),
    ),
    Person(
        "models@lead.example",
        "박정우",
        "publisher",
        "lead",
        Words("모델 배포 담당자", "model publisher"),
    ),
    Person(
        "vendor@tier2.example",
        "이명호",
        "vendor",
        "tier2",
        Words("2차 협력사 대표", "vendor, tier 2"),
    ),
    Person(
        "vendor@tier3.example",
        "최은주",
        "vendor",
        "tier3",
        Words("3차 협력사 대표", "vendor, tier 3"),
    ),
    Person("learn@people.example", "정하늘", "trainee", "tier2", Words("수강생", "trainee")),
    Person("teach@people.example", "한지민", "instructor", "", Words("강사", "instructor")),
    Person(
        "officer@agency.example", "오정민", "officer", "", Words("사업 담당관", "programme officer")
    ),
    Person("admin@hub.example", "윤도현", "administrator", "", Words("관리자", "administrator")),
)


def add_people(session: Session, firms: dict[str, int]) -> list[User]:
    """Make the sample's accounts; `firms` tells the firms lead, tier2 and tier3.

    Gives the accounts that were made now; those that stand already keep their password.
    """
    made = []
    for each in PEOPLE:
        user = session.exec(select(User).where(User.email == each.email)).first()
        if user is None:
            user = create_user(session, each.email, each.name, PASSWORD)
            made.append(user)
        grant(session, user, each.role, firms.get(each.firm) if each.firm else None)
    return made
