"""The settings, and the only reader of the environment."""

from __future__ import annotations

import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.ASCII)


class Settings(BaseSettings):
    """Each field is the environment variable ``TRACING_`` + its name in capitals; the README's table lists them all."""

    model_config = SettingsConfigDict(env_prefix="TRACING_", extra="ignore", frozen=True)

    data_dir: Path = Field(Path("var"), description="Folder of database, photos and keys.")
    database_url: str = Field("", description="`postgresql://...`; empty: SQLite in the data folder.")
    index: str = Field(
        "auto",
        description="Gallery index: `auto`, `exact`, `faiss:<factory>`, or `milvus:<uri>` of a server or a file `./name.db`.",
        repr=False,
    )
    models_dir: Path | None = Field(
        None, description="Folder with further model files, such as YuNet's; those in the data folder's `models` are found too."
    )
    encoder: str = Field(
        "auto",
        description="Encoder of the first generation, `auto` for the best whose files are there; "
        "afterwards `tracing reindex` changes it.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs form tokens, at least 32 random characters; empty: derived from a secret beside the data keys.",
    )
    photo_key: SecretStr = Field(
        SecretStr(""),
        description="Master key, base64 of 32 random bytes; it locks the keys that seal photos and rows. "
        "Empty: a key file in the data folder.",
    )
    erasure_ledger: Path | None = Field(
        None,
        description="File that lists the ids of erased cases, for restoring; on another disk it outlives this one. "
        "Empty: in the data folder.",
    )
    reviewers_required: int = Field(2, ge=2, le=5, description="People who have to agree before a pair is confirmed.")
    locale: Literal["zh_CN", "en"] = Field(
        "zh_CN",
        description="Language where the browser asks for neither Chinese nor English; where it is set, what commands print and "
        "refuse, and `--help`, speak it too, else the language of the terminal (`LC_ALL`, `LC_MESSAGES`, `LANG`).",
    )
    timezone: str = Field("", description="Zone of the times on the pages, such as `Asia/Shanghai`; empty: the server's own.")
    max_photo_mib: int = Field(80, ge=1, le=500, description="Largest photo file, in MiB.")
    max_photo_megapixels: int = Field(250, ge=1, le=1000, description="Largest photo, in millions of pixels.")
    max_list_mib: int = Field(64, ge=1, le=2048, description="Largest list of another department that the page takes, in MiB.")
    max_list_photos_mib: int = Field(
        2048, ge=0, le=65536, description="Largest archive with the photos of a list, in MiB; 0: none is taken."
    )
    lists_folder: Path | None = Field(
        None,
        description="Folder with a folder for each department that sends lists: a new one is compared, the last one again each "
        "month (docs/imports.md). Empty: none is watched.",
    )
    encoder_processes: int = Field(
        max(1, (os.cpu_count() or 2) // 2), ge=1, le=64, description="Processes that look for faces; default: half the cores."
    )
    waiting_photos: int = Field(
        16, ge=0, le=1000, description="Photos that may wait in line before uploads are answered with 202."
    )
    answer_seconds: float = Field(8.0, ge=0, le=300, description="How long an upload waits for its analysis before 202.")
    lease_seconds: float = Field(60.0, ge=1, le=3600, description="After this time an unfinished analysis is tried again.")
    leftover_minutes: float = Field(
        30.0, gt=0, le=1440, description="How long saving a photo may take before its file is cleared away as left by a crash."
    )
    server_works: bool = Field(True, description="Whether the server also does what `tracing worker` does.")
    claim_minutes: float = Field(15.0, ge=1, le=480, description="How long a reviewer holds a pair.")
    review_hours: float = Field(24.0, ge=1, le=720, description="After this time a pair that waits for a judgement is overdue.")
    known_answer_percent: float = Field(
        5.0,
        ge=0,
        le=20,
        description="Of a hundred pairs that a reviewer judges, so many are of the past, with a known answer; 0 for none.",
    )
    clock_rules: Path | None = Field(
        None, description="TOML file with the statutory clocks; without one those of China hold (docs/clocks.md)."
    )
    retention_rules: Path | None = Field(
        None, description="TOML file that says how long what is kept; without one `tracing/expiry/usual.toml` holds."
    )
    notify_rules: Path | None = Field(
        None,
        description="TOML file, readable by this account alone, that says which channels are told what waits "
        "(docs/notifications.md); without one nothing is sent.",
    )
    break_glass_minutes: float = Field(
        30.0, ge=1, le=480, description="How long a case of another station stays open that was opened in an emergency."
    )
    key_requests_per_minute: int = Field(
        3000,
        ge=0,
        le=1_000_000,
        description="Requests that an API key may send in a minute, to one server; 0: as many as it likes.",
    )
    searches_per_day: int = Field(
        500,
        ge=0,
        le=1_000_000,
        description="Searches by words, and lists to compare, that an account may start in a day, and its managers are told; "
        "0: as many as it likes.",
    )
    pfif_domain: str = Field(
        "",
        max_length=253,
        description="The domain in whose name cases are shared with partners (docs/pfif.md), such as `shelter.example.org`; "
        "empty: nothing is shared.",
    )
    public_url: str = Field(
        "",
        description="The address that people type, such as `https://tracing.example`: requests for other hosts are refused, "
        "and cookies and forms count as https. Empty: as the request says.",
    )
    families_url: str = Field(
        "",
        description="The address of the pages for everybody, which `tracing public` serves, such as `https://find.example`: "
        "QR codes lead there. Empty: posters have none.",
    )
    public_requests_per_minute: int = Field(
        1200,
        ge=0,
        le=1_000_000,
        description="Requests to the pages for everybody that one address may send in a minute, to one process; 0: as many as "
        "it likes. Many people share the address of a carrier.",
    )
    public_writes_per_hour: int = Field(
        300,
        ge=0,
        le=1_000_000,
        description="Reports, sightings and photos that one address may send in an hour to one process, with the work done "
        "that is asked of its browser (docs/families.md); 0: as many as it likes.",
    )
    public_slow_writes_per_hour: int = Field(
        30, ge=1, le=1_000_000, description="The same for browsers without scripts, which wait instead."
    )
    public_proof_bits: int = Field(
        17,
        ge=0,
        le=24,
        description="How much work that is, twice as much with each; 17 is a second of a phone. 0: none.",
    )
    public_wait_seconds: int = Field(20, ge=1, le=600, description="After this time a form can be sent without the work.")
    public_photo_mib: int = Field(20, ge=1, le=80, description="Largest photo that strangers may hand in, in MiB.")
    public_waiting_mib: int = Field(
        4096, ge=1, le=1_048_576, description="All photos together that strangers handed in and that wait for people, in MiB."
    )
    notice_days: int = Field(
        30, ge=1, le=366, description="How many days a tracing notice stands where nobody says until when (docs/notices.md)."
    )
    trusted_proxies: str = Field(
        "127.0.0.1,::1",
        description="Addresses or networks, with commas, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; "
        "`-`: nobody's.",
    )
    session_hours: float = Field(12.0, gt=0, le=168, description="After this time a browser has to sign in again.")
    sign_on_issuer: str = Field(
        "",
        description="OpenID provider for sign-ins (docs/sign-in.md), as it writes itself; empty: passwords only.",
    )
    sign_on_client: str = Field("", description="What the provider calls this service (`client_id`).")
    sign_on_secret: SecretStr = Field(
        SecretStr(""), description="The secret it shares with the provider; empty where PKCE is enough."
    )
    sign_on_name: str = Field(
        "", max_length=60, description="The provider's name on the login page; empty: the provider of your authority."
    )
    sign_on_authority: Path | None = Field(
        None, description="PEM file of the authority that vouches for the provider's certificate; empty: those of the machine."
    )
    sign_on_only: bool = Field(
        False, description="Whether passwords open nothing but the accounts of managers, who are never locked out."
    )
    session_idle_minutes: float = Field(
        60.0, ge=0, le=10080, description="After this time without use a browser has to sign in again; 0: only after the hours."
    )
    sign_in_tries: int = Field(
        10,
        ge=6,
        le=100,
        description="So many wrong passwords in a row, of which all after the fifth cost time, shut a name out.",
    )
    lockout_minutes: float = Field(15.0, ge=1, le=1440, description="How long a name stays shut out after wrong passwords.")
    log_format: Literal["text", "json"] = Field("text", description="The log: lines for people, or a JSON object a line.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="What is logged at least; `info` adds a line for each request, by its route and without ids."
    )
    station: str = Field("main", min_length=1, max_length=64, description="Station of accounts that are added here.")

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < 32:
            raise ValueError("use at least 32 random characters")
        return value

    @model_validator(mode="after")
    def _a_whole_provider(self) -> Settings:
        if self.sign_on_issuer and not (self.sign_on_client and self.public_url):
            raise ValueError("TRACING_SIGN_ON_ISSUER needs TRACING_SIGN_ON_CLIENT and TRACING_PUBLIC_URL")
        if self.sign_on_only and not self.sign_on_issuer:
            raise ValueError("TRACING_SIGN_ON_ONLY needs TRACING_SIGN_ON_ISSUER: nobody could sign in")
        return self

    @field_validator("pfif_domain")
    @classmethod
    def _a_domain_alone(cls, value: str) -> str:
        if value and not _DOMAIN.fullmatch(value):
            raise ValueError("write a domain alone, in small letters, such as shelter.example.org")
        return value

    @field_validator("timezone")
    @classmethod
    def _a_known_zone(cls, value: str) -> str:
        if value:
            try:
                ZoneInfo(value)
            except (ZoneInfoNotFoundError, ValueError) as error:
                raise ValueError("no such time zone; Asia/Shanghai is one") from error
        return value

    @field_validator("public_url", "families_url")
    @classmethod
    def _an_address_alone(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (
            parts.scheme not in ("http", "https") or not parts.hostname or value != f"{parts.scheme}://{parts.netloc}"
        ):
            raise ValueError("write scheme and host alone, such as https://tracing.example")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, value: str) -> str:
        for each in _listed(value):
            try:
                ip_network(each)
            except ValueError as error:
                raise ValueError("write addresses or networks, such as 10.0.0.7,10.1.0.0/24; - for none") from error
        return value

    @property
    def proxies(self) -> list[str]:
        """Addresses and networks of proxies that are believed."""
        return _listed(self.trusted_proxies)

    @property
    def zone(self) -> ZoneInfo | None:
        """None is the server's own zone, as ``datetime.astimezone`` takes it."""
        return ZoneInfo(self.timezone) if self.timezone else None

    @property
    def store_url(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'tracing.sqlite').absolute()}"

    @property
    def model_folders(self) -> tuple[Path, ...]:
        """Where model files are looked for; the last one is written to."""
        own = self.data_dir / "models"
        return (self.models_dir, own) if self.models_dir else (own,)

    @property
    def photo_dir(self) -> Path:
        return self.data_dir / "photos"

    @property
    def list_dir(self) -> Path:
        return self.data_dir / "lists"

    @property
    def spool_dir(self) -> Path:
        return self.data_dir / "spool"

    @property
    def gallery_dir(self) -> Path:
        return self.data_dir / "galleries"

    @property
    def ledger_file(self) -> Path:
        return self.erasure_ledger or self.data_dir / "erased.jsonl"

    @property
    def master_key_file(self) -> Path:
        return self.key_dir / "photo.key"

    @property
    def key_dir(self) -> Path:
        return self.data_dir / "keys"


def _listed(value: str) -> list[str]:
    return [each for part in value.split(",") if (each := part.strip()) and each != "-"]
