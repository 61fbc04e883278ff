"""CloudFront: what a distribution was configured with, and what AWS refuses."""

from __future__ import annotations

from typing import Any

from moto.cloudfront.exceptions import CloudFrontException
from moto.cloudfront.models import CloudFrontBackend, DefaultCacheBehaviour, Distribution, Origin, ViewerCertificate

from overlay.patching import wrap


def apply() -> None:
    """Applies all patches of this module."""
    patch_configuration()
    patch_deletion()


def patch_configuration() -> None:
    """Keeps what moto drops, and leaves out what nobody asked for."""

    @wrap(Distribution, "__init__")
    def distribution(original: Any, self: Distribution, account_id: str, region_name: str, config: Any) -> None:
        original(self, account_id, region_name, config)
        # moto leaves out the place of the region, which is empty: other services refuse such an ARN
        self.arn = self.arn.replace(f":cloudfront:{account_id}:", f":cloudfront::{account_id}:")

    @wrap(Origin, "__init__")
    def origin(original: Any, self: Origin, config: dict[str, Any]) -> None:
        original(self, config)
        self.origin_access_control_id = config.get("OriginAccessControlId") or ""

    @wrap(DefaultCacheBehaviour, "__init__")
    def behaviour(original: Any, self: DefaultCacheBehaviour, config: dict[str, Any]) -> None:
        original(self, config)
        if "ForwardedValues" not in config:
            # a behaviour has these or a cache policy
            self.forwarded_values = None
        for attribute, key in (
            ("function_associations", "FunctionAssociations"),
            ("lambda_function_associations", "LambdaFunctionAssociations"),
        ):
            setattr(self, attribute, config.get(key) or {"Quantity": 0})

    @wrap(ViewerCertificate, "__init__")
    def certificate(original: Any, self: ViewerCertificate, config: dict[str, Any]) -> None:
        original(self, config)
        if self.acm_certificate_arn or self.iam_certificate_id:
            if self.acm_certificate_arn and ":us-east-1:" not in self.acm_certificate_arn:
                raise CloudFrontException("InvalidViewerCertificate", "The certificate must be in us-east-1.")
            # moto would say both: a certificate of one's own, and CloudFront's
            self.cloud_front_default_certificate = False
        else:
            self.ssl_support_method = None


def patch_deletion() -> None:
    """AWS deletes only what is disabled, and no access control that a distribution refers to."""

    @wrap(CloudFrontBackend, "delete_distribution")
    def delete_distribution(original: Any, self: CloudFrontBackend, distribution_id: str, if_match: Any) -> None:
        distribution = self.distributions.get(distribution_id)
        if distribution is not None and is_enabled(distribution):
            raise CloudFrontException(
                "DistributionNotDisabled", "The distribution you are trying to delete has not been disabled."
            )
        original(self, distribution_id, if_match)
        if distribution is not None:
            self.tagger.delete_all_tags_for_resource(distribution.arn)

    @wrap(CloudFrontBackend, "delete_origin_access_control")
    def delete_origin_access_control(original: Any, self: CloudFrontBackend, control_id: str) -> None:
        self.get_origin_access_control(control_id)
        for distribution in self.distributions.values():
            origins = distribution.distribution_config.Origins["Items"]
            if control_id in (origin.origin_access_control_id for origin in origins):
                raise CloudFrontException(
                    "OriginAccessControlInUse", f"The origin access control is used by {distribution.id}."
                )
        original(self, control_id)


def is_enabled(distribution: Distribution) -> bool:
    """The switch, which moto keeps as it came."""
    return str(distribution.distribution_config.Enabled).lower() == "true"
