"""Topics, Slack channels, budgets, alarms and rules of the monitoring."""

from __future__ import annotations

import json
import unittest

from support import ACCOUNT, OTHER_ACCOUNT, client, control, inventory, unique


class TopicTest(unittest.TestCase):
    def setUp(self) -> None:
        self.sns = client("sns")
        self.topic = self.sns.create_topic(Name=unique("topic"))["TopicArn"]

    def subscribe(self, protocol: str, endpoint: str) -> str:
        """The ARN of a new subscription."""
        return self.sns.subscribe(
            TopicArn=self.topic, Protocol=protocol, Endpoint=endpoint, ReturnSubscriptionArn=True
        )["SubscriptionArn"]

    def pending(self, subscription: str) -> str:
        """Whether it waits for a confirmation."""
        return self.sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]["PendingConfirmation"]

    def test_email_waits_for_a_person_and_goes_with_its_topic_alone(self) -> None:
        email, https = self.subscribe("email", "a@example.com"), self.subscribe("https", "https://x.example.com")
        self.assertEqual((self.pending(email), self.pending(https)), ("true", "false"))
        with self.assertRaisesRegex(self.sns.exceptions.InvalidParameterException, "pending confirmation"):
            self.sns.unsubscribe(SubscriptionArn=email)
        self.sns.unsubscribe(SubscriptionArn=https)
        listed = inventory("sns")
        self.assertIn(f"subscription {email}", listed)
        self.assertNotIn(f"subscription {https}", listed)
        self.sns.delete_topic(TopicArn=self.topic)
        self.assertEqual([item for item in inventory("sns") if self.topic in item], [])

    def put_policy(self, **statement: object) -> list[dict[str, object]]:
        """The statements that AWS stores for one statement."""
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Resource": self.topic, **statement}]}
        self.sns.set_topic_attributes(TopicArn=self.topic, AttributeName="Policy", AttributeValue=json.dumps(policy))
        stored = self.sns.get_topic_attributes(TopicArn=self.topic)["Attributes"]["Policy"]
        return json.loads(stored)["Statement"]

    def test_everybody_in_a_policy_is_written_as_aws_does(self) -> None:
        self.assertEqual(self.put_policy(Principal="*", Action="sns:Publish")[0]["Principal"], {"AWS": "*"})
        service = {"Service": "events.amazonaws.com"}
        self.assertEqual(self.put_policy(Principal=service, Action=["sns:Publish"])[0]["Principal"], service)

    def test_policy_with_actions_of_something_else_is_refused(self) -> None:
        for action in ("sns:*", "sns:CreateTopic", "sqs:SendMessage", ["sns:Publish", "sns:Unsubscribe"]):
            with self.assertRaisesRegex(self.sns.exceptions.InvalidParameterException, "out of service scope"):
                self.put_policy(Principal="*", Action=action)


