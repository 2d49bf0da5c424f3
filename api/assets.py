"""Style sheets, scripts and pictures of the pages for staff, or of another folder; a browser keeps them until they change."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PATH: Final = "/static"
FOLDER: Final = Path(__file__).resolve().parent / "static"


@cache
def address(name: str, folder: Path = FOLDER) -> str:
    """Where a page finds an asset: with the digest of its content, so that a changed one has another address."""
    return f"{PATH}/{name}?v={hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]}"


class Assets(StaticFiles):
    """They hold nothing personal, so they may be kept; asked for without its digest, an asset is asked for again."""

    def __init__(self, folder: Path = FOLDER) -> None:
        super().__init__(directory=folder)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        lasting = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
        return response
