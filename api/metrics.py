"""What Prometheus is told: requests by route and status, how long they took, what waits, and how large the galleries are."""

from __future__ import annotations

import shutil
from contextlib import suppress
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from tracing.bootstrap import Services
from tracing.coverage import SearchedBy, share_of
from tracing.domain import Actor, Analysis, Collection
from tracing.errors import Unavailable
from tracing.ports import CLOCKS_APART

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0)


class Metrics:
    """One application's numbers, in a registry of their own. No label holds a name, an id or anything a stranger can choose."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter("tracing_requests", "Answers.", ["method", "route", "status"], registry=registry)
        self._seconds = Histogram(
            "tracing_request_seconds", "Time to answer.", ["method", "route"], buckets=BUCKETS, registry=registry
        )
        self._due = Gauge("tracing_searches_due", "Cases that wait for a search.", registry=registry)
        self._open = Gauge("tracing_open_cases", "Open cases that may be searched.", registry=registry)
        self._by_clues = Gauge("tracing_cases_searched_by_clues", "Those searched by clues as they are now.", registry=registry)
        self._pending = Gauge("tracing_photos_pending", "Photos that wait for their analysis.", registry=registry)
        self._stuck = Gauge("tracing_photos_stuck", "Photos whose analysis failed three times.", registry=registry)
        self._templates = Gauge(
            "tracing_gallery_templates", "Templates that this process holds.", ["collection"], registry=registry
        )
        self._recall = Gauge(
            "tracing_index_recall",
            "Share of the true lists that searches find.",
            ["collection"],
            registry=registry,
        )
        self._free = Gauge(
            "tracing_disk_free_bytes", "Room on the disk of the data folder for what this account writes.", registry=registry
        )
        self._people = Gauge("tracing_gallery_people", "Cases that this process holds.", ["collection"], registry=registry)

        self._shut_out = Gauge(
            "tracing_shut_out", "Names and addresses that are shut out after wrong passwords.", registry=registry
        )
        self._quota_reached = Gauge(
            "tracing_search_quota_reached", "Accounts that have searched today as often as they may.", registry=registry
        )
        self._spooled = Gauge("tracing_audit_spooled", "Steps that wait for the audit to take their rows.", registry=registry)
        self._spoiled = Gauge("tracing_audit_spoiled", "Steps whose rows were damaged while they waited.", registry=registry)
        self._backed_up = Gauge(
            "tracing_backup_timestamp_seconds",
            "The moment that the latest backup brings back, in seconds since 1970; 0 where there is none.",
            registry=registry,
        )
        self._pairs = Gauge("tracing_pairs", "Pairs of cases.", ["state"], registry=registry)
        self._emergencies = Gauge(
            "tracing_break_glass",
            "Cases of other stations that were opened in an emergency, by whether a manager has looked at it.",
            ["seen"],
            registry=registry,
        )
        self._messages = Gauge(
            "tracing_messages_failing", "Messages that a channel has not taken and that are tried again.", registry=registry
        )
        self._closings = Gauge(
            "tracing_closings",
            "Closed cases by what brought it to light, and whether the face search could have.",
            ["channel", "in_galleries"],
            registry=registry,
        )

        self._coverage = Gauge(
            "tracing_coverage", "Share of open cases that were searched by face.", ["station"], registry=registry
        )
        self._coverage_by_clues = Gauge(
            "tracing_coverage_by_clues", "Share of open cases that were searched by clues.", ["station"], registry=registry
        )
        self._not_searched = Gauge(
            "tracing_cases_not_searched", "Open cases that were not searched by this.", ["station", "by"], registry=registry
        )
        self._overdue = Gauge("tracing_clocks_overdue", "Duties that are overdue.", ["station"], registry=registry)
        self._compliance = Gauge(
            "tracing_clocks_met_share", "Share of duties met in time, of five and more.", ["station"], registry=registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """``route`` is a template."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def exposition(self, actor: Actor) -> bytes:
        """In Prometheus' text format, of the whole house; needs the permission to read statistics."""
        counts = self._services.statistics.counts(actor, whole_house=True)
        self._due.set(counts.searches_due)
        self._free.set(shutil.disk_usage(self._services.settings.data_dir).free)
        self._open.set(counts.open_cases)
        self._by_clues.set(counts.searched_by_clues)
        self._pending.set(counts.photos[Analysis.PENDING])
        self._stuck.set(counts.photos_stuck)
        for state, number in counts.pairs.items():
            self._pairs.labels(state.value).set(number)
        with self._services.store.reading() as records:
            encoder_id = records.generations.active().encoder_id
            closings = records.cases.count_closings()
            seen, unseen = records.stations.count_emergencies()
            latest = self._services.clock() + CLOCKS_APART  # one of a clock that was ahead would silence the alert for years
            backed_up = max((each.point.timestamp() for each in records.backups.since() if each.point <= latest), default=0.0)
        self._backed_up.set(backed_up)
        self._quota_reached.set(self._services.quotas.count_reached())
        self._spooled.set(self._services.store.spooled() + self._services.looks.waiting)
        self._spoiled.set(len(self._services.store.spoiled()))
        self._shut_out.set(self._services.throttle.shut_out())
        self._emergencies.labels("yes").set(seen)
        self._emergencies.labels("no").set(unseen)
        messages = self._services.messages
        self._messages.set(messages.failing() if messages is not None else 0)
        self._closings.clear()
        for (channel, in_galleries), number in closings.items():
            self._closings.labels(channel.value if channel else "not_said", "yes" if in_galleries else "no").set(number)
        self._clocks(actor)
        gallery = self._services.galleries.of(encoder_id)
        for collection in Collection:
            self._templates.labels(collection.value).set(gallery.size(collection))
            if (recall := gallery.recall(collection)) is not None:
                self._recall.labels(collection.value).set(recall)
            self._people.labels(collection.value).set(gallery.people(collection))
        return generate_latest(self._registry)

    def _clocks(self, actor: Actor) -> None:
        services = self._services
        with suppress(Unavailable):  # a full disk, or an audit that is away: the other numbers tell of it
            services.clockwork.follow()
        for gauge in (self._coverage, self._coverage_by_clues, self._not_searched, self._overdue, self._compliance):
            gauge.clear()
        for by, shares in ((SearchedBy.FACES, self._coverage), (SearchedBy.CLUES, self._coverage_by_clues)):
            for station in services.coverage.report(actor, by=by, whole_house=True).stations:
                shares.labels(station.station_id).set(share_of(station))
                self._not_searched.labels(station.station_id, by.value).set(station.open - station.searched)
        for name, number in services.compliance.overdue(actor, whole_house=True).items():
            self._overdue.labels(name).set(number)
        for line in services.compliance.by_station(actor, whole_house=True):
            if not line.rule_id and line.share is not None:
                self._compliance.labels(line.station_id).set(line.share)
