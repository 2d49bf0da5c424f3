"""One transaction: the records of every noun over one connection."""

from __future__ import annotations

from sqlalchemy import Connection

from tracing.ports import Clock, NewId
from tracing.store.keys import Keyring
from tracing.store.records.accounts import SqlAccounts
from tracing.store.records.actions import SqlActions
from tracing.store.records.audit import Spool, SqlAudit
from tracing.store.records.backups import SqlBackups
from tracing.store.records.cases import SqlCases, Until, never
from tracing.store.records.clocks import SqlClocks
from tracing.store.records.clues import SqlClues
from tracing.store.records.coverage import SqlCoverage
from tracing.store.records.doors import SqlDoors
from tracing.store.records.ended import SqlEnded
from tracing.store.records.escalations import SqlEscalations
from tracing.store.records.expiry import SqlExpiry
from tracing.store.records.faces import SqlFaces
from tracing.store.records.families import SqlReports
from tracing.store.records.feeds import SqlFeeds
from tracing.store.records.figures import SqlFigures
from tracing.store.records.files import SqlFiles
from tracing.store.records.forms import SqlForms
from tracing.store.records.gallery import SqlGallery
from tracing.store.records.generations import SqlGenerations
from tracing.store.records.hits import SqlHits
from tracing.store.records.identities import SqlIdentities
from tracing.store.records.imports import SqlImports
from tracing.store.records.integrity import SqlIntegrity
from tracing.store.records.keepouts import SqlKeepouts
from tracing.store.records.known import SqlKnown
from tracing.store.records.lists import SqlLists
from tracing.store.records.messages import SqlMessages
from tracing.store.records.names import KeysOf, no_keys
from tracing.store.records.naming import SourceNames
from tracing.store.records.notices import SqlNotices
from tracing.store.records.pairs import SqlPairs
from tracing.store.records.partners import SqlPartners
from tracing.store.records.photos import SqlPhotos
from tracing.store.records.reunions import SqlReunions
from tracing.store.records.rights import SqlRights
from tracing.store.records.safeguards import SqlSafeguards
from tracing.store.records.sealed import SqlSealed
from tracing.store.records.sightings import SqlHanded, SqlSightings
from tracing.store.records.stations import SqlStations
from tracing.store.records.texts import SqlTexts


class Transaction:
    """Gallery changes and audit rows wait in memory until ``flush``, right before the commit.

    Their numbers come from one row each, locked until the commit, so that numbers grow in the order of commits. Taken
    last and always in this order, the two locks cannot make two transactions wait for each other. The price: what
    this transaction announced or appended is not visible to its own ``gallery`` and ``audit`` reads.
    """

    def __init__(
        self,
        connection: Connection,
        keyring: Keyring,
        clock: Clock,
        new_id: NewId,
        spool: Spool | None = None,
        *,
        until: Until = never,
        keys_of: KeysOf = no_keys,
        writable: bool,
    ) -> None:
        self.gallery = SqlGallery(connection, keyring)
        self.audit = SqlAudit(connection, clock, spool, writable=writable)
        self.cases = SqlCases(connection, keyring, self.gallery, clock, until, keys_of)
        self.forms = SqlForms(connection, keyring)
        self.clues = SqlClues(connection, clock)
        self.texts = SqlTexts(connection, clock)
        self.photos = SqlPhotos(connection, clock)
        self.files = SqlFiles(connection)
        self.faces = SqlFaces(connection, keyring, self.gallery)
        self.generations = SqlGenerations(connection)
        self.pairs = SqlPairs(connection, new_id, clock)
        self.known = SqlKnown(connection, clock)
        self.messages = SqlMessages(connection, clock)
        self.notices = SqlNotices(connection, keyring, clock)
        self.reunions = SqlReunions(connection, keyring)
        self.sealed = SqlSealed(connection, keyring)
        self.backups = SqlBackups(connection)
        self.accounts = SqlAccounts(connection)
        self.identities = SqlIdentities(connection)
        self.doors = SqlDoors(connection)
        self.stations = SqlStations(connection, clock)
        self.integrity = SqlIntegrity(connection)
        self.clocks = SqlClocks(connection, clock)
        self.escalations = SqlEscalations(connection, clock)
        self.actions = SqlActions(connection, clock)
        self.feeds = SqlFeeds(connection)
        self.coverage = SqlCoverage(connection, clock)
        self.figures = SqlFigures(connection, clock)
        self.imports = SqlImports(connection, clock)
        self.lists = SqlLists(connection)
        self.hits = SqlHits(connection, keyring, clock)
        self.expiry = SqlExpiry(connection)
        self.safeguards = SqlSafeguards(connection, keyring, clock)
        names = SourceNames(connection, keyring)
        self.rights = SqlRights(connection, self.gallery, names, clock)
        self.keepouts = SqlKeepouts(connection, keyring, names, clock)
        self.partners = SqlPartners(connection)
        self.ended = SqlEnded(connection, keyring, names)
        self.reports = SqlReports(connection, keyring, clock)
        self.sightings = SqlSightings(connection, keyring, clock)
        self.handed = SqlHanded(connection)

    def flush(self) -> None:
        """Write what waits. To be called once, as the last thing before the commit."""
        self.gallery.flush()
        self.audit.flush()
