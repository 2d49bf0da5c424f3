"""`tracing search`: what the galleries hold for a photo."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from scripts.cases import find_case
from scripts.opening import services
from scripts.output import AsJson, print_json, print_table, say
from scripts.photo_files import photo_bytes
from tracing.access import SYSTEM
from tracing.domain import SearchOutcome
from tracing.errors import Invalid


def search(
    photo: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A photo with one face, or one that dominates.")
    ],
    case: Annotated[str, typer.Option(help="On whose behalf: reference or id. Its galleries are searched.")],
    station: Annotated[str, typer.Option(help="Only among the cases of this station.")] = "",
    as_json: AsJson = False,
) -> None:
    """Search the galleries of a case with a photo file. The photo is not kept, no pair is suggested, the search is audited."""
    with services() as found:
        asked = find_case(found, case)
        with found.store.reading() as records:
            encoder_id = records.generations.active().encoder_id
        seen = found.examiner.examine(photo_bytes(photo), [encoder_id])
        if seen.subject is None:
            why = f" ({seen.no_face})" if seen.no_face is not None else ""
            raise Invalid(f"{photo.name} shows {len(seen.faces)} faces{why}; a search needs one that clearly dominates.")
        vector = seen.faces[seen.subject].vectors[encoder_id]
        lineup = found.matching.line_up(SYSTEM, asked.case_id, [vector], station, encoder_id)
    if as_json:
        print_json(asdict(lineup.run) | {"outcome": lineup.outcome})
        return
    rows = [
        (
            each.rank or "-",
            lineup.cases[each.case_id].reference,
            lineup.cases[each.case_id].title,
            f"{each.score:.4f}",
            each.veto,
        )
        for each in lineup.run.list
    ]
    print_table(["rank", "case", "name", "score", "ruled out by"], rows, f"{lineup.run.gallery_size} people searched")
    if lineup.outcome is SearchOutcome.NOBODY_PLAUSIBLE:
        say(f"Nobody plausible was found among {lineup.run.gallery_size} people. That is a result, not an error.")
