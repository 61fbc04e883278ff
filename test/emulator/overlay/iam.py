"""IAM: what bounds a user, and what Terraform asks about one before it deletes the user with everything that belongs to them."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.responses import IamResponse

from overlay.patching import add, wrap


def apply() -> None:
    """Applies all patches of this module."""
    patch_boundaries()
    patch_passwords()


def patch_boundaries() -> None:
    """moto keeps the boundary of a role and forgets that of a user."""

    @wrap(IamResponse, "create_user")
    def create_user(original: Any, self: Any) -> ActionResult:
        result = original(self)
        bound(self, self._get_param("PermissionsBoundary"))
        return result

    @add(IamResponse)
    def put_user_permissions_boundary(self: Any) -> ActionResult:
        bound(self, self._get_param("PermissionsBoundary"))
        return EmptyResult()

    @add(IamResponse)
    def delete_user_permissions_boundary(self: Any) -> ActionResult:
        bound(self, None)
        return EmptyResult()


def bound(response: Any, policy_arn: str | None) -> None:
    """Keeps the boundary where moto's serializer looks for it."""
    user = response.backend.get_user(response._get_param("UserName"))
    user.permissions_boundary = (
        {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": policy_arn} if policy_arn else None
    )


def patch_passwords() -> None:
    """Nobody has passwords for single services: moto has no call that makes one."""

    @add(IamResponse)
    def list_service_specific_credentials(self: Any) -> ActionResult:
        user_name = self._get_param("UserName")
        if user_name:
            # an unknown user is an error
            self.backend.get_user(user_name)
        return ActionResult({"ServiceSpecificCredentials": []})
