from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from clinic import passwords
from clinic.audit import Audit
from clinic.contact import ContactUnclear
from clinic.people import People
from clinic.sign_in_attempts import wait_after
from clinic.staff import (
    ROLES,
    Account,
    AccountNotFound,
    EmailTaken,
    LinkNotValid,
    PasswordTooWeak,
    SignInRefused,
    Staff,
)
from clinic.storage import tables
from clinic.storage.database import Database
from clinic.tokens import hash_token
from tests.clinic.conftest import MONDAY, SettableClock, count_rows, run_together

PASSWORD = "four plain words here"


@pytest.fixture
def staff(database: Database, clock: SettableClock) -> Staff:
    return Staff(database, idle=timedelta(minutes=15), absolute=timedelta(hours=12), now=clock)


@pytest.fixture
def adam(staff: Staff) -> Account:
    link = staff.ensure_first_admin()
    assert link is not None
    return staff.accept_link(link, "Adam", "adam@example.org", PASSWORD)


@pytest.fixture
def nora(staff: Staff, adam: Account) -> Account:
    return staff.accept_link(staff.invite("staff", adam.id), "Nora", "nora@example.org", PASSWORD)


def test_it_gives_the_first_admin_a_link(database: Database, staff: Staff) -> None:
    link = staff.ensure_first_admin()
    assert link is not None
    account = staff.accept_link(link, "my name is adam", "Adam@Example.org", PASSWORD)
    assert (account.name, account.email, account.role) == ("Adam", "adam@example.org", "admin")
    assert staff.ensure_first_admin() is None
    actions = [entry.action for entry in Audit(database).list_for("staff", account.id)]
    assert actions == ["invited", "password_set"]


def test_it_gives_a_fresh_link_until_the_first_admin_has_a_password(database: Database, staff: Staff) -> None:
    first, second = staff.ensure_first_admin(), staff.ensure_first_admin()
    assert first and second and first != second
    with pytest.raises(LinkNotValid):
        staff.check_link(first)
    staff.check_link(second)
    assert count_rows(database, tables.StaffMember) == [1]


def test_it_gives_no_link_while_another_admin_is_only_invited(staff: Staff, adam: Account) -> None:
    staff.invite("admin", adam.id)
    assert staff.ensure_first_admin() is None


def test_it_gives_a_link_when_no_admin_is_left(database: Database, staff: Staff, adam: Account) -> None:
    with database.transaction() as session:
        session.get_one(tables.StaffMember, adam.id).disabled_at = MONDAY
    assert staff.ensure_first_admin() is not None


def test_it_keeps_only_hashes(database: Database, staff: Staff, adam: Account) -> None:
    link = staff.invite("staff", adam.id)
    session_token = staff.sign_in("adam@example.org", PASSWORD).token
    with database.transaction(read_only=True) as session:
        stored = repr(
            [
                [vars(row) for row in session.scalars(select(kind))]
                for kind in (tables.StaffMember, tables.SignInLink, tables.StaffSession)
            ]
        )
    for secret in (PASSWORD, link, session_token):
        assert secret not in stored
    assert hash_token(link) in stored
    assert hash_token(session_token) in stored
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in stored


@pytest.mark.parametrize("role", ROLES)
def test_it_invites_every_role(staff: Staff, adam: Account, role: str) -> None:
    account = staff.accept_link(staff.invite(role, adam.id), "Nora", "nora@example.org", PASSWORD)
    assert account.role == role
    assert staff.sign_in("nora@example.org", PASSWORD).account == account


def test_it_invites_no_unknown_role(database: Database, staff: Staff, adam: Account) -> None:
    with pytest.raises(ValueError, match="not a role"):
        staff.invite("owner", adam.id)
    assert count_rows(database, tables.StaffMember) == [1]


def test_it_takes_a_link_once(staff: Staff, adam: Account) -> None:
    link = staff.invite("staff", adam.id)
    staff.accept_link(link, "Nora", "nora@example.org", PASSWORD)
    for call in (
        lambda: staff.check_link(link),
        lambda: staff.accept_link(link, "Tom", "tom@example.org", PASSWORD),
    ):
        with pytest.raises(LinkNotValid):
            call()
    assert sorted(account.name for account in staff.list()) == ["Adam", "Nora"]


def test_it_takes_a_link_once_when_two_browsers_race(staff: Staff, adam: Account) -> None:
    link = staff.invite("staff", adam.id)
    names = iter(["Nora", "Tom"])

    def try_to_accept() -> str | None:
        name = next(names)
        try:
            return staff.accept_link(link, name, f"{name}@example.org", PASSWORD).name
        except LinkNotValid:
            return None

    winner = [name for name in run_together(2, try_to_accept) if name]
    assert len(winner) == 1
    assert {account.name for account in staff.list()} == {"Adam", winner[0]}


