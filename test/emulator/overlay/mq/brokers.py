"""Brokers: names and order of AWS, what waits for a restart, and the log groups that AWS makes by itself."""

from __future__ import annotations

import re
import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.logs.models import logs_backends
from moto.mq.models import Broker, MQBackend
from moto.mq.responses import MQResponse

from overlay.mq.errors import BadRequest
from overlay.mq.users import insist_on_password, restart_users
from overlay.patching import replace, wrap

# what AWS answers with, in this order
PROTOCOLS = (("ssl", 61617), ("amqp+ssl", 5671), ("stomp+ssl", 61614), ("mqtt+ssl", 8883), ("wss", 61619))
SUBNETS = {"SINGLE_INSTANCE": 1, "ACTIVE_STANDBY_MULTI_AZ": 2}
LOGS = ("audit", "general")
# attributes that change with a restart, and where AWS shows what waits
WAITING = {"engine_version": "pending_engine_version", "host_instance_type": "pending_host_instance_type"}


def apply() -> None:
    """Applies all patches of this module."""
    patch_creation()
    patch_update()
    patch_restart()


def patch_creation() -> None:
    """Brokers are called and found as on AWS, in subnets that AWS takes."""

    @wrap(Broker, "__init__")
    def broker(original: Any, self: Broker, **settings: Any) -> None:
        original(self, **settings)
        self.id = f"b-{uuid.uuid4()}"
        self.arn = f"{self.arn.rsplit(':', 1)[0]}:{self.name}:{self.id}"
        self.engine_version = patched_version(self.engine_version, self.auto_minor_version_upgrade)
        self.storage_type = self.storage_type or "EFS"
        for user in self._users.values():
            user.broker_id = self.id
        for number, instance in enumerate(self.instances, start=1):
            host = f"{self.id}-{number}.mq.{settings['region']}.amazonaws.com"
            instance["consoleURL"] = f"https://{host}:8162"
            instance["endpoints"] = [f"{protocol}://{host}:{port}" for protocol, port in PROTOCOLS]

    @wrap(MQBackend, "create_broker")
    def create_broker(original: Any, self: MQBackend, **settings: Any) -> tuple[str, str]:
        insist_on_subnets(self, settings["deployment_mode"], settings["subnet_ids"])
        for user in settings["users"]:
            insist_on_password(user["password"])
        arn, identifier = original(self, **settings)
        make_log_groups(self, self.brokers[identifier])
        return arn, identifier

    @replace(MQBackend, "delete_broker")
    def delete_broker(self: MQBackend, broker_id: str) -> None:
        # its log groups stay, and so does its configuration
        found = self.describe_broker(broker_id)
        self.tagger.delete_all_tags_for_resource(found.arn)
        del self.brokers[broker_id]


def insist_on_subnets(backend: MQBackend, deployment_mode: str, subnet_ids: list[str]) -> None:
    """A single instance takes one subnet, a pair two of different zones."""
    wanted = SUBNETS.get(deployment_mode)
    if wanted is None or not subnet_ids:
        return
    if len(subnet_ids) != wanted:
        raise BadRequest("subnetIds", f"{deployment_mode} requires {wanted} subnet(s), got {len(subnet_ids)}.")
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    zones = {ec2.get_subnet(subnet).availability_zone for subnet in subnet_ids}
    if len(zones) != wanted:
        raise BadRequest("subnetIds", "Subnets must be in different availability zones.")


def patched_version(version: str, auto_minor_version_upgrade: bool) -> str:
    """AWS chooses the patch of a version that is asked for without one."""
    without_patch = auto_minor_version_upgrade and re.fullmatch(r"\d+\.\d+", version)
    return f"{version}.1" if without_patch else version


