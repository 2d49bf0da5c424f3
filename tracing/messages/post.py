"""Channels by apprise: e-mail, WeCom, DingTalk and webhooks. The only module that knows it, loaded where channels are set."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from apprise import Apprise, AppriseAsset, NotifyFormat
from apprise.common import PersistentStoreMode

from tracing.errors import Misconfigured
from tracing.loopback import is_loopback
from tracing.messages.rules import Channel

SCHEMES: Final = ("mailto", "mailtos", "wecombot", "dingtalk", "json", "jsons", "form", "forms")
"""Of a hundred that apprise knows. None reaches the phone of somebody who has no account here, such as a short message."""
WITH_A_HOST: Final = ("mailto", "mailtos", "json", "jsons", "form", "forms")
ANSWER_SECONDS: Final = 25.0
"""For a receiver to connect, and to answer: apprise by itself gives up after four, and tells it the same again though it was
taken. Less than ``PATIENCE``."""
SPEAK_OF_ADDRESSES: Final = ("apprise", "urllib3", "requests")
"""Their words name hosts, addresses and, below a warning, tokens."""


class ApprisePost:
    """``Misconfigured`` where a channel's address is none; no address stands in what it says."""

    def __init__(self, channels: tuple[Channel, ...]) -> None:
        for name in SPEAK_OF_ADDRESSES:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        # No pictures from its home page, no folder of its own, no keys made by itself, no receiver that sends us elsewhere.
        asset = AppriseAsset(
            app_id="Tracing",
            app_desc="Family tracing",
            app_url="",
            image_url_mask="",
            image_url_logo="",
            async_mode=False,
            pgp_autogen=False,
            pem_autogen=False,
            http_redirects=False,
            storage_mode=PersistentStoreMode.MEMORY,
        )
        self._ways: dict[str, Any] = {channel.name: _way(channel, asset) for channel in channels}
        self._shown = {channel.name: _without_secrets(channel, self._ways[channel.name]) for channel in channels}

    def deliver(self, channel: str, subject: str, text: str) -> str:
        """Empty where it was taken, else what went wrong in one word."""
        try:
            whole = Apprise()
            whole.add(self._ways[channel])
            taken = whole.notify(body=text, title=subject, body_format=NotifyFormat.TEXT)
        except Exception as error:
            return type(error).__name__
        return "" if taken else "NotTaken"

    def shown(self) -> Mapping[str, str]:
        """channel -> kind and host of its address: everything else of it may be a secret."""
        return dict(self._shown)


def _way(channel: Channel, asset: AppriseAsset) -> Any:
    scheme = channel.url.partition("://")[0].lower()
    if scheme not in SCHEMES:
        raise Misconfigured(f"The channel {channel.name} has an address of no kind that is known: {', '.join(SCHEMES)}.")
    way = Apprise.instantiate(channel.url, asset=asset, suppress_exceptions=True)
    if way is None:
        raise Misconfigured(f"The channel {channel.name} has an address that makes no sense (docs/notifications.md).")
    if way.password and not way.secure and scheme in WITH_A_HOST and not is_loopback(_host(way)):
        raise Misconfigured(
            f"The channel {channel.name} would send its password unencrypted. Write {scheme}s instead of {scheme}."
        )
    for waiting in ("socket_connect_timeout", "socket_read_timeout"):
        vars(way).setdefault(waiting, ANSWER_SECONDS)  # of the address itself, where it says ?cto= or ?rto=
    return way


def _without_secrets(channel: Channel, way: Any) -> str:
    """What stands where a host would is a robot's key, but for the kinds that have a host of their own."""
    scheme = channel.url.partition("://")[0].lower()
    host = _host(way) if scheme in WITH_A_HOST else ""
    return f"{scheme}://{host or '...'}"


def _host(way: Any) -> str:
    return str(getattr(way, "smtp_host", "") or way.host or "")
