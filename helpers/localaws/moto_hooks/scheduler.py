"""EventBridge Scheduler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def connect_scheduler(service: LambdaService) -> None:
    """Reasons: moto only keeps schedules and fires none; it takes expressions, targets and roles
    that AWS refuses; UpdateSchedule forgets ActionAfterCompletion.
    """
    from moto.scheduler.models import EventBridgeSchedulerBackend
    from moto.scheduler.responses import EventBridgeSchedulerResponse

    from helpers.localaws.triggers.scheduler import checks, runs

    create, update = (
        EventBridgeSchedulerBackend.create_schedule,
        EventBridgeSchedulerBackend.update_schedule,
    )
    delete_group = EventBridgeSchedulerBackend.delete_schedule_group
    update_request = EventBridgeSchedulerResponse.update_schedule

    def create_schedule(self: Any, **given: Any) -> Any:
        self.get_schedule_group(given["group_name"])
        checks.check(given)
        given["action_after_completion"] = given.get("action_after_completion") or "NONE"
        schedule = create(self, **given)
        runs.Run(service, self, schedule)
        return schedule

    def update_schedule(self: Any, **given: Any) -> Any:
        self.get_schedule(group_name=given["group_name"], name=given["name"])
        checks.check(given)
        schedule = update(self, **{**given, "state": given["state"] or "ENABLED"})
        runs.Run(service, self, schedule)
        return schedule

    def update_all(self: Any) -> str:
        answer = update_request(self)
        name = self.uri.split("?")[0].split("/")[-1]
        schedule = self.scheduler_backend.get_schedule(self._get_param("GroupName"), name)
        schedule.action_after_completion = self._get_param("ActionAfterCompletion") or "NONE"
        return answer

    def delete_schedule_group(self: Any, name: str | None) -> None:
        self.get_schedule_group(name)
        delete_group(self, name)

    def checked(operation: str, answer: Any) -> Any:
        def list_some(self: Any) -> Any:
            names = ("NamePrefix", "State", "NextToken", "MaxResults")
            checks.check_list(operation, {name: self._get_param(name) for name in names})
            return answer(self)

        return list_some

    backend: Any = EventBridgeSchedulerBackend
    backend.create_schedule, backend.update_schedule = create_schedule, update_schedule
    backend.delete_schedule_group = delete_schedule_group
    api: Any = EventBridgeSchedulerResponse
    api.update_schedule = update_all
    api.list_schedules = checked("ListSchedules", api.list_schedules)
    api.list_schedule_groups = checked("ListScheduleGroups", api.list_schedule_groups)
