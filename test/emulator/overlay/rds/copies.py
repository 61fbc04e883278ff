"""Replicas, restores and automated backups that stand on their own."""

from __future__ import annotations

from typing import Any

from moto.rds.exceptions import DBInstanceAlreadyExists, DBInstanceNotFoundError
from moto.rds.models import DBInstance, DBInstanceAutomatedBackup, RDSBackend

from overlay.patching import replace, wrap
from overlay.rds.instances import ECHOED

# settings that a replica takes from its source unless the request says otherwise
INHERITED_BY_REPLICA = (
    "allocated_storage",
    "auto_minor_version_upgrade",
    "copy_tags_to_snapshot",
    "db_instance_class",
    "db_name",
    "engine",
    "engine_version",
    "iops",
    "kms_key_id",
    "license_model",
    "master_username",
    "port",
    "storage_encrypted",
    "storage_throughput",
    "storage_type",
)


def apply() -> None:
    """Applies all patches of this module."""
    patch_replicas()
    patch_restores()
    patch_automated_backups()


def patch_replicas() -> None:
    """A replica is an instance of its own."""

    @replace(RDSBackend, "create_db_instance_read_replica")
    def create_db_instance_read_replica(self: Any, request: Any) -> DBInstance:
        identifier = request["db_instance_identifier"]
        if identifier in self.databases:
            raise DBInstanceAlreadyExists()
        source = self.find_db_from_id(request["source_db_instance_identifier"])
        settings = {name: getattr(source, name) for name in INHERITED_BY_REPLICA}
        if source.region == self.region_name:
            settings["vpc_security_group_ids"] = list(source.vpc_security_group_ids)
            settings["db_parameter_group_name"] = source.db_parameter_group_name
        # AWS gives a replica no backups of its own unless it is asked to
        settings["backup_retention_period"] = 0
        settings.update({name: value for name, value in dict(request).items() if value is not None})
        # within a region the source is named by its identifier, whatever the request used
        settings["source_db_instance_identifier"] = (
            source.db_instance_identifier if source.region == self.region_name else source.db_instance_arn
        )
        replica = DBInstance(self, **settings)
        if source.region == self.region_name and "db_subnet_group_name" not in settings:
            replica.db_subnet_group = source.db_subnet_group
        replica.set_as_replica()
        self.databases[identifier] = replica
        source.add_replica(replica)
        return replica

    @wrap(RDSBackend, "promote_read_replica")
    def promote_read_replica(original: Any, self: Any, request: Any) -> DBInstance:
        replica = self.databases[request["db_instance_identifier"]]
        source_id = replica.source_db_instance_identifier
        if replica.is_replica and source_id:
            self.find_db_from_id(source_id).remove_replica(replica)
        promoted = original(self, request)
        promoted.source_db_instance_identifier = None
        return promoted


def patch_restores() -> None:
    """A restored instance is nobody's replica and has only what it was asked to have."""

    @wrap(RDSBackend, "restore_db_instance_to_point_in_time")
    def restore_db_instance_to_point_in_time(
        original: Any, self: Any, source: str | None, target: str, request: Any
    ) -> DBInstance:
        source = source or source_by_resource_id(self, request)
        restored = original(self, source, target, request)
        stand_alone(restored, request)
        if not restored.enabled_cloudwatch_logs_exports:
            restored.enabled_cloudwatch_logs_exports = list(self.databases[source].enabled_cloudwatch_logs_exports)
        return restored

    @wrap(RDSBackend, "restore_db_instance_from_db_snapshot")
    def restore_db_instance_from_db_snapshot(original: Any, self: Any, snapshot: str, request: Any) -> DBInstance:
        restored = original(self, snapshot, request)
        stand_alone(restored, request)
        forget_observation(restored, request)
        return restored


def source_by_resource_id(backend: RDSBackend, request: Any) -> str:
    """The instance that a restore names by its resource id."""
    wanted = request.get("source_dbi_resource_id")
    for database in backend.databases.values():
        if database.dbi_resource_id == wanted:
            return database.db_instance_identifier
    raise DBInstanceNotFoundError(str(wanted))


def stand_alone(restored: DBInstance, request: Any) -> None:
    """Drops what AWS never carries over and moto copies."""
    restored.source_db_instance_identifier = None
    restored.deletion_protection = bool(request.get("deletion_protection"))
    if restored.manage_master_user_password and not request.get("manage_master_user_password"):
        restored.update(manage_master_user_password=False)


def forget_observation(restored: DBInstance, request: Any) -> None:
    """A snapshot holds data, not how its instance was observed; a restore in time keeps the source's settings."""
    restored.enable_performance_insights = bool(request.get("enable_performance_insights"))
    restored.enabled_cloudwatch_logs_exports = list(request.get("enable_cloudwatch_logs_exports") or [])
    for name in ("monitoring_interval", "monitoring_role_arn"):
        setattr(restored, name, request.get(name) or ECHOED[name])


def patch_automated_backups() -> None:
    """Automated backups name the instance that they belong to."""

    @wrap(DBInstanceAutomatedBackup, "__init__")
    def create_automated_backup(original: Any, self: Any, backend: Any, identifier: str, snapshots: Any) -> None:
        original(self, backend, identifier, snapshots)
        database = snapshots[-1].database
        self.dbi_resource_id = database.dbi_resource_id
        self.db_instance_arn = database.db_instance_arn
        self.region = backend.region_name
        self.engine = database.engine
        self.engine_version = database.engine_version
        self.backup_retention_period = database.backup_retention_period
        self.encrypted = database.storage_encrypted
        self.db_instance_automated_backups_arn = (
            f"arn:{backend.partition}:rds:{backend.region_name}:{backend.account_id}"
            f":auto-backup:ab-{database.dbi_resource_id.removeprefix('db-').lower()}"
        )
