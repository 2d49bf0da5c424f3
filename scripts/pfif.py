"""`tracing pfif`: what partners are told of people, whose case they are told of, and whose key writes here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scripts.cases import Named, find_case
from scripts.opening import services
from scripts.output import AsJson, print_json, print_table, say, write_private
from tracing.access import SYSTEM
from tracing.domain import LegalBasis, Wanted
from tracing.exchange.pfif.records import PersonRecord
from tracing.exchange.pfif.writing import write
from tracing.partners.telling import MOST_RESULTS

app = typer.Typer(
    help="Exchange with partners as PFIF 1.4: share a case, end that, list, write a file, say who writes here.",
    no_args_is_help=True,
)


@app.command()
def share(case: Named, reason: Annotated[str, typer.Option(help="Who agreed to it, and how.")]) -> None:
    """Let partners be told of a case for a year: names, sex, age, a few words; no photo, mark, contact, paper or story."""
    with services() as found:
        wanted = find_case(found, case)
        made = found.case_sharing.share(SYSTEM, wanted.case_id, reason)
    say(f"Partners are told of {wanted.reference} as {made.record_id}, until {made.ends_at:%Y-%m-%d}.")


@app.command()
def unshare(case: Named, reason: Annotated[str, typer.Option(help="Who asked for it, or what has changed.")]) -> None:
    """End it: partners are told that the record has expired, and have to delete their copies."""
    with services() as found:
        wanted = find_case(found, case)
        found.case_sharing.unshare(SYSTEM, wanted.case_id, reason)
        say(f"Partners are not told of {wanted.reference} any more.")
        found.ledger.follow()


@app.command("list")
def list_shares(as_json: AsJson = False) -> None:
    """List the cases that partners are told of."""
    with services() as found:
        shared = found.case_sharing.all(SYSTEM)
    if as_json:
        print_json([share for share, _ in shared])
        return
    rows = [(case.reference, case.title, share.record_id, f"{share.ends_at:%Y-%m-%d}") for share, case in shared]
    print_table(["case", "name", "record", "until"], rows, f"{len(rows)} cases are shared with partners")


@app.command()
def tie(
    name: Annotated[str, typer.Argument(help="An account with the role partner.")],
    domain: Annotated[str, typer.Option(help="The domain of the records that its program writes, such as police.example.cn.")],
    basis: Annotated[LegalBasis, typer.Option(help="Why their people may be kept and searched.")] = LegalBasis.STATUTORY_DUTY,
    deaths: Annotated[bool, typer.Option("--deaths", help="Take its word that somebody is believed dead.")] = False,
) -> None:
    """Let a partner's program write records of one domain, and of no other, for the station of its account."""
    with services() as found:
        tied = found.partner_register.tie(SYSTEM, name, domain, basis, deaths)
    say(f"{name} writes records of {tied.domain}.")


@app.command()
def partners(as_json: AsJson = False) -> None:
    """List whose key writes records of which domain."""
    with services() as found:
        known = found.partner_register.all(SYSTEM)
    told = [
        {
            "name": account.name,
            "domain": partner.domain,
            "station_id": account.station_id,
            "legal_basis": partner.legal_basis,
            "deaths": partner.deaths,
            "disabled": account.disabled_at is not None,
        }
        for account, partner in known
    ]
    if as_json:
        print_json(told)
        return
    rows = [list(each.values()) for each in told]
    print_table(["name", "domain", "station", "basis", "deaths", "disabled"], rows)


@app.command()
def export(to: Annotated[Path, typer.Option(help="The XML file to write; it must not be there yet.")]) -> None:
    """Write everything that partners are told, expired records included, as one PFIF 1.4 file."""
    persons: list[PersonRecord] = []
    with services() as found:
        found.telling.follow()
        while True:
            page = found.telling.persons(SYSTEM, Wanted(MOST_RESULTS, len(persons))).persons
            persons += page
            if len(page) < MOST_RESULTS:
                break
    write_private(to, write(persons))
    say(f"{len(persons)} records are in {to}.")
