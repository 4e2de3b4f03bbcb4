"""Everything an operator may set, from the environment or `.env`.

Nothing here is read at import time: a process calls `Settings()` once and passes it on.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "var" / "cache"
"""What can be computed again: vectors, trained classifiers."""


class Settings(BaseSettings):
    """One value for each line of `.env.example`; the names are the same in lower case."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", extra="ignore", frozen=True)

    amends_mode: Literal["local", "production"] = "local"
    """Production refuses to start with what is only fit for trying out: see `amends/production.py`."""

    database_url: str = f"sqlite:///{ROOT / 'var' / 'amends.db'}"
    """SQLAlchemy address of the incident record. PostgreSQL: postgresql+psycopg://..."""

    bot_port: int = 5005
    actions_port: int = 5055
    desk_host: str = "127.0.0.1"
    desk_port: int = 8000
    desk_url: str = ""
    """Where people reach the desk, such as https://amends.example.org. Empty: http://DESK_HOST:DESK_PORT."""
    desk_proxy: str = ""
    """Addresses of the proxies that end TLS before the desk, with commas between; this machine's is always believed."""
    bot_token: SecretStr = SecretStr("")
    """Shared secret between the desk and the bot's channel. An empty one is refused."""
    session_secret: SecretStr = SecretStr("")
    """Signs the web chat's cookie. An empty one is refused."""

    trail_keys: SecretStr = SecretStr("")
    """What the record is sealed with, with commas between: the first seals, the others check. Needed to write."""
    trail_keys_file: str = ""
    """A file with the keys, one a line, instead of `trail_keys`."""
    anchor_file: str = ""
    """Where the ends of the record are noted outside of the database. Empty: beside it (PostgreSQL: in var/)."""

    log_format: Literal["text", "json"] = "text"
    """json: one object a line, for those who gather logs."""
    metrics_token: SecretStr = SecretStr("")
    """Who asks for /metrics has to bring it. Empty: only this machine may ask."""

    check_record_at: str = "03:00"
    """When the desk checks the whole record each night, in `timezone`."""
    timestamp_url: str = ""
    """Address of a time stamp authority (RFC 3161) that signs the end of the record each night. Empty: none does."""
    timestamp_certificates: str = ""
    """A file with the certificates that its stamps are checked with, PEM, the root among them."""

    organisation: str = "our organisation"
    timezone: str = "Europe/London"
    emergency_contact: str = "your head of communications"
    """Whom people should ring when the assistant cannot answer: a name and a number."""
    contact_legal: str = ""
    contact_dpo: str = ""
    contact_security: str = ""
    contact_safeguarding: str = ""
    contact_hr: str = ""
    contact_comms: str = ""
    """Whom a handover names. Empty: the emergency contact."""

    drafts_file: str = ""
    """What drafts are held against that is your own: days, words and domains. Empty: data/drafts/organisation.yml."""

    public_body: bool = False
    """Humour is offered only when people are laughing kindly (H6)."""
    nhs: bool = False
    ofs_registered: bool = False
    listed_issuer: bool = False

    policy_owners: str = ""
    """Names of those who may change flows and policies, with commas between. Empty: everybody who reaches the desk."""
    second_owner_approves: bool = False
    """Whether another policy owner has to approve before a change goes live."""

    oidc_issuer: str = ""
    """Address of an OpenID Connect provider. With it everybody signs in; empty: staff say their name."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_name: str = "your work account"
    """What the button says: "Sign in with ..."."""
    oidc_groups_claim: str = "groups"
    """Where the provider says which groups somebody is in."""
    role_lead: str = ""
    role_policy_owner: str = ""
    role_auditor: str = ""
    role_admin: str = ""
    """Who has the role, with commas between: groups, or the e-mail address or Slack user id of one person."""
    session_idle_minutes: int = Field(default=120, ge=1)
    """After so long without a click somebody has to sign in again."""
    session_hours: int = Field(default=24, ge=1)
    """After so long in any case."""
    sign_ins_a_minute: int = Field(default=10, ge=1)
    """From one address."""
    searches_a_minute: int = Field(default=120, ge=1)
    """By one person."""
    api_calls_a_minute: int = Field(default=600, ge=1)
    """With one token."""

    slack_client_id: str = ""
    """For "Sign in with Slack", from "Basic Information"; needs SLACK_CLIENT_SECRET and SLACK_TEAM too."""
    slack_client_secret: SecretStr = SecretStr("")
    slack_team: str = ""
    """Id of the workspace (T...) whose members may sign in."""
    slack_issuer: str = "https://slack.com"
    slack_bot_token: SecretStr = SecretStr("")
    """xoxb-..., from the app's page "OAuth & Permissions". Empty: Slack is off."""
    slack_app_token: SecretStr = SecretStr("")
    """xapp-..., with `connections:write`; for Socket Mode."""
    slack_signing_secret: SecretStr = SecretStr("")
    """From "Basic Information"; for HTTP instead of Socket Mode."""
    slack_mode: Literal["socket", "http"] = "socket"
    slack_api_url: str = "https://slack.com/api/"
    slack_leads_channel: str = ""
    """Channel id where comms leads see incidents. Empty: no cards for leads."""
    slack_leads: str = ""
    """User ids of comms leads, with commas between; beside the members of `slack_leads_group`."""
    slack_leads_group: str = ""
    """User group id (S...) whose members are comms leads."""
    slack_guests: bool = False
    """Whether guests of the workspace may talk to the assistant."""
    slack_here_from_level: int | None = 3
    """From which level on a new card calls @here. Empty: never."""
    slack_tell_legal: str = ""
    slack_tell_dpo: str = ""
    slack_tell_security: str = ""
    slack_tell_safeguarding: str = ""
    slack_tell_hr: str = ""
    slack_tell_comms: str = ""
    """Who is told by the button of a role: a user, channel or user group id. Empty: no button, only the contact."""
    slack_connections: int = 1
    """How many desk processes hold a socket open."""
    office_hours: str = "Mon-Fri 09:00-17:30"
    """When reminders go out, in `timezone`; those of level 2 and 3 go out at any time."""
    digest_at: str = "09:00"
    """When the daily digest of small incidents goes out, in `timezone`."""
    evidence_most_mb: int = 20
    """The largest file that is kept."""
    retain_words_days: int = Field(default=0, ge=0)
    """What people wrote in an incident, counted from its close. 0 here and below: for ever."""
    retain_talk_days: int = Field(default=90, ge=0)
    """What was said to the assistant and belongs to no incident."""
    retain_transport_days: int = Field(default=30, ge=0)
    """Copies of what came from and went to Slack, from when it was handled or sent."""
    retain_sign_ins_days: int = Field(default=30, ge=0)
    """Sessions and sign-in links, from their end."""
    retain_audit_days: int = Field(default=0, ge=0)
    """Who looked at what."""

    @field_validator("slack_here_from_level", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @property
    def slack_on(self) -> bool:
        """Whether the tokens are there that the mode needs."""
        other = self.slack_app_token if self.slack_mode == "socket" else self.slack_signing_secret
        return bool(self.slack_bot_token.get_secret_value() and other.get_secret_value())

    @property
    def address(self) -> str:
        """Where people reach the desk, without a slash at the end."""
        host = f"[{self.desk_host}]" if ":" in self.desk_host else self.desk_host
        return self.desk_url.rstrip("/") or f"http://{host}:{self.desk_port}"

    @property
    def oidc_on(self) -> bool:
        """Whether people sign in with an OpenID Connect provider."""
        return bool(self.oidc_issuer and self.oidc_client_id)

    @property
    def slack_sign_in_on(self) -> bool:
        """Whether people sign in with Slack."""
        return bool(self.slack_client_id and self.slack_client_secret.get_secret_value() and self.slack_team)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone in which people here speak of times."""
        return ZoneInfo(self.timezone)

    @property
    def flow_settings(self) -> frozenset[str]:
        """The yes/no settings that flows may ask about, those that are on."""
        names = ("public_body", "nhs", "ofs_registered", "listed_issuer")
        return frozenset(name for name in names if getattr(self, name))

    def contact_of(self, role: str) -> str:
        """Whom to ring for a role: its own contact, else the emergency contact."""
        return getattr(self, f"contact_{role}", "") or self.emergency_contact

    @property
    def all_are_policy_owners(self) -> bool:
        """Whether everybody who reaches the desk may change flows and policies."""
        return not (self.policy_owners.strip() or self.oidc_on or self.slack_sign_in_on)

    def is_policy_owner(self, name: str) -> bool:
        """Whether somebody of this name may change flows and policies."""
        owners = {_plain(each) for each in self.policy_owners.split(",")} - {""}
        return not owners or _plain(name) in owners

    @property
    def bot_url(self) -> str:
        """Where the bot listens: always loopback."""
        return f"http://127.0.0.1:{self.bot_port}"


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
