"""CloudWatch: actions that are turned on and off, and a state that a changed alarm keeps."""

from __future__ import annotations

from typing import Any

from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import EmptyResult

from overlay.patching import replace, wrap


def apply() -> None:
    """Adds what moto refuses, and says what AWS says of a new alarm: nothing is known yet."""

    @replace(CloudWatchResponse, "enable_alarm_actions")
    def enable_alarm_actions(self: Any) -> EmptyResult:
        return set_actions(self, True)

    @replace(CloudWatchResponse, "disable_alarm_actions")
    def disable_alarm_actions(self: Any) -> EmptyResult:
        return set_actions(self, False)

    @wrap(CloudWatchBackend, "put_metric_alarm")
    def put_metric_alarm(original: Any, self: Any, **alarm: Any) -> Any:
        old = self.alarms.get(alarm["name"])
        new = original(self, **alarm)
        if old is None:
            new.state_value = "INSUFFICIENT_DATA"
        else:
            new.state_value, new.state_reason, new.state_reason_data = (
                old.state_value,
                old.state_reason,
                old.state_reason_data,
            )
            new.state_updated_timestamp, new.history = old.state_updated_timestamp, old.history
        return new


def set_actions(response: Any, enabled: bool) -> EmptyResult:
    """Turns the actions of all named alarms on or off; AWS says nothing about names that it does not know."""
    for name in response._get_param("AlarmNames", []):
        alarm = response.cloudwatch_backend.alarms.get(name)
        if alarm is not None:
            alarm.actions_enabled = enabled
    return EmptyResult()