def patch_update() -> None:
    """Most changes wait for a restart; until then AWS shows both what is and what will be."""

    @replace(Broker, "update")
    def update(self: Any, **changes: Any) -> None:
        given = {name: value for name, value in changes.items() if value is not None}
        for name in ("auto_minor_version_upgrade", "maintenance_window_start_time", "security_groups"):
            if name in given:
                setattr(self, name, given[name])
        if "engine_version" in given:
            given["engine_version"] = patched_version(given["engine_version"], self.auto_minor_version_upgrade)
        for name, pending in WAITING.items():
            if name in given:
                setattr(self, pending, None if given[name] == getattr(self, name) else given[name])
        if "configuration" in given:
            wait(self.configurations, given["configuration"], self.configurations["current"])
        if "logs" in given:
            current = {log: self.logs[log] for log in LOGS}
            wait(self.logs, {**current, **given["logs"]}, current)

    @wrap(MQBackend, "update_broker")
    def update_broker(original: Any, self: MQBackend, **changes: Any) -> None:
        configuration = changes.get("configuration")
        if configuration is not None:
            revisions = self.describe_configuration(configuration["id"]).revisions
            if str(configuration.get("revision", 1)) not in revisions:
                raise BadRequest("configuration", f"There is no such revision: {configuration}.")
        original(self, **changes)


def wait(place: dict[str, Any], wanted: Any, current: Any) -> None:
    """Notes in `place` what waits, if it is another than what is."""
    place.pop("pending", None)
    if wanted != current:
        place["pending"] = wanted


def patch_restart() -> None:
    """A restart is under way for one answer, and then everything that waited is so."""

    @replace(MQBackend, "reboot_broker")
    def reboot_broker(self: MQBackend, broker_id: str) -> None:
        broker: Any = self.describe_broker(broker_id)
        for name, pending in WAITING.items():
            if getattr(broker, pending, None) is not None:
                setattr(broker, name, getattr(broker, pending))
                setattr(broker, pending, None)
        configuration = broker.configurations.pop("pending", None)
        if configuration is not None:
            broker.configurations["history"].append(broker.configurations["current"])
            broker.configurations["current"] = configuration
        broker.logs.update(broker.logs.pop("pending", {}))
        restart_users(broker)
        make_log_groups(self, broker)
        broker.state = "REBOOT_IN_PROGRESS"

    @wrap(MQResponse, "describe_broker")
    def describe_broker(original: Any, self: Any) -> ActionResult:
        # moto copies the broker into the answer
        answer = original(self)
        broker = self.mq_backend.brokers[self.path.split("/")[-1]]
        broker.state = "RUNNING"
        return answer

    @replace(MQResponse, "update_broker")
    def update_broker(self: Any) -> ActionResult:
        names = {
            "authentication_strategy": "authenticationStrategy",
            "auto_minor_version_upgrade": "autoMinorVersionUpgrade",
            "configuration": "configuration",
            "engine_version": "engineVersion",
            "host_instance_type": "hostInstanceType",
            "ldap_server_metadata": "ldapServerMetadata",
            "logs": "logs",
            "maintenance_window_start_time": "maintenanceWindowStartTime",
            "security_groups": "securityGroups",
        }
        identifier = self.path.split("/")[-1]
        changes = {name: self._get_param(key) for name, key in names.items()}
        self.mq_backend.update_broker(broker_id=identifier, **changes)
        return ActionResult({"BrokerId": identifier, **{names[k]: v for k, v in changes.items() if v is not None}})


def make_log_groups(backend: MQBackend, broker: Any) -> None:
    """AWS makes the groups of a broker that logs when it is made or restarted, and keeps them for ever."""
    logs = logs_backends[backend.account_id][backend.region_name]
    for log in LOGS:
        name = f"/aws/amazonmq/broker/{broker.id}/{log}"
        if broker.logs.get(log):
            broker.logs[f"{log}LogGroup"] = name
            if name not in logs.groups:
                logs.create_log_group(name, {})
        else:
            broker.logs.pop(f"{log}LogGroup", None)
