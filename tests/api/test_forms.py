"""What is no form is a 400, on pages as in the JSON API, never a 500."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.api.staff.conftest import HERE

NOT_FORMS = [
    (
        "multipart/form-data; boundary=b; charset=hex",
        b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nlin\r\n--b--\r\n',
    ),
    ("multipart/form-data", b"--b--"),
    ("multipart/form-data; boundary=b", b"no boundary in here"),
]


@pytest.mark.parametrize(("content_type", "body"), NOT_FORMS)
def test_the_login_page_survives_what_is_no_form(app: FastAPI, content_type: str, body: bytes) -> None:
    with TestClient(app, base_url=HERE, raise_server_exceptions=False) as client:
        answer = client.post("/login", content=body, headers={"Content-Type": content_type})
    assert answer.status_code in (400, 403)
    assert answer.headers["content-type"].startswith("text/html")
