"""The PostgreSQL versions that this emulator knows."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.responses import RDSResponse

from overlay.patching import add

# the newest minor version of each major that this emulator knows
POSTGRES_VERSIONS = {
    "13": "13.22",
    "14": "14.19",
    "15": "15.14",
    "16": "16.10",
    "17": "17.6",
    "18": "18.1",
}


def resolve_version(engine: str, version: str | None) -> str | None:
    """A major version alone means its newest minor version."""
    if engine != "postgres":
        return version
    return POSTGRES_VERSIONS.get(version or "17", version)


def apply() -> None:
    """The PostgreSQL versions above."""

    @add(RDSResponse)
    def describe_db_engine_versions(self: Any) -> ActionResult:
        engine = self.params.get("Engine") or "postgres"
        wanted = self.params.get("EngineVersion")
        family = self.params.get("DBParameterGroupFamily")
        versions = [engine_version(major, minor) for major, minor in POSTGRES_VERSIONS.items()]
        if engine != "postgres":
            versions = []
        if wanted:
            versions = [v for v in versions if wanted in (v["EngineVersion"], v["MajorEngineVersion"])]
        if family:
            versions = [v for v in versions if v["DBParameterGroupFamily"] == family]
        if self.params.get("DefaultOnly") and not wanted and not family:
            versions = [v for v in versions if v["MajorEngineVersion"] == "17"]
        return ActionResult({"DBEngineVersions": versions})


def engine_version(major: str, minor: str) -> dict[str, Any]:
    """One answer of DescribeDBEngineVersions."""
    later = [version for number, version in POSTGRES_VERSIONS.items() if int(number) > int(major)]
    return {
        "DBEngineDescription": "PostgreSQL",
        "DBEngineVersionDescription": f"PostgreSQL {minor}",
        "DBParameterGroupFamily": f"postgres{major}",
        "Engine": "postgres",
        "EngineVersion": minor,
        "ExportableLogTypes": ["iam-db-auth-error", "postgresql", "upgrade"],
        "MajorEngineVersion": major,
        "Status": "available",
        "SupportedCACertificateIdentifiers": ["rds-ca-rsa2048-g1", "rds-ca-ecc384-g1", "rds-ca-rsa4096-g1"],
        "SupportsCertificateRotationWithoutRestart": True,
        "SupportsLogExportsToCloudwatchLogs": True,
        "SupportsReadReplica": True,
        "ValidUpgradeTarget": [
            {"AutoUpgrade": False, "Engine": "postgres", "EngineVersion": version, "IsMajorVersionUpgrade": True}
            for version in later
        ],
    }
