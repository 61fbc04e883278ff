"""Databases, buckets, secrets, parameters, keys, logs and alarms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def rds(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Instances and groups; snapshots carry their kind and backups whether they outlive their instance."""
    yield from (("db-instance", db.db_instance_identifier, db.status) for db in backend.databases.values())
    yield from (("db-cluster", cluster, None) for cluster in backend.clusters)
    yield from (("db-snapshot", s.db_snapshot_identifier, s.snapshot_type) for s in backend.database_snapshots.values())
    yield from (
        ("db-cluster-snapshot", s.db_cluster_snapshot_identifier, s.snapshot_type)
        for s in backend.cluster_snapshots.values()
    )
    yield from (
        ("db-automated-backup", b.db_instance_identifier, b.status)
        for b in backend.describe_db_instance_automated_backups()
    )
    yield from (("db-subnet-group", group, None) for group in backend.subnet_groups)
    yield from (("db-parameter-group", g, None) for g in backend.db_parameter_groups if not g.startswith("default."))
    yield from (
        ("db-cluster-parameter-group", g, None)
        for g in backend.db_cluster_parameter_groups
        if not g.startswith("default.")
    )
    yield from (("db-option-group", g, None) for g in backend.option_groups if not g.startswith("default:"))
    yield from (("db-event-subscription", subscription, None) for subscription in backend.event_subscriptions)
    yield from (("db-proxy", proxy, None) for proxy in backend.db_proxies)


def s3(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Buckets."""
    yield from (("bucket", name, None) for name in backend.buckets)


def secretsmanager(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Secrets that do not wait for deletion."""
    yield from (("secret", secret.name, None) for secret in backend.secrets.values() if not secret.is_deleted())


def ssm(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Parameters of this account and documents."""
    for name in list(backend._parameters.keys()):
        if not name.startswith("/aws/"):
            yield "parameter", name, None
    yield from (("document", name, None) for name in backend._documents)


def kms(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Customer keys that do not wait for deletion, with their aliases."""
    for key in backend.keys.values():
        managed_by_aws = key.key_manager == "AWS" or any(alias.startswith("alias/aws/") for alias in key.aliases)
        if managed_by_aws or key.key_state == "PendingDeletion":
            continue
        yield "key", key.id, key.key_state
        yield from (("alias", alias, key.id) for alias in key.aliases)


def logs(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Log groups, filters, policies and deliveries."""
    yield from (("log-group", name, None) for name in backend.groups)
    yield from (("metric-filter", f["filterName"], f["logGroupName"]) for f in backend.filters.metric_filters)
    yield from (("resource-policy", name, None) for name in backend.resource_policies)
    yield from (("delivery", d.id, d.delivery_source_name) for d in backend.deliveries.values())
    yield from (("delivery-source", name, None) for name in backend.delivery_sources)
    yield from (("delivery-destination", name, None) for name in backend.delivery_destinations)


def cloudwatch(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Alarms and dashboards."""
    yield from (("alarm", name, alarm.state_value) for name, alarm in backend.alarms.items())
    yield from (("dashboard", name, None) for name in backend.dashboards)


def dynamodb(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Tables."""
    yield from (("table", name, None) for name in backend.tables)


def backup(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Vaults and plans."""
    yield from (("vault", name, None) for name in backend.vaults)
    yield from (("plan", plan, None) for plan in backend.plans)


LISTERS = {
    "backup": backup,
    "cloudwatch": cloudwatch,
    "dynamodb": dynamodb,
    "kms": kms,
    "logs": logs,
    "rds": rds,
    "s3": s3,
    "secretsmanager": secretsmanager,
    "ssm": ssm,
}
