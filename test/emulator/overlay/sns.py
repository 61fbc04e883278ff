"""SNS: e-mail subscriptions that wait for a person, and topic policies as AWS stores them."""

from __future__ import annotations

import json
from typing import Any

from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend

from overlay.patching import wrap

# what a topic policy can allow or deny; AWS refuses everything else
POLICY_ACTIONS = {
    "addpermission",
    "deletetopic",
    "getdataprotectionpolicy",
    "gettopicattributes",
    "listsubscriptionsbytopic",
    "listtagsforresource",
    "publish",
    "putdataprotectionpolicy",
    "receive",
    "removepermission",
    "settopicattributes",
    "subscribe",
}


def apply() -> None:
    """Applies all patches of this module."""
    patch_subscriptions()
    patch_policies()


def patch_subscriptions() -> None:
    """Nobody reads the e-mail here, so such a subscription stays pending, and nobody can end it but with its topic."""

    @wrap(SNSBackend, "subscribe")
    def subscribe(original: Any, self: Any, topic_arn: str, endpoint: str, protocol: str) -> Any:
        subscription = original(self, topic_arn, endpoint, protocol)
        if protocol in ("email", "email-json"):
            subscription.attributes["PendingConfirmation"] = True
            subscription.attributes["ConfirmationWasAuthenticated"] = False
        return subscription

    @wrap(SNSBackend, "unsubscribe")
    def unsubscribe(original: Any, self: Any, subscription_arn: str) -> Any:
        subscription = self.subscriptions.get(subscription_arn)
        if subscription is not None and subscription.attributes["PendingConfirmation"]:
            raise SNSInvalidParameter(
                "Invalid parameter: SubscriptionArn Reason: "
                "Cannot unsubscribe a subscription that is pending confirmation"
            )
        return original(self, subscription_arn)


def patch_policies() -> None:
    """Refuses actions that are none of a topic, and writes everybody the way AWS does."""

    @wrap(SNSBackend, "set_topic_attribute")
    def set_topic_attribute(original: Any, self: Any, topic_arn: str, attribute_name: str, attribute_value: Any) -> Any:
        if attribute_name == "policy":
            attribute_value = stored_policy(attribute_value)
        return original(self, topic_arn, attribute_name, attribute_value)


def stored_policy(text: str) -> str:
    """The policy as AWS gives it back: `"*"` is `{"AWS": "*"}`."""
    policy = json.loads(text)
    for statement in policy["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        for action in actions:
            service, _, name = action.lower().partition(":")
            if service != "sns" or (name not in POLICY_ACTIONS):
                raise SNSInvalidParameter("Invalid parameter: Policy statement action out of service scope!")
        if statement.get("Principal") == "*":
            statement["Principal"] = {"AWS": "*"}
    return json.dumps(policy)
