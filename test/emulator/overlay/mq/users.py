"""Users of a broker: their changes wait for its restart."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

from moto.core.responses import ActionResult, EmptyResult
from moto.mq.models import Broker, User
from moto.mq.responses import MQResponse

from overlay.mq.errors import BadRequest, Conflict
from overlay.patching import replace

MAX_USERS = 250


def apply() -> None:
    """Replaces the operations on users."""

    @replace(MQResponse, "create_user")
    def create_user(self: Any) -> EmptyResult:
        broker, name = named(self)
        change = change_of(self)
        if name in broker._users:
            raise Conflict(f"User [{name}] already exists.")
        if not re.fullmatch(r"[A-Za-z0-9._~-]{2,100}", name):
            raise BadRequest("username", f"Username [{name}] is invalid.")
        if len(broker._users) >= MAX_USERS:
            raise BadRequest("username", f"A broker has at most {MAX_USERS} users.")
        insist_on_password(change.get("password", ""))
        user: Any = User(broker.id, name)
        user.slipway_pending = {**change, "pendingChange": "CREATE"}
        broker._users[name] = user
        return EmptyResult()

    @replace(MQResponse, "update_user")
    def update_user(self: Any) -> EmptyResult:
        broker, name = named(self)
        change = change_of(self)
        user: Any = broker.get_user(name)
        if "password" in change:
            insist_on_password(change["password"])
        before = getattr(user, "slipway_pending", None) or {"pendingChange": "UPDATE"}
        if before["pendingChange"] == "DELETE":
            raise Conflict(f"User [{name}] will be deleted.")
        user.slipway_pending = {**before, **change}
        return EmptyResult()

    @replace(MQResponse, "delete_user")
    def delete_user(self: Any) -> EmptyResult:
        broker, name = named(self)
        user: Any = broker.get_user(name)
        if (getattr(user, "slipway_pending", None) or {}).get("pendingChange") == "CREATE":
            broker.delete_user(name)
        else:
            user.slipway_pending = {"pendingChange": "DELETE"}
        return EmptyResult()

    @replace(MQResponse, "describe_user")
    def describe_user(self: Any) -> ActionResult:
        broker, name = named(self)
        user: Any = broker.get_user(name)
        answer: dict[str, Any] = {
            "brokerId": broker.id,
            "consoleAccess": user.console_access,
            "groups": user.groups,
            "replicationUser": False,
            "username": name,
        }
        pending = getattr(user, "slipway_pending", None)
        if pending is not None:
            answer["pending"] = {key: value for key, value in pending.items() if key != "password"}
        return ActionResult(answer)

    @replace(MQResponse, "list_users")
    def list_users(self: Any) -> ActionResult:
        broker = self.mq_backend.describe_broker(self.path.split("/")[-2])
        return ActionResult({"brokerId": broker.id, "users": summaries(broker)})

    # DescribeBroker lists them as well
    replace(Broker, "users")(property(summaries))


def named(response: Any) -> tuple[Broker, str]:
    """The broker and the name of the user in the path of a request."""
    _, broker_id, _, name = response.path.rsplit("/", 3)
    return response.mq_backend.describe_broker(broker_id), unquote(name)


def change_of(response: Any) -> dict[str, Any]:
    """What a request says of a user, without what it leaves open."""
    body = json.loads(response.body or "{}")
    return {key: body[key] for key in ("consoleAccess", "groups", "password") if body.get(key) is not None}


def summaries(broker: Broker) -> list[dict[str, Any]]:
    """All users, with what waits for the restart."""
    users = []
    for user in broker._users.values():
        pending = getattr(user, "slipway_pending", None)
        change = {} if pending is None else {"pendingChange": pending["pendingChange"]}
        users.append({"username": user.username, **change})
    return users


def restart_users(broker: Broker) -> None:
    """What waited is so."""
    users: dict[str, Any] = broker._users
    for name, user in list(users.items()):
        pending = getattr(user, "slipway_pending", None)
        if pending is None:
            continue
        if pending["pendingChange"] == "DELETE":
            del users[name]
            continue
        user.slipway_pending = None
        user.console_access = pending.get("consoleAccess", user.console_access)
        user.groups = pending.get("groups", user.groups)


def insist_on_password(password: str) -> None:
    """https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/amazon-mq-limits.html"""
    if not 12 <= len(password) <= 250 or len(set(password)) < 4 or re.search("[,:=]", password):
        raise BadRequest("password", "The password must have 12 to 250 characters, 4 of them different, and no , : =")
