"""Cost Explorer: monitors of cost anomalies and who is told of them, which moto does not have."""

from __future__ import annotations

import json
import uuid
from typing import Any

from moto.ce.models import CostExplorerBackend
from moto.ce.responses import CostExplorerResponse
from moto.core.exceptions import JsonRESTError

from overlay.patching import add, wrap

CREATED = "2026-01-01T00:00:00Z"


def apply() -> None:
    """Applies all patches of this module."""
    patch_monitors()
    patch_subscriptions()
    patch_tags()


def monitors_of(backend: CostExplorerBackend) -> dict[str, dict[str, Any]]:
    """Monitors by ARN."""
    return backend.__dict__.setdefault("slipway_monitors", {})


def subscriptions_of(backend: CostExplorerBackend) -> dict[str, dict[str, Any]]:
    """Subscriptions by ARN."""
    return backend.__dict__.setdefault("slipway_subscriptions", {})


def found(things: dict[str, dict[str, Any]], arn: str, kind: str) -> dict[str, Any]:
    """What has this ARN, or the error of AWS for what has not."""
    if arn not in things:
        raise JsonRESTError(f"Unknown{kind.capitalize()}Exception", f"There is no {kind} {arn}.")
    return things[arn]


def patch_monitors() -> None:
    """An account watches all its services once: a second monitor of that kind is one too many."""

    @add(CostExplorerResponse)
    def create_anomaly_monitor(self: Any) -> str:
        monitors, monitor = monitors_of(self.ce_backend), self._get_param("AnomalyMonitor")
        is_of_services = monitor["MonitorType"] == "DIMENSIONAL"
        if is_of_services and any(other["MonitorType"] == "DIMENSIONAL" for other in monitors.values()):
            raise JsonRESTError("LimitExceededException", "Limit exceeded on dimensional spend monitor creation")
        arn = f"arn:aws:ce::{self.current_account}:anomalymonitor/{uuid.uuid4()}"
        dates = {"CreationDate": CREATED, "LastUpdatedDate": CREATED}
        monitors[arn] = {**monitor, **dates, "MonitorArn": arn}
        self.ce_backend.tag_resource(arn, self._get_param("ResourceTags") or [])
        return json.dumps({"MonitorArn": arn})

    @add(CostExplorerResponse)
    def get_anomaly_monitors(self: Any) -> str:
        monitors, wanted = monitors_of(self.ce_backend), self._get_param("MonitorArnList")
        chosen = [found(monitors, arn, "monitor") for arn in wanted] if wanted else list(monitors.values())
        return json.dumps({"AnomalyMonitors": chosen})

    @add(CostExplorerResponse)
    def update_anomaly_monitor(self: Any) -> str:
        monitor = found(monitors_of(self.ce_backend), self._get_param("MonitorArn"), "monitor")
        monitor["MonitorName"] = self._get_param("MonitorName") or monitor["MonitorName"]
        return json.dumps({"MonitorArn": monitor["MonitorArn"]})

    @add(CostExplorerResponse)
    def delete_anomaly_monitor(self: Any) -> str:
        monitors, arn = monitors_of(self.ce_backend), self._get_param("MonitorArn")
        found(monitors, arn, "monitor")
        del monitors[arn]
        return "{}"


def patch_subscriptions() -> None:
    """A subscription is of monitors that are there."""

    def insist_on_monitors(backend: CostExplorerBackend, arns: list[str]) -> None:
        for arn in arns:
            found(monitors_of(backend), arn, "monitor")

    @add(CostExplorerResponse)
    def create_anomaly_subscription(self: Any) -> str:
        subscription = self._get_param("AnomalySubscription")
        insist_on_monitors(self.ce_backend, subscription["MonitorArnList"])
        arn = f"arn:aws:ce::{self.current_account}:anomalysubscription/{uuid.uuid4()}"
        own = {"SubscriptionArn": arn, "AccountId": self.current_account}
        subscriptions_of(self.ce_backend)[arn] = {**subscription, **own}
        self.ce_backend.tag_resource(arn, self._get_param("ResourceTags") or [])
        return json.dumps({"SubscriptionArn": arn})

    @add(CostExplorerResponse)
    def get_anomaly_subscriptions(self: Any) -> str:
        subscriptions, wanted = subscriptions_of(self.ce_backend), self._get_param("SubscriptionArnList")
        chosen = [found(subscriptions, arn, "subscription") for arn in wanted] if wanted else subscriptions.values()
        monitor = self._get_param("MonitorArn")
        listed = [one for one in chosen if not monitor or monitor in one["MonitorArnList"]]
        return json.dumps({"AnomalySubscriptions": listed})

    @add(CostExplorerResponse)
    def update_anomaly_subscription(self: Any) -> str:
        subscription = found(subscriptions_of(self.ce_backend), self._get_param("SubscriptionArn"), "subscription")
        insist_on_monitors(self.ce_backend, self._get_param("MonitorArnList") or [])
        for field in ("Frequency", "MonitorArnList", "Subscribers", "SubscriptionName", "Threshold"):
            if self._get_param(field) is not None:
                subscription[field] = self._get_param(field)
        if self._get_param("ThresholdExpression") is not None:
            subscription["ThresholdExpression"] = self._get_param("ThresholdExpression")
        return json.dumps({"SubscriptionArn": subscription["SubscriptionArn"]})

    @add(CostExplorerResponse)
    def delete_anomaly_subscription(self: Any) -> str:
        subscriptions, arn = subscriptions_of(self.ce_backend), self._get_param("SubscriptionArn")
        found(subscriptions, arn, "subscription")
        del subscriptions[arn]
        return "{}"


def patch_tags() -> None:
    """Tags of what is there: moto's own tagger knows any ARN."""

    @wrap(CostExplorerResponse, "list_tags_for_resource")
    def list_tags_for_resource(original: Any, self: Any) -> str:
        arn = self._get_param("ResourceArn")
        if ":anomalymonitor/" in arn:
            found(monitors_of(self.ce_backend), arn, "monitor")
        if ":anomalysubscription/" in arn:
            found(subscriptions_of(self.ce_backend), arn, "subscription")
        return original(self)
