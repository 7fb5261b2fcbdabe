"""Certificates: awarding, finding, checking, revoking. Nothing here commits."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlmodel import Session, col, func, select

from courses.catalogue.content import Course, Text
from courses.certificates import (
    STATUS_BITS,
    Award,
    Competent,
    Issuer,
    Verdict,
    sign,
    token_in,
    verify,
)
from courses.competences import FRAME
from courses.errors import CertificateNotFound, NotEarned
from courses.tables import Certificate

_MONTH_DAYS = 28  # every month has so many


def award(
    session: Session,
    learner: str,
    holder: str,
    course: Course,
    issuer: Issuer,
    *,
    earned: bool,
    at: datetime,
) -> Certificate:
    """A certificate for whoever has `earned` it (see CourseState); one that counts is given again.

    `holder` is the name as it will stand there. Raises NotEarned.
    """
    if not earned:
        raise NotEarned
    if (held := certificate_for(session, learner, course, at)) is not None:
        return held
    said = said_of(course, learner, holder, at, place=_free_place(session))
    row = Certificate(
        id=said.number,
        learner=learner,
        course=course.slug,
        edition=_editions(session, learner, course) + 1,
        status_index=said.status_index,
        competences=list(course.competences),
        issued_at=said.issued_at,
        expires_at=said.expires_at,
        credential=sign(said, issuer),
    )
    session.add(row)
    session.flush()
    return row


def said_of(course: Course, learner: str, holder: str, at: datetime, place: int) -> Award:
    """What a certificate of the course says: a credential has one text, so both languages in it."""
    frame = FRAME.competences
    at = at.replace(microsecond=0)
    return Award(
        number=uuid4(),
        learner=learner,
        holder=holder,
        course=course.slug,
        title=_both(course.title),
        description=_both(course.summary),
        criteria=_both(_CRITERIA),
        hours=course.hours,
        competences=tuple(
            Competent(id=one, name=_both(frame[one].name)) for one in course.competences
        ),
        issued_at=at,
        expires_at=months_later(at, course.valid_months),
        status_index=place,
    )


_CRITERIA = Text(
    ko="모든 강의를 마치고 마무리 시험과 실습에 합격했습니다.",
    en="All lessons done, end test and lab passed.",
)


def _both(text: Text) -> str:
    return f"{text.ko} / {text.en}"


def months_later(at: datetime, months: int) -> datetime:
    """The same day so many months later, or the last that every month has.

    >>> months_later(datetime(2026, 11, 30), 3).date().isoformat()
    '2027-02-28'
    """
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    try:
        return at.replace(year=year, month=month + 1)
    except ValueError:
        return at.replace(year=year, month=month + 1, day=_MONTH_DAYS)


def certificate_of(session: Session, number: UUID) -> Certificate:
    """The certificate with that public number. Raises CertificateNotFound."""
    row = session.get(Certificate, number)
    if row is None:
        raise CertificateNotFound
    return row


def certificates_of(session: Session, learner: str) -> Sequence[Certificate]:
    """A person's certificates, the newest first."""
    query = select(Certificate).where(Certificate.learner == learner)
    return session.exec(query.order_by(col(Certificate.issued_at).desc())).all()


def certificate_for(
    session: Session, learner: str, course: Course, at: datetime
) -> Certificate | None:
    """The person's certificate of the course that counts at that moment."""
    return session.exec(
        select(Certificate)
        .where(
            Certificate.learner == learner,
            Certificate.course == course.slug,
            col(Certificate.revoked_at).is_(None),
            Certificate.expires_at > at,
        )
        .order_by(col(Certificate.edition).desc())
    ).first()


def held_competences(session: Session, learner: str, at: datetime) -> set[str]:
    """Competences that a person's certificates prove at that moment."""
    rows = session.exec(
        select(Certificate).where(
            Certificate.learner == learner,
            col(Certificate.revoked_at).is_(None),
            Certificate.expires_at > at,
        )
    )
    return {competence for row in rows for competence in row.competences}


def certified(session: Session, learners: Collection[str], competence: str, at: datetime) -> int:
    """How many of these people hold the competence at that moment: a count, never who."""
    rows = session.exec(
        select(Certificate.learner, Certificate.competences).where(
            col(Certificate.learner).in_(learners),
            col(Certificate.revoked_at).is_(None),
            Certificate.expires_at > at,
        )
    )
    return len({learner for learner, proven in rows if competence in proven})


def revoke(session: Session, number: UUID, reason: str, at: datetime) -> Certificate:
    """Take a certificate back; a second time changes nothing. Raises CertificateNotFound."""
    row = certificate_of(session, number)
    if row.revoked_at is None:
        row.revoked_at, row.revoked_for = at, reason[:200]
        session.add(row)
        session.flush()
    return row


def revoked_places(session: Session) -> list[int]:
    """Places of revoked certificates in the issuer's list."""
    query = select(Certificate.status_index).where(col(Certificate.revoked_at).is_not(None))
    return list(session.exec(query.order_by(col(Certificate.status_index))))


def check(
    session: Session, pasted: str, keys: Mapping[str, Ed25519PublicKey], at: datetime
) -> Verdict:
    """Check what a stranger brought: the proof by the keys, revocation by our rows.

    Raises CredentialUnreadable.
    """
    token = token_in(pasted)
    verdict = verify(token, keys, at)
    if verdict.reading is None or verdict.state == "not_genuine":
        return verdict
    try:
        row = session.get(Certificate, UUID(verdict.reading.number))
    except ValueError:
        return verdict
    return verify(token, keys, at, revoked=row is not None and row.revoked_at is not None)


def _editions(session: Session, learner: str, course: Course) -> int:
    query = select(func.max(Certificate.edition)).where(
        Certificate.learner == learner, Certificate.course == course.slug
    )
    return session.exec(query).one() or 0


def _free_place(session: Session) -> int:
    while True:
        place = secrets.randbelow(STATUS_BITS)
        taken = select(Certificate.id).where(Certificate.status_index == place)
        if session.exec(taken).first() is None:
            return place
