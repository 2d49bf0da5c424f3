"""The sentences of messages: all that ever leaves the house by itself. A number stands in them, and nothing else is put in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracing.messages.rules import Happening

SUBJECT: Final[Mapping[str, str]] = {"zh_CN": "寻亲系统通知", "en": "Family tracing: something waits"}
TEST: Final[Mapping[str, str]] = {
    "zh_CN": "这是一条测试消息，无需处理。",
    "en": "This is a test message; there is nothing to do.",
}
SENTENCES: Final[Mapping[Happening, Mapping[str, str]]] = {
    Happening.NEW_CANDIDATE: {
        "zh_CN": "出现新疑似匹配的个案数：{number}。请登录系统查看。",
        "en": "Cases with new candidates: {number}. Sign in to look at them.",
    },
    Happening.REVIEW_WAITING: {
        "zh_CN": "等待复核的疑似匹配数：{number}。请登录系统复核。",
        "en": "Pairs that wait for review: {number}. Sign in to review them.",
    },
    Happening.CLOCK_RUNNING_OUT: {
        "zh_CN": "即将到期或已逾期的事项数：{number}。请登录系统处理。",
        "en": "Duties that are nearly due or overdue: {number}. Sign in to see to them.",
    },
    Happening.BREAK_GLASS: {
        "zh_CN": "等待主管核查的紧急查看数：{number}。请登录系统核查。",
        "en": "Cases opened in an emergency that wait for a manager's look: {number}. Sign in to look at them.",
    },
    Happening.FROM_FAMILIES: {
        "zh_CN": "公众提交、等待处理的报告和线索数：{number}。请登录系统处理。",
        "en": "Reports and sightings sent in by the public that wait for somebody: {number}. Sign in to read them.",
    },
}
PAGES: Final[Mapping[Happening, str]] = {
    Happening.NEW_CANDIDATE: "/cases",
    Happening.REVIEW_WAITING: "/review",
    Happening.CLOCK_RUNNING_OUT: "/tasks",
    Happening.BREAK_GLASS: "/stations",
    Happening.FROM_FAMILIES: "/reports",
}


def sentence(happening: Happening, language: str, number: int, address: str) -> str:
    """``address`` is that of the service, such as ``https://tracing.example``; without one no page is named."""
    said = SENTENCES[happening][language].format(number=int(number))
    return f"{said}\n{address}{PAGES[happening]}" if address else said
