"""Budgets: changes, subscribers and tags, which moto does not have."""

from __future__ import annotations

import json
from typing import Any

from moto.budgets.exceptions import NotFoundException
from moto.budgets.models import Budget, BudgetsBackend
from moto.budgets.responses import BudgetsResponse

from overlay.patching import add, wrap


def apply() -> None:
    """Applies all patches of this module."""
    patch_changes()
    patch_notifications()
    patch_tags()


def budget_of(response: Any) -> Budget:
    """The budget that the request names."""
    account, name = response._get_param("AccountId"), response._get_param("BudgetName")
    budgets = response.backend.budgets[account]
    if name not in budgets:
        raise NotFoundException(f"Unable to get budget: {name} - the budget doesn't exist.")
    return budgets[name]


def patch_changes() -> None:
    """A changed budget keeps its notifications."""

    @add(BudgetsResponse)
    def update_budget(self: Any) -> str:
        new, account = self._get_param("NewBudget"), self._get_param("AccountId")
        budgets = self.backend.budgets[account]
        old = budgets.get(new["BudgetName"])
        if old is None:
            raise NotFoundException(f"Unable to update budget: {new['BudgetName']} - the budget doesn't exist.")
        changed = Budget({"TimePeriod": old.budget["TimePeriod"], **new}, [])
        changed.notifications = old.notifications
        budgets[new["BudgetName"]] = changed
        return "{}"


def patch_notifications() -> None:
    """Subscribers, and the default kind of a threshold."""

    @add(BudgetsResponse)
    def describe_subscribers_for_notification(self: Any) -> str:
        wanted = comparable(self._get_param("Notification"))
        for notification in budget_of(self).notifications:
            if comparable(notification.details) == wanted:
                return json.dumps({"Subscribers": notification.subscribers})
        raise NotFoundException("Unable to get subscribers - the notification doesn't exist.")

    @wrap(BudgetsBackend, "delete_notification")
    def delete_notification(
        original: Any, self: Any, account_id: str, budget_name: str, notification: dict[str, Any]
    ) -> Any:
        budget = self.budgets[account_id].get(budget_name)
        found = [n for n in budget.notifications if comparable(n.details) == comparable(notification)] if budget else []
        if not found:
            raise NotFoundException("Unable to delete notification - the notification doesn't exist.")
        return original(self, account_id, budget_name, found[0].details)

    @wrap(BudgetsBackend, "describe_notifications_for_budget")
    def describe_notifications_for_budget(original: Any, self: Any, account_id: str, budget_name: str) -> Any:
        if budget_name not in self.budgets[account_id]:
            raise NotFoundException(f"Unable to get notifications: {budget_name} - the budget doesn't exist.")
        return [{"NotificationState": "OK", **details} for details in original(self, account_id, budget_name)]


def patch_tags() -> None:
    """Tags by ARN, kept with the budget."""

    @wrap(BudgetsResponse, "create_budget")
    def create_budget(original: Any, self: Any) -> str:
        result = original(self)
        name = self._get_param("Budget")["BudgetName"]
        self.backend.budgets[self._get_param("AccountId")][name].slipway_tags = pairs(self._get_param("ResourceTags"))
        return result

    @wrap(BudgetsResponse, "update_budget")
    def update_budget(original: Any, self: Any) -> str:
        budgets, name = self.backend.budgets[self._get_param("AccountId")], self._get_param("NewBudget")["BudgetName"]
        tags = getattr(budgets.get(name), "slipway_tags", {})
        result = original(self)
        budgets[name].slipway_tags = tags
        return result

    @add(BudgetsResponse)
    def list_tags_for_resource(self: Any) -> str:
        return json.dumps({"ResourceTags": [{"Key": key, "Value": value} for key, value in tags_of(self).items()]})

    @add(BudgetsResponse)
    def tag_resource(self: Any) -> str:
        tags_of(self).update(pairs(self._get_param("ResourceTags")))
        return "{}"

    @add(BudgetsResponse)
    def untag_resource(self: Any) -> str:
        for key in self._get_param("ResourceTagKeys"):
            tags_of(self).pop(key, None)
        return "{}"


def pairs(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """A list of tags as a dictionary."""
    return {tag["Key"]: tag["Value"] for tag in tags or []}


def tags_of(response: Any) -> dict[str, str]:
    """The tags of the budget whose ARN the request names."""
    account, name = response._get_param("ResourceARN").split("::")[1].split(":budget/")
    budget = response.backend.budgets[account].get(name)
    if budget is None:
        raise NotFoundException(f"Unable to find budget {name}.")
    return budget.__dict__.setdefault("slipway_tags", {})


def comparable(notification: dict[str, Any]) -> dict[str, Any]:
    """What tells notifications apart: not the state, and a threshold is a percentage unless it says otherwise."""
    told = {key: value for key, value in notification.items() if key != "NotificationState" and value is not None}
    return {"ThresholdType": "PERCENTAGE", **told, "Threshold": float(notification["Threshold"])}
