"""Whose key writes records of which domain."""

from __future__ import annotations

from tracing.access import Permission, require
from tracing.domain import Account, Actor, LegalBasis, Partner, Role
from tracing.errors import Invalid
from tracing.exchange.pfif.layout import DOMAIN
from tracing.ports import Clock, RecordStore


class PartnerRegister:
    """``domain`` is ours, which no partner writes for."""

    def __init__(self, store: RecordStore, domain: str, clock: Clock) -> None:
        self._store = store
        self._domain = domain
        self._clock = clock

    def tie(self, actor: Actor, name: str, domain: str, basis: LegalBasis, deaths: bool = False) -> Partner:
        """From now on the account's program writes records of this domain, and of no other.

        ``basis`` is why their people may be kept and searched. With ``deaths`` their word is taken that somebody is believed
        dead; it closes no case.
        """
        require(actor, Permission.OPERATE)
        domain = domain.strip().lower()
        if DOMAIN.fullmatch(domain) is None or domain == self._domain:
            raise Invalid("Write the domain of their records alone, such as police.example.cn; not your own.", "domain")
        with self._store.transaction() as records:
            account = records.accounts.by_name(name)
            if account is None or account.role is not Role.PARTNER:
                raise Invalid(f"There is no account named {name} with the role partner.", "name")
            partner = Partner(account.account_id, domain, basis, deaths, self._clock())
            records.partners.tie(partner)
            records.audit.append(actor, "tie_partner", account.account_id, {"domain": domain, "deaths": deaths})
        return partner

    def all(self, actor: Actor) -> list[tuple[Account, Partner]]:
        """By domain."""
        require(actor, Permission.OPERATE)
        with self._store.reading() as records:
            return [(records.accounts.get(each.account_id), each) for each in records.partners.partners()]
