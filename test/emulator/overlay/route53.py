"""Route 53: hosted zones that were there before anything was deployed; Slipway uses zones and never makes them."""

from __future__ import annotations

import os

from moto.core import DEFAULT_ACCOUNT_ID
from moto.route53.models import HostedZoneIdentifier, route53_backends
from moto.utilities.id_generator import moto_id_manager

VARIABLE = "EMULATOR_HOSTED_ZONES"
"""`<id>=<name>`, several with commas; they are in MOTO_ACCOUNT_ID."""


def existing_zones() -> dict[str, str]:
    """The names of these zones by id, with the dot at the end that Route 53 stores."""
    zones = (zone.split("=", 1) for zone in os.environ.get(VARIABLE, "").split(",") if zone)
    return {identifier: f"{name.rstrip('.')}." for identifier, name in zones}


def apply() -> None:
    """Makes the zones."""
    account = os.environ.get("MOTO_ACCOUNT_ID", DEFAULT_ACCOUNT_ID)
    for identifier, name in existing_zones().items():
        moto_id_manager.set_custom_id(HostedZoneIdentifier(account, name, None), identifier)
        route53_backends[account]["aws"].create_hosted_zone(name, private_zone=False)
