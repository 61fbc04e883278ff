"""What exists in the emulator, over all accounts and regions, read from moto's own stores.

What AWS makes by itself is left out: default VPC and groups, managed policies, default buses, built-in images. Keys
and secrets that wait for deletion, inactive task definitions and deleted clusters are gone. A service that was called
and is not known here is reported itself, so that a new kind of resource cannot hide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import moto.backends as moto_backends
from moto.core.base_backend import BackendDict

from inventory import compute, data, identity, messaging, network

Item = tuple[str, str, str | None]
"""type, id, state"""

LISTERS: dict[str, Callable[[Any], Iterator[Item]]] = {
    **compute.LISTERS,
    **data.LISTERS,
    **identity.LISTERS,
    **messaging.LISTERS,
    **network.LISTERS,
}

# services that hold nothing of their own
STATELESS = {"instance_metadata", "moto_api", "resourcegroupstaggingapi", "s3control", "sts"}

_called: set[str] = set()


def note_called(service: str) -> None:
    """Remembers that a service was called."""
    _called.add(service)


def collect() -> list[dict[str, str]]:
    """One entry per thing: service, type, id, account, region and, where it matters, state."""
    entries = [entry for service in sorted(LISTERS) for entry in entries_of(service)]
    for service in sorted(_called - LISTERS.keys() - STATELESS):
        entries.append(
            {"service": service, "type": "unknown", "id": service, "state": "the inventory cannot list this service"}
        )
    return entries


def entries_of(service: str) -> Iterator[dict[str, str]]:
    """The entries of one service in the accounts and regions that were used."""
    stores = moto_backends.get_backend(service)
    if not isinstance(stores, BackendDict):
        return
    for account, regions in list(stores.items()):
        for region, backend in list(regions.items()):
            for kind, identifier, state in LISTERS[service](backend):
                entry = {"service": service, "type": kind, "id": identifier, "account": account, "region": region}
                yield {**entry, "state": state} if state else entry
