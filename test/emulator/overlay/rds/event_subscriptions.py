"""Event subscriptions that can be changed, and that know what they may be asked for."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import RDSClientError
from moto.rds.models import EventSubscription, RDSBackend
from moto.rds.responses import RDSResponse

from overlay.patching import add, wrap

# what DescribeEventCategories lists for an instance
INSTANCE_CATEGORIES = frozenset(
    {
        "availability",
        "backup",
        "configuration change",
        "creation",
        "deletion",
        "failover",
        "failure",
        "low storage",
        "maintenance",
        "notification",
        "read replica",
        "recovery",
        "restoration",
        "security",
        "security patching",
    }
)


def apply() -> None:
    """moto creates, lists and deletes subscriptions, of anything; AWS checks, and changes them."""

    @wrap(RDSBackend, "create_event_subscription")
    def create_event_subscription(original: Any, self: Any, request: Any) -> EventSubscription:
        source_type = request.get("source_type")
        check(self, source_type, request.get("source_ids") or [], request.get("event_categories") or [])
        return original(self, request)

    @add(RDSResponse)
    def modify_event_subscription(self: Any) -> ActionResult:
        subscription = subscription_of(self)
        source_type = self.params.get("SourceType") or subscription.source_type
        categories = self.params.get("EventCategories") or subscription.event_categories
        check(self.backend, source_type, [], categories)
        subscription.source_type = source_type
        subscription.event_categories = list(categories)
        subscription.sns_topic_arn = self.params.get("SnsTopicArn") or subscription.sns_topic_arn
        if self.params.get("Enabled") is not None:
            subscription.enabled = self.params.get("Enabled")
        return ActionResult({"EventSubscription": subscription})

    @add(RDSResponse)
    def add_source_identifier_to_subscription(self: Any) -> ActionResult:
        subscription = subscription_of(self)
        source = self.params.get("SourceIdentifier")
        check(self.backend, subscription.source_type, [source], [])
        if source not in subscription.source_ids:
            subscription.source_ids = [*subscription.source_ids, source]
        return ActionResult({"EventSubscription": subscription})

    @add(RDSResponse)
    def remove_source_identifier_from_subscription(self: Any) -> ActionResult:
        subscription = subscription_of(self)
        source = self.params.get("SourceIdentifier")
        if source not in subscription.source_ids:
            raise RDSClientError("SourceNotFound", f"The source {source} is not in the subscription.")
        subscription.source_ids = [one for one in subscription.source_ids if one != source]
        return ActionResult({"EventSubscription": subscription})


def subscription_of(response: Any) -> EventSubscription:
    """The subscription that the request names."""
    name = response.params.get("SubscriptionName")
    return next(iter(response.backend.describe_event_subscriptions(name)))


def check(backend: Any, source_type: str | None, sources: list[str], categories: list[str]) -> None:
    """Sources exist, and their kind has events of these categories."""
    if source_type != "db-instance":
        return
    for source in sources:
        if source not in backend.databases:
            raise RDSClientError("SourceNotFound", f"The source {source} does not exist.")
    unknown = [category for category in categories if category not in INSTANCE_CATEGORIES]
    if unknown:
        raise RDSClientError(
            "SubscriptionCategoryNotFound", f"There is no category {', '.join(unknown)} for db-instance."
        )
