"""Cost Explorer: one monitor of all services, its subscriptions, and their tags."""

from __future__ import annotations

import unittest

from support import client, inventory

# the limit is one per account: nothing else may use this one
ACCOUNT = "444444444444"


class CostAnomaliesTest(unittest.TestCase):
    def setUp(self) -> None:
        self.ce = client("ce", ACCOUNT)
        self.monitor = {"MonitorName": "all", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
        self.subscription = {
            "SubscriptionName": "told",
            "Frequency": "DAILY",
            "Subscribers": [{"Type": "EMAIL", "Address": "alerts@example.com"}],
            "ThresholdExpression": {
                "Dimensions": {
                    "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                    "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
                    "Values": ["20"],
                }
            },
        }

    def refused(self, code: str, operation: str, **request: object) -> None:
        """The call is refused with this code."""
        with self.assertRaises(self.ce.exceptions.ClientError) as raised:
            getattr(self.ce, operation)(**request)
        self.assertEqual(raised.exception.response["Error"]["Code"], code)

    def test_monitor_and_subscription_come_and_go(self) -> None:
        tags = [{"Key": "project", "Value": "slipway"}]
        monitor = self.ce.create_anomaly_monitor(AnomalyMonitor=self.monitor, ResourceTags=tags)["MonitorArn"]
        self.refused("LimitExceededException", "create_anomaly_monitor", AnomalyMonitor=self.monitor)
        [listed] = self.ce.get_anomaly_monitors()["AnomalyMonitors"]
        self.assertEqual({**listed, **self.monitor, "MonitorArn": monitor}, listed)
        self.assertEqual(self.ce.list_tags_for_resource(ResourceArn=monitor)["ResourceTags"], tags)
        self.ce.update_anomaly_monitor(MonitorArn=monitor, MonitorName="every")
        [changed] = self.ce.get_anomaly_monitors(MonitorArnList=[monitor])["AnomalyMonitors"]
        self.assertEqual(changed["MonitorName"], "every")

        wish = {**self.subscription, "MonitorArnList": [monitor]}
        subscription = self.ce.create_anomaly_subscription(AnomalySubscription=wish, ResourceTags=tags)[
            "SubscriptionArn"
        ]
        [one] = self.ce.get_anomaly_subscriptions(MonitorArn=monitor)["AnomalySubscriptions"]
        self.assertEqual({**one, **wish, "SubscriptionArn": subscription, "AccountId": ACCOUNT}, one)
        self.ce.update_anomaly_subscription(SubscriptionArn=subscription, SubscriptionName="heard")
        [other] = self.ce.get_anomaly_subscriptions(SubscriptionArnList=[subscription])["AnomalySubscriptions"]
        self.assertEqual(other, {**one, "SubscriptionName": "heard"})

        listed_too = {f"anomaly-monitor {monitor}", f"anomaly-subscription {subscription}"}
        self.assertEqual(set(inventory("ce", ACCOUNT)), listed_too)
        self.ce.delete_anomaly_subscription(SubscriptionArn=subscription)
        self.ce.delete_anomaly_monitor(MonitorArn=monitor)
        self.assertEqual(inventory("ce", ACCOUNT), {})

    def test_what_is_not_there_is_unknown(self) -> None:
        monitor = f"arn:aws:ce::{ACCOUNT}:anomalymonitor/none"
        subscription = f"arn:aws:ce::{ACCOUNT}:anomalysubscription/none"
        self.refused("UnknownMonitorException", "get_anomaly_monitors", MonitorArnList=[monitor])
        self.refused("UnknownMonitorException", "delete_anomaly_monitor", MonitorArn=monitor)
        self.refused("UnknownMonitorException", "list_tags_for_resource", ResourceArn=monitor)
        wish = {**self.subscription, "MonitorArnList": [monitor]}
        self.refused("UnknownMonitorException", "create_anomaly_subscription", AnomalySubscription=wish)
        for operation in ("delete_anomaly_subscription", "update_anomaly_subscription"):
            self.refused("UnknownSubscriptionException", operation, SubscriptionArn=subscription)
        self.refused("UnknownSubscriptionException", "list_tags_for_resource", ResourceArn=subscription)
