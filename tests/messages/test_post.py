"""The kinds of channels, by what arrives: mail and webhooks as they are, WeCom and DingTalk led to this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.wecombot import NotifyWeComBot

from tests.messages.receivers import Hooks, mails
from tracing.errors import Misconfigured
from tracing.messages.messages import PATIENCE
from tracing.messages.post import ANSWER_SECONDS, ApprisePost
from tracing.messages.rules import Channel, Happening
from tracing.messages.wording import SUBJECT, sentence

TEXT = sentence(Happening.REVIEW_WAITING, "zh_CN", 3, "https://tracing.example")


def post(url: str) -> ApprisePost:
    return ApprisePost((Channel("duty", url),))


def test_a_mail_arrives_with_its_sentence_and_no_other_word() -> None:
    with mails() as (taken, port):
        sender = post(f"mailto://127.0.0.1:{port}?from=tracing@shelter.example&to=duty@shelter.example")
        assert sender.deliver("duty", SUBJECT["zh_CN"], TEXT) == ""
    (mail,) = taken.taken
    assert taken.to == ["duty@shelter.example"]
    assert mail["Subject"] == "寻亲系统通知"
    body = mail.get_body(("plain", "html"))
    assert body is not None
    assert "等待复核的疑似匹配数：3" in body.get_content()
    assert "https://tracing.example/review" in body.get_content()
    assert b"github" not in taken.raw[0]
    assert b"Apprise" not in taken.raw[0].replace(b"X-Application: Apprise", b"")


def test_a_mail_server_that_is_away_is_one_word() -> None:
    with mails() as (_, port):
        pass
    sender = post(f"mailto://duty:hunter2@127.0.0.1:{port}?from=tracing@shelter.example&to=duty@shelter.example")
    assert sender.deliver("duty", "subject", TEXT) == "NotTaken"


def test_a_webhook_is_told_in_json(receiver: Hooks) -> None:
    assert post(receiver.url).deliver("duty", "subject", TEXT) == ""
    (body,) = receiver.bodies
    assert body["message"] == TEXT
    assert set(body) <= {"version", "title", "message", "attachments", "type", "token"}


def test_a_receiver_that_takes_its_time_is_waited_for(receiver: Hooks) -> None:
    """apprise gives up after four seconds, and what was taken would be told again."""
    receiver.hangs.set()
    threading.Timer(4.5, receiver.let_go.set).start()
    assert post(receiver.url).deliver("duty", "subject", TEXT) == ""
    assert len(receiver.bodies) == 1
    assert timedelta(seconds=ANSWER_SECONDS) < PATIENCE


def test_how_long_is_waited_may_stand_in_the_address(receiver: Hooks) -> None:
    receiver.hangs.set()
    assert post(f"{receiver.url}&rto=0.2").deliver("duty", "subject", TEXT) == "NotTaken"


@pytest.fixture
def led_here(monkeypatch: pytest.MonkeyPatch, receiver: Hooks) -> Callable[[], list[str]]:
    """What apprise would send to hosts outside arrives here; the list of where it was meant to go."""
    meant: list[str] = []
    real = requests.post

    def post_here(url: str, *words: Any, **named: Any) -> requests.Response:
        meant.append(url)
        return real(f"http://127.0.0.1:{receiver.port}/", *words, **named)

    monkeypatch.setattr(requests, "post", post_here)
    return lambda: meant


def test_a_robot_of_wecom_is_told_in_its_own_form(led_here: Callable[[], list[str]], receiver: Hooks) -> None:
    sender = post("wecombot://a-robots-key")
    assert isinstance(sender._ways["duty"], NotifyWeComBot)
    assert sender.deliver("duty", SUBJECT["zh_CN"], TEXT) == ""
    assert led_here() == ["https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a-robots-key"]
    (body,) = receiver.bodies
    assert body["msgtype"] == "text"
    assert TEXT.splitlines()[0] in body["text"]["content"]
    assert sender.shown() == {"duty": "wecombot://..."}


@pytest.mark.parametrize(("url", "signed"), [("dingtalk://atoken", False), ("dingtalk://asecret@atoken", True)])
def test_a_robot_of_dingtalk_is_told_in_its_own_form(
    url: str, signed: bool, led_here: Callable[[], list[str]], receiver: Hooks
) -> None:
    sender = post(url)
    assert isinstance(sender._ways["duty"], NotifyDingTalk)
    assert sender.deliver("duty", SUBJECT["zh_CN"], TEXT) == ""
    assert led_here() == ["https://oapi.dingtalk.com/robot/send?access_token=atoken"]
    (body,) = receiver.bodies
    assert TEXT.splitlines()[0] in json.dumps(body, ensure_ascii=False)
    assert ("sign=" in receiver.raw[0].decode()) is signed
    assert sender.shown() == {"duty": "dingtalk://..."}


@pytest.mark.parametrize(
    "url",
    [
        "mailto://duty:hunter2@127.0.0.1:25?from=a@shelter.example&to=b@shelter.example",
        "mailtos://duty:hunter2@127.0.0.1?from=a@shelter.example&to=b@shelter.example",
        "json://duty:hunter2@127.0.0.1/hunter2?+key=hunter2&:key=hunter2&-key=hunter2",
        "forms://duty:hunter2@127.0.0.1/hunter2",
        "wecombot://hunter2hunter2",
        "dingtalk://hunter2@hunter2/13800000000",
    ],
)
def test_an_address_is_shown_without_its_secrets(url: str) -> None:
    (shown,) = post(url).shown().values()
    assert "hunter2" not in shown
    assert "138" not in shown
    assert shown.startswith(url.partition("://")[0])


@pytest.mark.parametrize(
    "url", ["mailto://duty:hunter2@mail.example?from=a@b.cc&to=b@b.cc", "json://duty:hunter2@192.0.2.1/way"]
)
def test_a_password_travels_encrypted_or_on_this_machine_alone(url: str) -> None:
    with pytest.raises(Misconfigured, match="The channel duty would send its password unencrypted") as said:
        post(url)
    assert "hunter2" not in str(said.value)
    for fine in (url.replace("://", "s://"), url.replace("mail.example", "127.0.0.1").replace("192.0.2.1", "localhost")):
        assert post(fine).shown()
    assert post("json://192.0.2.1/way").shown(), "without one there is nothing to steal but a number"
