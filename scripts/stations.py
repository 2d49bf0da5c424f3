"""`tracing stations`: the shelters and authorities that work with this installation."""

from __future__ import annotations

from typing import Annotated

import typer

from scripts.opening import services
from scripts.output import AsJson, note, print_json, print_table, say
from tracing.access import SYSTEM

app = typer.Typer(help="Stations that work with this installation, and who sees whose cases.", no_args_is_help=True)
StationId = Annotated[str, typer.Argument(help="The id, as accounts and cases hold it.")]


@app.command()
def add(
    station: StationId,
    name: Annotated[str, typer.Option(help="The name that people read; default: the id.")] = "",
    central: Annotated[bool, typer.Option("--central", help="Its people work for all stations and see every case.")] = False,
) -> None:
    """Set up a station, or open a closed one again. From the first one on, people see the cases of their own station."""
    with services() as found:
        made = found.stations.add(SYSTEM, station, name, central)
        unknown = found.stations.unknown(SYSTEM)
    say(f"{made.name} is set up as a central station." if central else f"{made.name} is set up.")
    if unknown:
        note(f"Not set up yet, though cases or accounts name them: {', '.join(unknown)}. Nobody can ask these for help.")


@app.command("list")
def list_stations(as_json: AsJson = False) -> None:
    """List the stations, closed ones too."""
    with services() as found:
        stations = found.stations.all(SYSTEM)
    if as_json:
        print_json(
            [
                {
                    "station_id": each.station_id,
                    "name": each.name,
                    "central": each.central,
                    "opened_at": each.opened_at,
                    "closed_at": each.closed_at,
                }
                for each in stations
            ]
        )
        return
    rows = [[each.station_id, each.name, each.central, each.closed_at is not None] for each in stations]
    print_table(["id", "name", "central", "closed"], rows)
    if stations and not any(each.central and each.closed_at is None for each in stations):
        note(
            "No station is central: a pair of two stations, one of whose cases may be a child's, is judged by the child's "
            "station alone."
        )


@app.command()
def close(station: StationId) -> None:
    """Nobody can ask the station any more; its cases stay with it, so hand them over first."""
    with services() as found:
        found.stations.close(SYSTEM, station)