class SlackChannelTest(unittest.TestCase):
    def setUp(self) -> None:
        self.chatbot = client("chatbot")
        self.name, self.channel = unique("alerts"), unique("C").upper()

    def create(self, **settings: object) -> dict[str, object]:
        """A new channel."""
        asked = {
            "SlackTeamId": "T012AB3C4",
            "SlackChannelId": self.channel,
            "IamRoleArn": f"arn:aws:iam::{ACCOUNT}:role/slack",
            "ConfigurationName": self.name,
            **settings,
        }
        return self.chatbot.create_slack_channel_configuration(**asked)["ChannelConfiguration"]

    def found(self, arn: object, **settings: str) -> list[dict[str, object]]:
        """What there is of an ARN."""
        return client("chatbot", **settings).describe_slack_channel_configurations(ChatConfigurationArn=arn)[
            "SlackChannelConfigurations"
        ]

    def test_channel_comes_with_defaults_is_changed_and_goes(self) -> None:
        made = self.create(Tags=[{"TagKey": "project", "TagValue": "p"}])
        arn = made["ChatConfigurationArn"]
        self.assertEqual(arn, f"arn:aws:chatbot::{ACCOUNT}:chat-configuration/slack-channel/{self.name}")
        fields = ("LoggingLevel", "GuardrailPolicyArns", "UserAuthorizationRequired", "SnsTopicArns")
        defaults = ["NONE", ["arn:aws:iam::aws:policy/AdministratorAccess"], False, []]
        self.assertEqual([made[field] for field in fields], defaults)
        self.assertIn(f"slack-channel {arn}", inventory("chatbot"))

        topics = ["arn:aws:sns:eu-west-1:111111111111:a", "arn:aws:sns:us-east-1:111111111111:a"]
        changed = self.chatbot.update_slack_channel_configuration(
            ChatConfigurationArn=arn, SlackChannelId=self.channel, SnsTopicArns=topics, LoggingLevel="ERROR"
        )["ChannelConfiguration"]
        self.assertEqual((changed["SnsTopicArns"], changed["LoggingLevel"]), (topics, "ERROR"))
        # the service has no regions
        self.assertEqual(self.found(arn, region="eu-west-1")[0]["SnsTopicArns"], topics)

        self.chatbot.delete_slack_channel_configuration(ChatConfigurationArn=arn)
        self.assertEqual(self.found(arn), [])
        self.assertNotIn(f"slack-channel {arn}", inventory("chatbot"))
        with self.assertRaises(self.chatbot.exceptions.ResourceNotFoundException):
            self.chatbot.list_tags_for_resource(ResourceARN=arn)

    def test_tags(self) -> None:
        arn = self.create(Tags=[{"TagKey": "project", "TagValue": "p"}])["ChatConfigurationArn"]
        self.chatbot.tag_resource(ResourceARN=arn, Tags=[{"TagKey": "stack", "TagValue": "dev"}])
        self.chatbot.untag_resource(ResourceARN=arn, TagKeys=["project"])
        tags = self.chatbot.list_tags_for_resource(ResourceARN=arn)["Tags"]
        self.assertEqual(tags, [{"TagKey": "stack", "TagValue": "dev"}])

    def test_account_has_a_channel_once(self) -> None:
        self.create()
        with self.assertRaisesRegex(self.chatbot.exceptions.ClientError, "already been configured"):
            self.create(ConfigurationName=unique("other"))
        with self.assertRaises(self.chatbot.exceptions.ConflictException):
            self.create(SlackChannelId=unique("C").upper())
        other = client("chatbot", OTHER_ACCOUNT).create_slack_channel_configuration(
            SlackTeamId="T012AB3C4",
            SlackChannelId=self.channel,
            IamRoleArn=f"arn:aws:iam::{OTHER_ACCOUNT}:role/slack",
            ConfigurationName=self.name,
        )
        self.assertIn(OTHER_ACCOUNT, other["ChannelConfiguration"]["ChatConfigurationArn"])

    def test_other_calls_of_the_service_are_unknown(self) -> None:
        with self.assertRaises(self.chatbot.exceptions.ClientError) as raised:
            self.chatbot.describe_slack_workspaces()
        self.assertEqual(raised.exception.response["ResponseMetadata"]["HTTPStatusCode"], 501)
        self.assertIn("DescribeSlackWorkspaces", [c["operation"] for c in control("unknown-calls")])