def test_it_takes_a_link_for_one_day(staff: Staff, adam: Account, clock: SettableClock) -> None:
    link = staff.invite("staff", adam.id)
    clock.advance(hours=23, minutes=59)
    staff.check_link(link)
    clock.advance(minutes=1)
    with pytest.raises(LinkNotValid):
        staff.check_link(link)


@pytest.mark.parametrize("link", ["", "wrong", "\x00", "\ud800"])
def test_it_takes_no_unknown_link(staff: Staff, adam: Account, link: str) -> None:
    with pytest.raises(LinkNotValid):
        staff.check_link(link)
    with pytest.raises(LinkNotValid):
        staff.accept_link(link, "Nora", "nora@example.org", PASSWORD)


@pytest.mark.parametrize(
    ("details", "error", "code"),
    [
        (("", "nora@example.org", PASSWORD), ContactUnclear, "name_missing"),
        (("Nora", "nora", PASSWORD), ContactUnclear, "email_not_valid"),
        (("Nora", "nora@example.org", "eleven char"), PasswordTooWeak, "password_too_short"),
        (("Nora", "nora@example.org", "x y" * 100), PasswordTooWeak, "password_too_long"),
        (("Nora", "nora@example.org", "abAB" * 5), PasswordTooWeak, "password_too_simple"),
        (("Nora", "nora@example.org", "Nora@Example.org"), PasswordTooWeak, "password_is_email"),
        (("Nora", "Adam@example.org", PASSWORD), EmailTaken, ""),
    ],
    ids=["name", "email", "short", "long", "simple", "same", "taken"],
)
def test_it_keeps_the_link_when_something_is_wrong(
    staff: Staff, adam: Account, details: tuple[str, str, str], error: type[Exception], code: str
) -> None:
    link = staff.invite("staff", adam.id)
    with pytest.raises(error) as problem:
        staff.accept_link(link, *details)
    assert str(problem.value) == code
    assert PASSWORD not in str(problem.value)
    staff.accept_link(link, "Nora", "nora@example.org", PASSWORD)


@pytest.mark.parametrize(
    "common",
    ["password1234", "passwordpassword", "123456789012", "qwertyuiop12", "1qaz2wsx3edc", "q1w2e3r4t5y6",
     "iloveyou1234", "P@ssw0rd1234", "sonyericsson", "unbelievable", "abcdefghijkl", "norasmiller1",
     "oklahomapain1", "acupuncture2026", "clinicconsole"],
)  # fmt: skip
def test_it_refuses_what_is_common_or_easy_to_guess(common: str) -> None:
    with pytest.raises(PasswordTooWeak) as problem:
        passwords.check_password(common, "norasmiller@example.org")
    assert str(problem.value) == "password_too_simple"


def test_it_refuses_every_long_password_among_the_most_used() -> None:
    most_used = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= passwords.SHORTEST_PASSWORD]
    assert len(FREQUENCY_LISTS["passwords"]) >= 30_000 and len(most_used) > 200
    for word in most_used:
        with pytest.raises(PasswordTooWeak):
            passwords.check_password(word, "nora@example.org")


@pytest.mark.parametrize(
    "good",
    [PASSWORD, "correct horse battery", "ünïcödé wörter hier 🦔", "wqzk" + "vN8-" * 15, "k9#Vq!x2Lp0z" * 16],
)
def test_it_takes_long_ones_of_any_characters(good: str) -> None:
    assert len(good) <= passwords.LONGEST_PASSWORD and passwords.LONGEST_PASSWORD >= 64
    passwords.check_password(good, "nora@example.org")


def test_it_lists_the_oldest_account_first(staff: Staff, adam: Account, clock: SettableClock) -> None:
    for name in ("Nora", "Tom"):
        clock.advance(minutes=1)
        staff.accept_link(staff.invite("staff", adam.id), name, f"{name}@example.org", PASSWORD)
    assert [account.name for account in staff.list()] == ["Adam", "Nora", "Tom"]


