"""Instances that answer what was asked, each with its own resource id and master password."""

from __future__ import annotations

import json
import secrets
import string
from typing import Any

from moto.moto_api._internal import mock_random
from moto.rds.models import DBInstance, DBParameterGroup, MasterUserSecret, RDSBackend

from overlay.patching import replace, wrap
from overlay.rds.versions import resolve_version

DEFAULT_CA_CERTIFICATE = "rds-ca-rsa2048-g1"

# settings of an instance with the answer where none was asked for
ECHOED: dict[str, Any] = {
    "backup_target": "region",
    "ca_certificate_identifier": DEFAULT_CA_CERTIFICATE,
    "customer_owned_ip_enabled": False,
    "database_insights_mode": "standard",
    "dedicated_log_volume": False,
    "engine_lifecycle_support": "open-source-rds-extended-support",
    "monitoring_interval": 0,
    "monitoring_role_arn": None,
    "network_type": "IPV4",
    "performance_insights_kms_key_id": None,
    "performance_insights_retention_period": None,
}


def apply() -> None:
    """Applies all patches of this module."""
    patch_instances()
    patch_master_secret()


def patch_instances() -> None:
    """Unique resource ids, Performance Insights, monitoring, versions and groups as AWS names them."""

    @wrap(DBInstance, "__init__")
    def create_instance(original: Any, self: Any, backend: Any, **settings: Any) -> None:
        postgres = settings.get("engine") == "postgres"
        settings["engine_version"] = resolve_version(settings["engine"], settings.get("engine_version"))
        settings.setdefault("ca_certificate_identifier", DEFAULT_CA_CERTIFICATE)
        if postgres:
            settings["license_model"] = "postgresql-license"
        original(self, backend=backend, **settings)
        # the provider reads by this id; one constant for all breaks reads and deletes
        self.dbi_resource_id = "db-" + "".join(mock_random.choices(string.ascii_uppercase + string.digits, k=26))
        for name, default in ECHOED.items():
            setattr(self, name, settings.get(name, default))
        self.enable_performance_insights = bool(settings.get("enable_performance_insights"))
        if self.enable_performance_insights and not self.performance_insights_retention_period:
            self.performance_insights_retention_period = 7
        if postgres and not settings.get("option_group_name"):
            self.option_group_name = f"default:postgres-{self.engine_version.split('.')[0]}"

    @wrap(DBInstance, "update")
    def update_instance(original: Any, self: Any, **changes: Any) -> None:
        if changes.get("engine_version"):
            changes["engine_version"] = resolve_version(self.engine, changes["engine_version"])
        if changes.get("manage_master_user_password") and self.manage_master_user_password:
            # already managed: moto would make a second secret and forget the first
            del changes["manage_master_user_password"]
        original(self, **changes)

    @wrap(RDSBackend, "modify_db_instance")
    def modify_db_instance(original: Any, self: Any, identifier: str, changes: Any) -> DBInstance:
        """An instance may go back to a default parameter group, which moto creates only when it is read."""
        name = changes.get("db_parameter_group_name")
        if name and name.startswith("default.") and name not in self.db_parameter_groups:
            family = name.removeprefix("default.")
            self.db_parameter_groups[name] = DBParameterGroup(
                self, name, f"Default parameter group for {family}", family
            )
        return original(self, identifier, changes)

    DBInstance.performance_insights_enabled = property(lambda self: self.enable_performance_insights)


def patch_master_secret() -> None:
    """A managed master password is different for each instance and belongs to the instance's own user."""

    @replace(MasterUserSecret, "_generate_secret_string")
    def generate_secret_string(self: Any) -> str:
        return json.dumps({"username": self.resource.master_username, "password": secrets.token_urlsafe(24)})
