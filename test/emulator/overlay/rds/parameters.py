"""Parameter groups that say which parameters the user set."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import DBParameterGroupNotFoundError
from moto.rds.models import DBParameterGroup
from moto.rds.responses import RDSResponse

from overlay.patching import add, replace, wrap


def apply() -> None:
    """Parameters that were set by the user say so, which is how the provider finds them."""

    @wrap(DBParameterGroup, "update_parameters")
    def update_parameters(original: Any, self: Any, parameters: Any) -> None:
        original(self, [{"Source": "user", "IsModifiable": True, **parameter} for parameter in parameters])

    @replace(RDSResponse, "describe_db_parameters")
    def describe_db_parameters(self: Any) -> ActionResult:
        name = self.params.get("DBParameterGroupName")
        groups = self.backend.describe_db_parameter_groups({"db_parameter_group_name": name})
        if not groups:
            raise DBParameterGroupNotFoundError(name)
        source = self.params.get("Source")
        parameters = [p for p in groups[0].parameters.values() if not source or p.get("Source") == source]
        return ActionResult({"Parameters": parameters})

    @add(RDSResponse)
    def reset_db_parameter_group(self: Any) -> ActionResult:
        name = self.params.get("DBParameterGroupName")
        group = self.backend.db_parameter_groups[name]
        if self.params.get("ResetAllParameters"):
            group.parameters.clear()
        for parameter in self.params.get("Parameters") or []:
            group.parameters.pop(parameter["ParameterName"], None)
        return ActionResult({"DBParameterGroupName": name})
