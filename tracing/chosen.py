"""What the settings choose: the rules, the encoder, the index, who carries messages and who says who somebody is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache

from tracing.accounts import Accounts
from tracing.clocks.calendars.working_days import CountryCalendar
from tracing.clocks.jurisdictions import Jurisdiction, parse, shipped
from tracing.clocks.reckoning import WorkCalendar
from tracing.config import Settings
from tracing.domain import Collection
from tracing.embeddings import catalog, manifest
from tracing.embeddings.weights import ModelFolders
from tracing.errors import Misconfigured
from tracing.evidence import Calibration
from tracing.expiry import policy as policies
from tracing.expiry.policy import Policy
from tracing.gallery import Gallery
from tracing.index.choice import make_index
from tracing.keeping import GalleryShelf
from tracing.messages.messages import Messages
from tracing.messages.rules import Rules
from tracing.messages.rules import parse as parse_message_rules
from tracing.ports import Clock, RecordStore, VectorIndex
from tracing.signon.linking import SignOn
from tracing.store.keys import Keyring

DEFAULT_ENCODER = "dlib-resnet-v1"
"""What ``TRACING_ENCODER=auto`` chooses where no better one is: it needs nothing but the packages."""
BETTER = ("dlib-mobilefacenet-256-v2", "mobilefacenet-128-v2")
"""Those that it prefers, the best first, as `tracing evaluate` found them (docs/evaluation.md)."""


def jurisdiction_of(settings: Settings) -> Jurisdiction:
    """The clocks that are set; those that come with the service where none are."""
    if settings.clock_rules is None:
        return parse(shipped())
    try:
        return parse(settings.clock_rules.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"TRACING_CLOCK_RULES: {settings.clock_rules} cannot be read.") from error


def policy_of(settings: Settings) -> Policy:
    """How long what is kept, as it is set; the usual times where nothing is."""
    if settings.retention_rules is None:
        return policies.usual()
    try:
        return policies.parse(settings.retention_rules.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"TRACING_RETENTION_RULES: {settings.retention_rules} cannot be read.") from error


def message_rules_of(settings: Settings) -> Rules | None:
    """Who is told what waits, as it is set; None where nobody is."""
    if settings.notify_rules is None:
        return None
    try:
        return parse_message_rules(settings.notify_rules.read_text("utf-8"), settings.locale)
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"TRACING_NOTIFY_RULES: {settings.notify_rules} cannot be read.") from error


def messages_of(settings: Settings, rules: Rules | None, store: RecordStore, clock: Clock) -> Messages | None:
    if rules is None:
        return None
    try:
        from tracing.messages.post import ApprisePost
    except ModuleNotFoundError as error:
        raise Misconfigured("TRACING_NOTIFY_RULES needs more packages: pip install 'family-tracing[notify]'") from error
    return Messages(store, clock, rules, ApprisePost(rules.channels), settings.zone, settings.public_url)


def work_calendar_of(jurisdiction: Jurisdiction) -> WorkCalendar:
    """The working days of its country."""
    return CountryCalendar.of(jurisdiction)


def sign_on_of(settings: Settings, store: RecordStore, clock: Clock, accounts: Accounts) -> SignOn | None:
    if not settings.sign_on_issuer:
        return None
    try:
        from tracing.signon.openid import Client, OpenIdProvider
    except ModuleNotFoundError as error:
        raise Misconfigured("TRACING_SIGN_ON_ISSUER needs more packages: pip install 'family-tracing[sso]'") from error
    secret, here = settings.sign_on_secret.get_secret_value(), settings.public_url
    client = Client(
        settings.sign_on_client, secret, f"{here}/sign-on/back", f"{here}/login", str(settings.sign_on_authority or "")
    )
    return SignOn(store, clock, OpenIdProvider(settings.sign_on_issuer, client, clock), accounts)


def chosen_encoder(settings: Settings) -> str:
    """The encoder that is set; for ``auto`` the best one whose files are here, and the described ones to the last byte."""
    if settings.encoder != "auto":
        return settings.encoder
    files = ModelFolders(*settings.model_folders)
    usable = (each for each in BETTER if catalog.is_complete(manifest.model_facts(each), files))
    return next(usable, DEFAULT_ENCODER)


@cache
def measured(encoder_id: str) -> Calibration | None:
    """What the scores of this encoder are worth, from the manifest; None where nobody has measured it.

    For a generation that begins or is calibrated anew; what counts from then on is what the generation keeps.
    """
    table = manifest.encoder_facts(encoder_id).calibration
    return Calibration.from_dict(table) if table else None


def missing_files(settings: Settings, encoder_id: str) -> list[str]:
    return catalog.missing_files(manifest.encoder_facts(encoder_id).model, ModelFolders(*settings.model_folders))


def gallery_of(index: str, store: RecordStore, encoder_id: str, shelf: GalleryShelf | None = None) -> Gallery:
    return Gallery(encoder_id, indexes_of(index, encoder_id, lambda: _installation(store)), shelf, store)


def indexes_of(index: str, encoder_id: str, owner: Callable[[], str] = str) -> Callable[[Collection], VectorIndex]:
    """What makes an index for each collection, named after its owner, the encoder and the collection."""
    facts = manifest.encoder_facts(encoder_id)
    plain = re.sub(r"[^A-Za-z0-9]", "_", encoder_id)[:80] + "_" + hashlib.sha256(encoder_id.encode()).hexdigest()[:6]
    return lambda collection: make_index(
        index, facts.dimension, facts.metric, lambda: f"tracing_{owner()}_{plain}_{collection}"
    )


def _installation(store: RecordStore) -> str:
    """Twelve digits that tell this service from others: of the hash of the first row of its audit, which nobody else has."""
    with store.reading() as records:
        (first,) = records.audit.events(0, 1)
    return first.hash[:12]


def secret_of(settings: Settings, keyring: Keyring) -> bytes:
    """The secret that signs form tokens: the setting, or else one derived from the root beside the data keys."""
    return settings.secret_key.get_secret_value().encode() or keyring.derive("form tokens")
