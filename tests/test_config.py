"""The settings: their names in the environment, their defaults and what they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tracing.config import Settings


def test_the_public_names_work_and_so_do_their_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fresh = Settings()
    assert (fresh.data_dir, fresh.database_url, fresh.index, fresh.encoder) == (Path("var"), "", "auto", "auto")
    assert (fresh.reviewers_required, fresh.locale) == (2, "zh_CN")
    for name, value in {
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": "postgresql://tracing@/tracing",
        "INDEX": "exact",
        "ENCODER": "dlib-resnet-v1",
        "SECRET_KEY": "k" * 40,
        "PHOTO_KEY": "p",
        "REVIEWERS_REQUIRED": "3",
        "LOCALE": "en",
    }.items():
        monkeypatch.setenv(f"TRACING_{name}", value)
    said = Settings()
    assert (said.data_dir, said.store_url, said.index) == (tmp_path, "postgresql://tracing@/tracing", "exact")
    assert (said.encoder, said.reviewers_required, said.locale) == ("dlib-resnet-v1", 3, "en")
    assert (said.secret_key.get_secret_value(), said.photo_key.get_secret_value()) == ("k" * 40, "p")


def test_without_an_address_the_database_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).store_url == f"sqlite:///{tmp_path / 'tracing.sqlite'}"
    assert Settings(data_dir=Path("here")).store_url == f"sqlite:///{Path('here').absolute() / 'tracing.sqlite'}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("reviewers_required", 1),
        ("reviewers_required", 0),
        ("reviewers_required", 6),
        ("locale", "de"),
        ("secret_key", "short"),
        ("max_photo_mib", 0),
        ("encoder_processes", 0),
        ("waiting_photos", -1),
        ("lease_seconds", 0),
        ("claim_minutes", 0),
        ("session_hours", 0),
        ("session_hours", 10_000),
        ("station", ""),
    ],
)
def test_a_setting_that_would_break_a_promise_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings(**{name: value})  # type: ignore[arg-type]


def test_one_person_alone_can_never_be_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACING_REVIEWERS_REQUIRED", "1")
    with pytest.raises(ValidationError, match="reviewers_required"):
        Settings()


def test_the_secrets_are_not_printed() -> None:
    shown = repr(Settings(secret_key="k" * 40, photo_key="q" * 44))  # type: ignore[arg-type]
    assert "kkk" not in shown
    assert "qqq" not in shown


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_settings_do_not_change_while_the_service_runs() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().index = "exact"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"sign_on_issuer": "https://login.gov.example"}, "TRACING_SIGN_ON_CLIENT"),
        ({"sign_on_issuer": "https://login.gov.example", "sign_on_client": "tracing"}, "TRACING_PUBLIC_URL"),
        ({"sign_on_only": True}, "nobody could sign in"),
    ],
)
def test_half_a_provider_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings(**settings)
