"""Route 53: zones that were there before anything was deployed, since Slipway uses zones and never makes them, and
records that come back."""

from __future__ import annotations

import os
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.route53.models import ChangeList, FakeZone, HostedZoneIdentifier, Route53Backend, route53_backends
from moto.utilities.id_generator import moto_id_manager

from overlay.patching import wrap

VARIABLE = "EMULATOR_HOSTED_ZONES"
"""`<id>=<name>`, several with commas; they are in MOTO_ACCOUNT_ID."""


def existing_zones() -> dict[str, str]:
    """The names of these zones by id, with the dot at the end that Route 53 stores."""
    zones = (zone.split("=", 1) for zone in os.environ.get(VARIABLE, "").split(",") if zone)
    return {identifier: f"{name.rstrip('.')}." for identifier, name in zones}


def apply() -> None:
    """Applies all patches of this module."""
    make_zones()
    patch_changes()


def make_zones() -> None:
    """Makes the zones."""
    account = os.environ.get("MOTO_ACCOUNT_ID", DEFAULT_ACCOUNT_ID)
    for identifier, name in existing_zones().items():
        moto_id_manager.set_custom_id(HostedZoneIdentifier(account, name, None), identifier)
        route53_backends[account]["aws"].create_hosted_zone(name, private_zone=False)


def patch_changes() -> None:
    """A record can be made again after it was deleted.

    moto takes a change that it has seen before for a record that exists, if any other record follows in the zone.
    """

    @wrap(Route53Backend, "change_resource_record_sets")
    def change_resource_record_sets(original: Any, self: Route53Backend, zoneid: str, change_list: list[Any]) -> None:
        forget_changes_of_deleted_records(self.get_hosted_zone(zoneid))
        original(self, zoneid, change_list)


def forget_changes_of_deleted_records(zone: FakeZone) -> None:
    """Keeps in the zone's journal what is about records that there still are."""
    existing = {(record.name.strip("."), record.type) for record in zone.rrsets}
    records = ((change, change["ResourceRecordSet"]) for change in zone.rr_changes)
    zone.rr_changes = ChangeList(
        change for change, record in records if (record["Name"].strip("."), record["Type"]) in existing
    )
