"""Accounts, teams, rights, devices (one app password each) and counted login failures."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from radicale_propmgmt.db.base import NEVER_REUSED, Base, Id, Instant


class Account(Base):
    """A person or team that logs in."""

    __tablename__ = "account"
    __table_args__ = NEVER_REUSED

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]  # argon2id; for the web UI unless password_login
    disabled: Mapped[bool] = mapped_column(default=False)
    external: Mapped[bool] = mapped_column(default=False)
    named: Mapped[bool] = mapped_column(default=False)  # a rule, deny or grant named it once: never reset
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id"))
    created_at: Mapped[Instant]


class Team(Base):
    """A team that rules may name."""

    __tablename__ = "team"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)


class AccountTeam(Base):
    """Membership of an account in a team."""

    __tablename__ = "account_team"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), primary_key=True)


class AccountRight(Base):
    """A right of an account: gdpr, admin or protected."""

    __tablename__ = "account_right"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    right: Mapped[str] = mapped_column("name", primary_key=True)


class AccountAudience(Base):
    """Every audience an account ever had; its tokens stay valid for the account."""

    __tablename__ = "account_audience"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id"), primary_key=True)


class Device(Base):
    """One app password. ``secret_mac`` is the keyed BLAKE2b of the secret; the secret is stored nowhere."""

    __tablename__ = "device"
    __table_args__ = NEVER_REUSED

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    label: Mapped[str]
    secret_mac: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    layout: Mapped[str] = mapped_column(default="everything")
    groups_mode: Mapped[str] = mapped_column(default="categories")  # categories | cards | none
    created_at: Mapped[Instant]
    last_seen_at: Mapped[Instant | None]
    revoked_at: Mapped[Instant | None]


class LoginFailure(Base):
    """Counted failed logins of one key (a MAC of account and address, never in clear)."""

    __tablename__ = "login_failure"

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    first_at: Mapped[Instant]
    last_at: Mapped[Instant]
    not_before: Mapped[Instant]
    last_attempt: Mapped[str] = mapped_column(default="")  # MAC of the last wrong secret: a repeat counts once