def test_it_signs_in_with_the_right_password(
    database: Database, staff: Staff, nora: Account, clock: SettableClock
) -> None:
    session = staff.sign_in(" NORA@example.org ", PASSWORD)
    assert session.account == nora
    assert staff.find_session(session.token) == session
    assert len({session.token, session.csrf_token, staff.sign_in("nora@example.org", PASSWORD).token}) == 3
    assert len(session.token) == len(session.csrf_token) == 43


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("nora@example.org", PASSWORD + "!"),
        ("nora@example.org", ""),
        ("nora@example.org", PASSWORD.upper()),
        ("nora@example.org", "\x00\ud800" * 1000),
        ("tom@example.org", PASSWORD),
        ("", PASSWORD),
        ("\x00\ud800", PASSWORD),
    ],
)
def test_it_refuses_everything_else_in_the_same_words(
    database: Database, staff: Staff, nora: Account, email: str, password: str
) -> None:
    with pytest.raises(SignInRefused) as refusal:
        staff.sign_in(email, password)
    assert str(refusal.value) == ""
    assert count_rows(database, tables.StaffSession) == [0]


def test_it_does_the_same_work_for_an_unknown_account(
    database: Database, staff: Staff, nora: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    invited = staff.invite("staff", nora.id)
    checked: list[str] = []
    verify = passwords.PasswordHasher.verify

    def watch(self: passwords.PasswordHasher, password_hash: str, password: bytes) -> bool:
        checked.append(password_hash.rsplit("$", 2)[0])
        return verify(self, password_hash, password)

    monkeypatch.setattr(passwords.PasswordHasher, "verify", watch)
    events = count_rows(database, tables.AuditEntry)[0]
    for number, email in enumerate(("nora@example.org", "tom@example.org", invited), start=1):
        with pytest.raises(SignInRefused):
            staff.sign_in(email, "not the password")
        assert len(checked) == number
        assert count_rows(database, tables.AuditEntry) == [events + number]
    assert len(set(checked)) == 1  # the same kind of hash at the same cost


def test_it_does_not_sign_in_an_account_without_a_password(
    database: Database, staff: Staff, nora: Account
) -> None:
    with database.transaction() as session:
        session.get_one(tables.StaffMember, nora.id).password_hash = None
    with pytest.raises(SignInRefused):
        staff.sign_in("nora@example.org", PASSWORD)


def test_it_does_not_sign_in_with_a_damaged_hash(database: Database, staff: Staff, nora: Account) -> None:
    with database.transaction() as session:
        session.get_one(tables.StaffMember, nora.id).password_hash = "damaged"
    with pytest.raises(SignInRefused):
        staff.sign_in("nora@example.org", PASSWORD)


def fail_to_sign_in(staff: Staff, times: int, email: str = "nora@example.org") -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            staff.sign_in(email, "not the password")


def test_it_makes_each_failure_after_the_fourth_wait_twice_as_long() -> None:
    minutes = [wait_after(failures) / timedelta(minutes=1) for failures in range(13)]
    assert minutes == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]


def test_it_locks_an_address_after_five_failures(staff: Staff, nora: Account, clock: SettableClock) -> None:
    fail_to_sign_in(staff, 5)
    with pytest.raises(SignInRefused) as refusal:
        staff.sign_in("NORA@example.org", PASSWORD)
    assert refusal.value.wait == timedelta(minutes=1)
    staff.sign_in("adam@example.org", PASSWORD)
    clock.advance(seconds=59)
    with pytest.raises(SignInRefused):
        staff.sign_in("nora@example.org", PASSWORD)
    clock.advance(seconds=1)
    staff.sign_in("nora@example.org", PASSWORD)


def test_it_locks_for_longer_when_somebody_goes_on(staff: Staff, nora: Account, clock: SettableClock) -> None:
    fail_to_sign_in(staff, 5)
    for minutes in (1, 2, 4):
        clock.advance(minutes=minutes)
        with pytest.raises(SignInRefused) as looked_at:
            staff.sign_in("nora@example.org", "not the password")
        assert looked_at.value.wait is None
        with pytest.raises(SignInRefused) as locked:
            staff.sign_in("nora@example.org", PASSWORD)
        assert locked.value.wait == timedelta(minutes=minutes * 2)


def test_it_lets_in_after_four_failures_and_counts_anew(staff: Staff, nora: Account) -> None:
    for _ in range(2):
        fail_to_sign_in(staff, 4)
        staff.sign_in("nora@example.org", PASSWORD)


def test_a_new_link_ends_the_lock(staff: Staff, nora: Account) -> None:
    fail_to_sign_in(staff, 8)
    staff.accept_link(staff.renew_link(nora.id, "adam"), "Nora", "nora@example.org", PASSWORD)
    staff.sign_in("nora@example.org", PASSWORD)


def test_it_forgets_failures_after_a_day(staff: Staff, nora: Account, clock: SettableClock) -> None:
    fail_to_sign_in(staff, 5)
    clock.advance(hours=24)
    fail_to_sign_in(staff, 4)
    staff.sign_in("nora@example.org", PASSWORD)


