import { fargateScheduleAlarms, scheduleGroupAlarms } from "../../../constructs/alarms/fargate-schedule-alarms";
import { during, lastState } from "../../support/spec-alarm";

const { FailedStarts } = fargateScheduleAlarms("reports", "shop-reports-failed-starts");
const { LostStarts } = scheduleGroupAlarms("shop");

test("a failed start counts until somebody empties the queue", () => {
  const kept = (value: number | undefined): string =>
    lastState(FailedStarts, { ApproximateNumberOfMessagesVisible: [...during(10, 0), ...during(600, value)] });
  expect([kept(0), kept(undefined), kept(1)]).toEqual(["OK", "OK", "ALARM"]);
});

test("a start that its queue did not get counts at once", () => {
  const lost = (value: number | undefined): string =>
    lastState(LostStarts, { InvocationsFailedToBeSentToDeadLetterCount: [...during(10, undefined), value] });
  expect([lost(undefined), lost(1)]).toEqual(["OK", "ALARM"]);
});
