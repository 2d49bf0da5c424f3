"""Posters as those who write and approve notices print them, also before anybody else may."""

from __future__ import annotations

from api.dates import last_day
from api.language import translations
from api.notices import words
from api.notices.papers import NoticePapers
from tracing.bootstrap import Services
from tracing.domain import NoticeState
from tracing.notices.published import public
from tracing.notices.views import NoticeView


def printed_poster(services: Services, papers: NoticePapers, view: NoticeView, language: str) -> bytes:
    notice, settings = view.notice, services.settings
    address = f"{settings.families_url}/n/{notice.token}" if settings.families_url else ""
    until = last_day(language, settings.zone, notice.expires_at) if notice.expires_at is not None else ""
    return papers.poster(public(view.shown), language, notice.drafted_at, address, until, not_published(view, language))


def not_published(view: NoticeView, language: str) -> str:
    """What stands across a paper that nobody outside may see yet, or any more; empty where everybody may."""
    if view.notice.state is NoticeState.PUBLISHED and view.gone is None:
        return ""
    return translations(language).gettext(words.NOT_PUBLISHED)
