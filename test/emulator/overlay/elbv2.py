"""Elastic Load Balancing: attribute keys that providers since 6.25 send and moto refuses."""

from __future__ import annotations

from moto.elbv2.models import FakeLoadBalancer


def apply() -> None:
    """Accepts the keys of health-check logs."""
    FakeLoadBalancer.VALID_ATTRS |= {
        "health_check_logs.s3.bucket",
        "health_check_logs.s3.enabled",
        "health_check_logs.s3.prefix",
    }
