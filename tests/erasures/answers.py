"""What the API and the pages answer, to people of every role, about somebody and about everybody else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from api.app import create_app
from tests.api.staff.conftest import PASSWORD, Browser
from tests.erasures.traces import Traces
from tracing.access import SYSTEM
from tracing.bootstrap import Services

HERE: Final = "http://127.0.0.1"
ROLES: Final = ("lin", "chen", "sun", "qian")
PARAMETER: Final = re.compile(r"{(\w+)(?::\w+)?}")
SKIPPED: Final = ("/static", "/health", "/metrics", "/docs", "/api/v1/openapi.json")


def told(
    services: Services, traces: Traces, people: Mapping[str, Mapping[str, str]], roles: Sequence[str], under: str = ""
) -> tuple[int, list[str]]:
    """How many answers were looked at, and those that tell something of the person, words first. ``people``: ids to ask for.

    Of every route, or of those whose path begins with ``under``.
    """
    app = create_app(services)
    try:
        found = list(_asked(services, app, traces, people, roles, under))
    finally:
        app.state.analyses.close()
    return len(found), [each for each in found if each]


def _asked(  # type: ignore[no-untyped-def]
    services: Services, app, traces: Traces, people: Mapping[str, Mapping[str, str]], roles: Sequence[str], under: str
) -> Iterator[str]:
    paths = sorted({str(route.path) for route in iter_route_contexts(app.routes) if "GET" in (route.methods or ())})
    for role in roles:
        services.accounts.set_password(SYSTEM, role, PASSWORD)
        key = services.accounts.new_api_key(SYSTEM, role)
        browser = Browser(app).sign_in(role)
        program = TestClient(app, base_url=HERE, headers={"Authorization": f"Bearer {key}"})
        for path in paths:
            if path.startswith(SKIPPED) or not path.startswith(under):
                continue
            client = program if path.startswith("/api/") else browser.client
            for ids in people.values() if PARAMETER.search(path) else [{}]:
                asked = PARAMETER.sub(lambda found, ids=ids: ids.get(found[1], "0" * 32), path)
                answer = client.get(asked, follow_redirects=False)
                assert answer.status_code < 500, f"{asked}: {answer.status_code}"
                said = answer.text
                wanted = {each for each in traces.words | traces.ids if each not in asked}
                leaks = sorted((each for each in wanted if each in said), key=lambda each: (each in traces.ids, each))
                yield f"{role} {path}: {', '.join(leaks[:3])}" if leaks else ""
        browser.client.close()
        program.close()
