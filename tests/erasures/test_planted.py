"""An erasure that forgets one step is found out, and what it left is named: without that the other test would prove nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, select

from tests.erasures import answers
from tests.erasures.answers import told
from tests.erasures.run import erase_and_look
from tests.erasures.traces import Traces
from tests.house import House
from tracing.store.photos import FilePhotoStore
from tracing.store.records import cases, erasure
from tracing.store.records.gallery import SqlGallery
from tracing.store.tables import faces, photos, templates

WORD = "痕迹nameqz"


def a_template(patched: pytest.MonkeyPatch) -> None:
    """It hangs on somebody else's face from then on, since it cannot hang on none."""
    erase = erasure.erase_case

    def forgetful(connection: Connection, case_id: str) -> list[str]:
        whose = select(templates, photos.c.case_id).join(faces, faces.c.face_id == templates.c.face_id)
        found = connection.execute(whose.join(photos, photos.c.photo_id == faces.c.photo_id)).all()
        own = next((row for row in found if row.case_id == case_id), None)
        other = next(row for row in found if row.case_id != case_id)
        keys, columns = erase(connection, case_id), [column.name for column in templates.columns]
        if own is not None:
            values = {name: getattr(own, name) for name in columns if name != "face_id"}
            connection.execute(templates.delete().where(templates.c.template_id == other.template_id))
            connection.execute(templates.insert().values(values | {"face_id": other.face_id}))
        return keys

    patched.setattr(cases, "erase_case", forgetful)


def a_line_of_a_list(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(erasure, "erase_from_lists", lambda *_: None)


def a_file(patched: pytest.MonkeyPatch) -> None:
    """The first of each erasure."""
    erase, spared = FilePhotoStore.erase, set[str]()

    def forgetful(store: FilePhotoStore, key: str) -> bool:
        if not spared:
            spared.add(key)
        return False if key in spared else erase(store, key)

    patched.setattr(FilePhotoStore, "erase", forgetful)


def a_place_in_a_gallery(patched: pytest.MonkeyPatch) -> None:
    announce = SqlGallery.announce

    def forgetful(gallery: SqlGallery, changed: Any, collection: Any) -> None:
        if collection is not None:
            announce(gallery, changed, collection)

    patched.setattr(SqlGallery, "announce", forgetful)


PLANTED: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str]] = {
    "one template": (a_template, "templates"),
    "one line of somebody else's list": (a_line_of_a_list, "search_runs"),
    "one file": (a_file, "photo files"),
    "one place in a gallery": (a_place_in_a_gallery, "the gallery of another process"),
}


@pytest.mark.parametrize("what", PLANTED)
def test_what_an_erasure_leaves_is_found_and_named(what: str, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, where = PLANTED[what]
    figures = erase_and_look(house, ask=False, before=lambda: plant(monkeypatch))
    assert figures.left.get(where), figures.left


def test_an_answer_that_tells_of_somebody_erased_is_found_and_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    create = answers.create_app

    def leaking(*arguments: Any) -> Any:
        app = create(*arguments)
        app.add_api_route("/api/v1/planted/{case_id}", lambda case_id: {"earlier": WORD}, methods=["GET"])
        return app

    monkeypatch.setattr(answers, "create_app", leaking)
    traces = Traces(words={WORD})
    looked_at, leaks = told(house.services, traces, {"somebody": {"case_id": "0" * 32}}, ["lin"], "/api/v1/planted")
    assert (looked_at, leaks) == (1, [f"lin /api/v1/planted/{{case_id}}: {WORD}"])
