"""Amazon Q Developer in chat applications, once AWS Chatbot: Slack channels. moto does not have this service at all."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import moto.backends
from moto import backend_index
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import BaseResponse
from moto.utilities.utils import PARTITION_NAMES

from overlay.patching import wrap

SERVICE = "chatbot"
DEFAULT_GUARDRAILS = ["arn:aws:iam::aws:policy/AdministratorAccess"]
CHANGEABLE = (
    "SlackChannelId",
    "SlackChannelName",
    "SnsTopicArns",
    "IamRoleArn",
    "LoggingLevel",
    "GuardrailPolicyArns",
    "UserAuthorizationRequired",
)


class ChatbotBackend(BaseBackend):
    """The channels of one account; the service has no regions."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.channels: dict[str, dict[str, Any]] = {}

    @property
    def _url_module(self) -> Any:
        # moto looks for a module beside this one
        return SimpleNamespace(url_bases=[r"https?://chatbot\.(.+)\.amazonaws\.com"], url_paths=URL_PATHS)

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """A new channel, unless its name or the channel itself is taken: AWS has each once per account."""
        name, channel = request["ConfigurationName"], request["SlackChannelId"]
        arn = f"arn:aws:chatbot::{self.account_id}:chat-configuration/slack-channel/{name}"
        if arn in self.channels:
            raise JsonRESTError("ConflictException", f"The chat configuration with the name {name} already exists.")
        self.refuse_taken(request["SlackTeamId"], channel)
        self.channels[arn] = {
            "ChatConfigurationArn": arn,
            "SlackTeamName": request["SlackTeamId"],
            "SlackChannelName": channel,
            "SnsTopicArns": [],
            "LoggingLevel": "NONE",
            "GuardrailPolicyArns": DEFAULT_GUARDRAILS,
            "UserAuthorizationRequired": False,
            "State": "ENABLED",
            **{key: value for key, value in request.items() if value is not None},
        }
        return self.channels[arn]

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """The channel with what the request names."""
        channel = self.find(request["ChatConfigurationArn"])
        if request.get("SlackChannelId", channel["SlackChannelId"]) != channel["SlackChannelId"]:
            self.refuse_taken(channel["SlackTeamId"], request["SlackChannelId"])
        channel.update({key: request[key] for key in CHANGEABLE if request.get(key) is not None})
        return channel

    def find(self, arn: str) -> dict[str, Any]:
        """The channel, or the error that says that there is none."""
        if arn not in self.channels:
            raise not_found(arn)
        return self.channels[arn]

    def refuse_taken(self, team: str, channel: str) -> None:
        """Raises when the account has this channel already."""
        if any((c["SlackTeamId"], c["SlackChannelId"]) == (team, channel) for c in self.channels.values()):
            raise JsonRESTError(
                "InvalidRequestException",
                f"Slack channel with ID {channel} in Slack team {team} has already been configured for AWS account "
                f"{self.account_id}",
            )


class ChatbotResponse(BaseResponse):
    """The calls that Slack channels need; every other ends as an unknown call."""

    def __init__(self) -> None:
        super().__init__(service_name=SERVICE)

    @property
    def backend(self) -> ChatbotBackend:
        return backends[self.current_account][self.partition]

    @property
    def request(self) -> dict[str, Any]:
        """The body."""
        return json.loads(self.body) if self.body else {}

    def create_slack_channel_configuration(self) -> Any:
        return answer({"ChannelConfiguration": self.backend.create(self.request)}, 201)

    def describe_slack_channel_configurations(self) -> Any:
        arn = self.request.get("ChatConfigurationArn")
        # a single one that does not exist is an empty list, no error
        found = [c for c in self.backend.channels.values() if arn in (None, c["ChatConfigurationArn"])]
        return answer({"SlackChannelConfigurations": found})

    def update_slack_channel_configuration(self) -> Any:
        return answer({"ChannelConfiguration": self.backend.update(self.request)})

    def delete_slack_channel_configuration(self) -> Any:
        arn = self.request["ChatConfigurationArn"]
        self.backend.find(arn)
        del self.backend.channels[arn]
        return answer({}, 204)

    def list_tags_for_resource(self) -> Any:
        return answer({"Tags": self.backend.find(self.request["ResourceARN"]).get("Tags", [])})

    def tag_resource(self) -> Any:
        self.change_tags({tag["TagKey"]: tag["TagValue"] for tag in self.request["Tags"]}, ())
        return answer({})

    def untag_resource(self) -> Any:
        self.change_tags({}, self.request["TagKeys"])
        return answer({})

    def change_tags(self, added: dict[str, str], removed: Any) -> None:
        """Adds and removes tags of the channel that the request names."""
        channel = self.backend.find(self.request["ResourceARN"])
        tags = {tag["TagKey"]: tag["TagValue"] for tag in channel.get("Tags", [])} | added
        channel["Tags"] = [{"TagKey": key, "TagValue": tags[key]} for key in tags if key not in removed]


URL_PATHS = {"{0}/(?P<operation>[^/]+)$": ChatbotResponse.dispatch}

backends = BackendDict(ChatbotBackend, SERVICE, use_boto3_regions=False, additional_regions=list(PARTITION_NAMES))


def apply() -> None:
    """Makes the service known to moto's dispatcher."""
    backend_index.backend_url_patterns.append((SERVICE, re.compile(r"https?://chatbot\.(.+)\.amazonaws\.com")))

    @wrap(moto.backends, "get_backend")
    def get_backend(original: Any, name: str) -> Any:
        return backends if name == SERVICE else original(name)


def answer(body: dict[str, Any], status: int = 200) -> tuple[int, dict[str, Any], str]:
    """A JSON answer."""
    return status, {"status": status, "Content-Type": "application/json"}, json.dumps(body) if status != 204 else ""


def not_found(arn: str) -> JsonRESTError:
    """The error for a channel that does not exist."""
    error = JsonRESTError("ResourceNotFoundException", f"{arn} does not exist.")
    error.code = 404
    return error