def test_it_locks_an_unknown_address_in_the_same_way(database: Database, staff: Staff, nora: Account) -> None:
    fail_to_sign_in(staff, 12, "tom@example.org")
    fail_to_sign_in(staff, 12, "nora@example.org")
    with database.transaction(read_only=True) as session:
        entries = session.scalars(
            select(tables.AuditEntry).where(tables.AuditEntry.action == "sign_in_tried")
        )
        subjects = [entry.subject_id for entry in entries]
    assert sorted(subjects.count(subject) for subject in set(subjects)) == [5, 5]
    assert "example.org" not in repr(subjects)


def test_it_records_who_signed_in_and_when(
    database: Database, staff: Staff, nora: Account, clock: SettableClock
) -> None:
    fail_to_sign_in(staff, 1)
    clock.advance(minutes=1)
    staff.sign_in("nora@example.org", PASSWORD)
    with database.transaction(read_only=True) as session:
        query = select(tables.AuditEntry).where(tables.AuditEntry.subject_kind == "sign_in")
        rows = session.scalars(query.order_by(tables.AuditEntry.id)).all()
        events = [(row.action, row.actor, row.at - MONDAY) for row in rows]
    assert events[-3:] == [
        ("sign_in_tried", "visitor", timedelta(0)),
        ("sign_in_tried", "visitor", timedelta(minutes=1)),
        ("signed_in", nora.id, timedelta(minutes=1)),
    ]


def test_it_ends_a_session_nobody_uses(staff: Staff, nora: Account, clock: SettableClock) -> None:
    token = staff.sign_in("nora@example.org", PASSWORD).token
    for _ in range(3):
        clock.advance(minutes=14, seconds=59)
        staff.find_session(token)
    clock.advance(minutes=15)
    with pytest.raises(SignInRefused):
        staff.find_session(token)


def test_it_ends_a_session_that_is_used_all_day(staff: Staff, nora: Account, clock: SettableClock) -> None:
    token = staff.sign_in("nora@example.org", PASSWORD).token
    for _ in range(71):
        clock.advance(minutes=10)
        staff.find_session(token)
    clock.advance(minutes=10)
    with pytest.raises(SignInRefused):
        staff.find_session(token)


def test_it_signs_out_one_browser(staff: Staff, nora: Account) -> None:
    here, there = (staff.sign_in("nora@example.org", PASSWORD).token for _ in range(2))
    staff.sign_out(here)
    staff.sign_out(here)
    staff.sign_out("unknown")
    with pytest.raises(SignInRefused):
        staff.find_session(here)
    staff.find_session(there)


@pytest.mark.parametrize("token", ["", "wrong", "\x00", "\ud800"])
def test_it_finds_no_session_for_another_token(
    database: Database, staff: Staff, nora: Account, token: str
) -> None:
    session = staff.sign_in("nora@example.org", PASSWORD)
    for wrong in (token, session.csrf_token, hash_token(session.token)):
        with pytest.raises(SignInRefused):
            staff.find_session(wrong)


def test_it_takes_away_all_access_at_once(database: Database, staff: Staff, nora: Account) -> None:
    token = staff.sign_in("nora@example.org", PASSWORD).token
    link = staff.renew_link(nora.id, "adam")
    People(database).disable(nora.id, "adam")
    with pytest.raises(SignInRefused):
        staff.find_session(token)
    with pytest.raises(SignInRefused):
        staff.sign_in("nora@example.org", PASSWORD)
    with pytest.raises(LinkNotValid):
        staff.check_link(link)
    with pytest.raises(LinkNotValid):
        staff.check_link(staff.renew_link(nora.id, "adam"))
    assert {account.name: account.is_disabled for account in staff.list()} == {"Adam": False, "Nora": True}
    actions = [(entry.actor, entry.action) for entry in Audit(database).list_for("staff", nora.id)]
    assert ("adam", "disabled") in actions


def test_it_ends_the_sessions_of_a_lost_password(staff: Staff, nora: Account) -> None:
    token = staff.sign_in("nora@example.org", PASSWORD).token
    link = staff.renew_link(nora.id, "adam")
    staff.find_session(token)
    staff.accept_link(link, "Nora", "nora@example.org", "another four plain words")
    with pytest.raises(SignInRefused):
        staff.find_session(token)
    with pytest.raises(SignInRefused):
        staff.sign_in("nora@example.org", PASSWORD)
    staff.sign_in("nora@example.org", "another four plain words")


def test_it_says_that_an_account_does_not_exist(staff: Staff) -> None:
    with pytest.raises(AccountNotFound):
        staff.renew_link("nothing", "adam")
