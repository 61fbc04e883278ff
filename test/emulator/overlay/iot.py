"""IoT: one endpoint per account and region, logging, tags, and what AWS refuses to make or to delete."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, timezone
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from moto.core.responses import ActionResult, EmptyResult
from moto.iot.exceptions import InvalidRequestException, IoTClientError, ResourceNotFoundException
from moto.iot.models import FakeEndpoint, IoTBackend
from moto.iot.responses import IoTResponse

from overlay.patching import add, replace, wrap

# https://docs.aws.amazon.com/general/latest/gr/iot-core.html
MAX_POLICY_CHARACTERS = 2048


class MalformedPolicyException(IoTClientError):
    """A policy that AWS does not take."""

    def __init__(self, message: str) -> None:
        super().__init__("MalformedPolicyException", message)


def apply() -> None:
    """Applies all patches of this module."""
    patch_certificates()
    patch_endpoint()
    patch_logging()
    patch_policies()
    patch_thing_types()
    patch_tags()


def patch_certificates() -> None:
    """A certificate has the key of its request, and is inactive unless asked; moto makes up a key, and is always asked."""

    @replace(IoTBackend, "create_certificate_from_csr")
    def create_certificate_from_csr(self: IoTBackend, csr: str, set_as_active: Any) -> Any:
        try:
            request = x509.load_pem_x509_csr(csr.encode())
        except ValueError as error:
            raise InvalidRequestException("The certificate signing request is malformed.") from error
        if not request.is_signature_valid:
            raise InvalidRequestException("The certificate signing request has a wrong signature.")
        authority = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(timezone.utc)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(request.subject)
            .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Emulated authority")]))
            .public_key(request.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now)
            .not_valid_after(now + timedelta(days=365))
            .sign(authority, hashes.SHA256())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        active = str(set_as_active).lower() == "true"
        return self.register_certificate(pem, ca_certificate_pem=None, set_as_active=active, status="INACTIVE")


def patch_endpoint() -> None:
    """An account has one endpoint of a kind; moto makes up another for each request."""

    @wrap(IoTBackend, "describe_endpoint")
    def describe_endpoint(original: Any, self: IoTBackend, endpoint_type: str) -> FakeEndpoint:
        endpoint: FakeEndpoint = original(self, endpoint_type)
        made_up, rest = endpoint.endpoint.split(".", 1)
        suffix = "-ats" if made_up.endswith("-ats") else ""
        own = hashlib.sha256(f"{self.account_id} {self.region_name}".encode()).hexdigest()[:14]
        endpoint.endpoint = f"a{own[1:]}{suffix}.{rest}"
        return endpoint


class NotConfiguredException(IoTClientError):
    """The answer of an account in which nobody has set how things log."""

    def __init__(self) -> None:
        super().__init__("NotConfiguredException", "Logging is not configured.")


LOGGING_DEFAULTS = {"defaultLogLevel": "ERROR", "disableAllLogs": False}


def patch_logging() -> None:
    """A setting of the account in a region, which can be changed and not taken back."""

    @add(IoTResponse)
    def set_v2_logging_options(self: Any) -> EmptyResult:
        wish = {key: self._get_param(key) for key in ("roleArn", "defaultLogLevel", "disableAllLogs")}
        options = self.iot_backend.__dict__.setdefault("slipway_logging", dict(LOGGING_DEFAULTS))
        options.update({key: value for key, value in wish.items() if value is not None})
        return EmptyResult()

    @add(IoTResponse)
    def get_v2_logging_options(self: Any) -> ActionResult:
        options = getattr(self.iot_backend, "slipway_logging", None)
        if options is None:
            raise NotConfiguredException()
        return ActionResult(options)


def patch_policies() -> None:
    """A policy has a limit, in which spaces do not count."""

    def insist_on_size(document: str) -> None:
        characters = len("".join(document.split()))
        if characters > MAX_POLICY_CHARACTERS:
            raise MalformedPolicyException(f"Policy document has {characters} characters.")

    @wrap(IoTBackend, "create_policy")
    def create_policy(original: Any, self: IoTBackend, policy_name: str, policy_document: Any) -> Any:
        insist_on_size(policy_document)
        return original(self, policy_name, policy_document)

    @wrap(IoTBackend, "create_policy_version")
    def create_policy_version(
        original: Any, self: IoTBackend, policy_name: str, policy_document: Any, set_as_default: bool
    ) -> Any:
        insist_on_size(policy_document)
        return original(self, policy_name, policy_document, set_as_default)


def patch_thing_types() -> None:
    """A type is deleted once it was given up and no thing has it. AWS also lets five minutes pass, not here."""

    @wrap(IoTBackend, "delete_thing_type")
    def delete_thing_type(original: Any, self: IoTBackend, thing_type_name: str) -> None:
        thing_type = self.describe_thing_type(thing_type_name)
        if not thing_type.metadata["deprecated"]:
            raise InvalidRequestException(f"Cannot delete thing type {thing_type_name}: it is not deprecated.")
        if any(thing.thing_type is thing_type for thing in self.things.values()):
            raise InvalidRequestException(f"Cannot delete thing type {thing_type_name}: things have it.")
        original(self, thing_type_name)


def tags_of(backend: IoTBackend, arn: str) -> dict[str, str]:
    """The tags of a policy or a thing type that there is."""
    own = [*backend.policies.values(), *backend.thing_types.values()]
    found = next((item for item in own if item.arn == arn), None)
    if found is None:
        if ":policy/" in arn or ":thingtype/" in arn:
            raise ResourceNotFoundException()
        raise NotImplementedError(f"tags of {arn}")
    # with the thing itself, so that they go with it
    return found.__dict__.setdefault("slipway_tags", {})


def tags_from(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """Tags as a request has them."""
    return {tag["Key"]: tag.get("Value", "") for tag in tags or []}


def patch_tags() -> None:
    """Adds the tag operations, and keeps the tags of a request that makes something."""

    @wrap(IoTResponse, "create_policy")
    def create_policy(original: Any, self: IoTResponse) -> ActionResult:
        result = original(self)
        policy = self.iot_backend.get_policy(self._get_param("policyName"))
        tags_of(self.iot_backend, policy.arn).update(tags_from(self._get_param("tags")))
        return result

    @wrap(IoTResponse, "create_thing_type")
    def create_thing_type(original: Any, self: IoTResponse) -> ActionResult:
        result = original(self)
        thing_type = self.iot_backend.describe_thing_type(self._get_param("thingTypeName"))
        tags_of(self.iot_backend, thing_type.arn).update(tags_from(self._get_param("tags")))
        return result

    @add(IoTResponse)
    def tag_resource(self: Any) -> EmptyResult:
        tags_of(self.iot_backend, self._get_param("resourceArn")).update(tags_from(self._get_param("tags")))
        return EmptyResult()

    @add(IoTResponse)
    def untag_resource(self: Any) -> EmptyResult:
        tags = tags_of(self.iot_backend, self._get_param("resourceArn"))
        for key in self._get_param("tagKeys") or []:
            tags.pop(key, None)
        return EmptyResult()

    @add(IoTResponse)
    def list_tags_for_resource(self: Any) -> ActionResult:
        tags = tags_of(self.iot_backend, self._get_param("resourceArn"))
        return ActionResult({"tags": [{"Key": key, "Value": value} for key, value in tags.items()]})