class BudgetTest(unittest.TestCase):
    def setUp(self) -> None:
        self.budgets = client("budgets")
        self.name = unique("budget")
        self.asked = {
            "BudgetName": self.name,
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "60", "Unit": "USD"},
        }
        self.half = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 50}
        self.of = {"AccountId": ACCOUNT, "BudgetName": self.name}
        self.budgets.create_budget(
            AccountId=ACCOUNT,
            Budget=self.asked,
            NotificationsWithSubscribers=[
                {"Notification": self.half, "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "a@example.com"}]}
            ],
            ResourceTags=[{"Key": "project", "Value": "p"}],
        )
        self.arn = f"arn:aws:budgets::{ACCOUNT}:budget/{self.name}"

    def tags(self) -> list[dict[str, str]]:
        """What ListTagsForResource says."""
        return self.budgets.list_tags_for_resource(ResourceARN=self.arn)["ResourceTags"]

    def test_change_keeps_notifications_tags_and_period(self) -> None:
        before = self.budgets.describe_budget(**self.of)["Budget"]
        changed = {**self.asked, "BudgetLimit": {"Amount": "90", "Unit": "USD"}}
        self.budgets.update_budget(AccountId=ACCOUNT, NewBudget=changed)
        after = self.budgets.describe_budget(**self.of)["Budget"]
        self.assertEqual((after["BudgetLimit"]["Amount"], after["TimePeriod"]), ("90", before["TimePeriod"]))
        self.assertEqual(len(self.budgets.describe_notifications_for_budget(**self.of)["Notifications"]), 1)
        self.assertEqual(self.tags(), [{"Key": "project", "Value": "p"}])
        with self.assertRaises(self.budgets.exceptions.NotFoundException):
            self.budgets.update_budget(AccountId=ACCOUNT, NewBudget={**changed, "BudgetName": unique("none")})

    def test_subscribers_are_found_by_what_a_notification_is(self) -> None:
        [listed] = self.budgets.describe_notifications_for_budget(**self.of)["Notifications"]
        self.assertEqual(listed["NotificationState"], "OK")
        found = self.budgets.describe_subscribers_for_notification(**self.of, Notification=listed)["Subscribers"]
        self.assertEqual(found, [{"SubscriptionType": "EMAIL", "Address": "a@example.com"}])
        with self.assertRaises(self.budgets.exceptions.NotFoundException):
            self.budgets.describe_subscribers_for_notification(
                **self.of, Notification={**self.half, "NotificationType": "FORECASTED"}
            )
        # a percentage is what a threshold is unless it says otherwise
        self.budgets.delete_notification(**self.of, Notification={**self.half, "ThresholdType": "PERCENTAGE"})
        self.assertEqual(self.budgets.describe_notifications_for_budget(**self.of)["Notifications"], [])
        with self.assertRaises(self.budgets.exceptions.NotFoundException):
            self.budgets.delete_notification(**self.of, Notification=self.half)

    def test_tags_come_and_go_with_the_budget(self) -> None:
        self.budgets.tag_resource(ResourceARN=self.arn, ResourceTags=[{"Key": "stack", "Value": "dev"}])
        self.budgets.untag_resource(ResourceARN=self.arn, ResourceTagKeys=["project"])
        self.assertEqual(self.tags(), [{"Key": "stack", "Value": "dev"}])
        self.assertIn(f"budget {self.name}", inventory("budgets"))
        self.budgets.delete_budget(**self.of)
        self.assertNotIn(f"budget {self.name}", inventory("budgets"))
        with self.assertRaises(self.budgets.exceptions.NotFoundException):
            self.tags()


class AlarmTest(unittest.TestCase):
    def setUp(self) -> None:
        self.cloudwatch = client("cloudwatch")
        self.name = unique("alarm")

    def put(self, **settings: object) -> None:
        """An alarm on one metric."""
        asked = {
            "AlarmName": self.name,
            "Namespace": "AWS/ApplicationELB",
            "MetricName": "TargetResponseTime",
            "ExtendedStatistic": "p95",
            "EvaluateLowSampleCountPercentile": "evaluate",
            "Period": 60,
            "EvaluationPeriods": 5,
            "DatapointsToAlarm": 3,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "ActionsEnabled": False,
        }
        self.cloudwatch.put_metric_alarm(**{**asked, **settings})

    def alarm(self) -> dict[str, object]:
        """What DescribeAlarms says."""
        return self.cloudwatch.describe_alarms(AlarmNames=[self.name])["MetricAlarms"][0]

    def test_actions_are_turned_on_and_off(self) -> None:
        self.put()
        self.assertIs(self.alarm()["ActionsEnabled"], False)
        self.cloudwatch.enable_alarm_actions(AlarmNames=[self.name, "no-such-alarm"])
        self.assertIs(self.alarm()["ActionsEnabled"], True)
        self.cloudwatch.disable_alarm_actions(AlarmNames=[self.name])
        self.assertIs(self.alarm()["ActionsEnabled"], False)

    def test_new_alarm_knows_nothing_and_a_changed_one_keeps_its_state(self) -> None:
        self.put()
        self.assertEqual(self.alarm()["StateValue"], "INSUFFICIENT_DATA")
        self.cloudwatch.set_alarm_state(AlarmName=self.name, StateValue="ALARM", StateReason="test")
        self.put(Threshold=2)
        self.assertEqual((self.alarm()["StateValue"], self.alarm()["Threshold"]), ("ALARM", 2))
        self.assertEqual(inventory("cloudwatch")[f"alarm {self.name}"], "ALARM")

    def test_fields_of_a_percentile_and_of_an_expression_are_kept(self) -> None:
        self.put()
        alarm = self.alarm()
        self.assertEqual(
            (alarm["ExtendedStatistic"], alarm["EvaluateLowSampleCountPercentile"], alarm["DatapointsToAlarm"]),
            ("p95", "evaluate", 3),
        )
        metric = {"Namespace": "AWS/SNS", "MetricName": "X", "Dimensions": [{"Name": "TopicName", "Value": "t"}]}
        queries = [
            {"Id": "result", "Expression": "FILL(a, 0)", "Label": "l", "ReturnData": True},
            {"Id": "a", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "p95"}, "ReturnData": False},
        ]
        name = unique("alarm")
        self.cloudwatch.put_metric_alarm(
            AlarmName=name,
            Metrics=queries,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
        )
        self.assertEqual(self.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["Metrics"], queries)


class RuleTest(unittest.TestCase):
    def test_target_keeps_its_transformer(self) -> None:
        events, name = client("events"), unique("rule")
        events.put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.ecs"], "detail": {"$or": [{"a": [1]}]}}))
        transformer = {"InputPathsMap": {"why": "$.detail.reason"}, "InputTemplate": '"AWS says: <why>"'}
        target = {"Id": "alerts", "Arn": f"arn:aws:sns:us-east-1:{ACCOUNT}:x", "InputTransformer": transformer}
        events.put_targets(Rule=name, Targets=[target])
        self.assertEqual(events.list_targets_by_rule(Rule=name)["Targets"], [target])
        self.assertIn(f"rule default/{name}", inventory("events"))
        events.remove_targets(Rule=name, Ids=["alerts"])
        events.delete_rule(Name=name)
        self.assertNotIn(f"rule default/{name}", inventory("events"))
