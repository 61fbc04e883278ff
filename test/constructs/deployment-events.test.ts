import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
import { DeploymentEvents } from "../../constructs/deployment-events";
import { container, deploymentChanged, taskStopped } from "../support/ecs-events";
import { matches, transformed } from "../support/event-pattern";
import { synth, type Json, type Synthesized } from "../support/synth";

function built(forSlack = false): Synthesized {
  return synth((scope, context) => {
    new DeploymentEvents(scope, "Events", { context, topicArn: "arn:aws:sns:eu-west-1:123456789012:x", forSlack });
  });
}

const stack = built();
const patternOf = (id: string): Json => JSON.parse(stack.named(CloudwatchEventRule, id)["event_pattern"]) as Json;
const messageOf = (id: string, event: Json, from: Synthesized): string =>
  transformed(from.named(CloudwatchEventTarget, `${id}Target`)["input_transformer"], event);

describe("a task", () => {
  const pattern = patternOf("Events_TaskStopped");

  test.each<[what: string, detail: Json]>([
    [
      "whose image cannot be pulled",
      {
        stopCode: "TaskFailedToStart",
        stoppedReason: "CannotPullContainerError: pull image manifest has been retried 5 time(s)",
        containers: [container({})],
      },
    ],
    [
      "whose secret cannot be read",
      {
        stopCode: "TaskFailedToStart",
        stoppedReason: "ResourceInitializationError: unable to pull secrets or registry auth",
        containers: [],
      },
    ],
    [
      "that crashed",
      {
        stopCode: "EssentialContainerExited",
        stoppedReason: "Essential container in task exited",
        containers: [container({ exitCode: 1 })],
      },
    ],
    [
      "that crashed beside a container that ended well",
      {
        stopCode: "EssentialContainerExited",
        stoppedReason: "Essential container in task exited",
        containers: [container({ name: "proxy", exitCode: 0 }), container({ exitCode: 139 })],
      },
    ],
    [
      "that ran out of memory",
      {
        stopCode: "EssentialContainerExited",
        stoppedReason: "OutOfMemoryError: Container killed due to memory usage",
        containers: [container({ exitCode: 137, reason: "OutOfMemoryError: Container killed due to memory usage" })],
      },
    ],
    [
      "that ran out of memory and left no code",
      {
        stopCode: "EssentialContainerExited",
        stoppedReason: "Essential container in task exited",
        containers: [container({ reason: "OutOfMemoryError: Container killed due to memory usage" })],
      },
    ],
    [
      "of a schedule or a migration that failed",
      {
        group: "family:shop-test-migration",
        startedBy: "release",
        stopCode: "EssentialContainerExited",
        stoppedReason: "Essential container in task exited",
        containers: [container({ exitCode: 3 })],
      },
    ],
  ])("%s is told", (_, detail) => {
    expect(matches(pattern, taskStopped(detail))).toBe(true);
  });

  test.each<[what: string, detail: Json]>([
    ["that scaling stopped", {}],
    [
      "that a deployment stopped, and that ended with 143 for it",
      { containers: [container({ exitCode: 143 })], stoppedReason: "Scaling activity initiated by (deployment x)" },
    ],
    [
      "that was killed since it did not stop in time",
      { containers: [container({ exitCode: 137, reason: "OutOfMemoryError: afterwards" })] },
    ],
    [
      "that Spot took back",
      {
        stopCode: "SpotInterruption",
        stoppedReason: "Your Spot Task was interrupted.",
        containers: [container({ exitCode: 143 })],
      },
    ],
    [
      "whose machine AWS retires",
      { stopCode: "TerminationNotice", stoppedReason: "retirement", containers: [container({ exitCode: 137 })] },
    ],
    [
      "that a person stopped",
      { stopCode: "UserInitiated", stoppedReason: "Task stopped by user", containers: [container({ exitCode: 137 })] },
    ],
    [
      "of a schedule that did its work",
      {
        group: "family:shop-test-reports",
        stopCode: "EssentialContainerExited",
        stoppedReason: "Essential container in task exited",
        containers: [container({ exitCode: 0 })],
      },
    ],
    [
      "that is on its way down",
      { lastStatus: "DEPROVISIONING", stopCode: "EssentialContainerExited", containers: [container({ exitCode: 1 })] },
    ],
    [
      "of another environment",
      {
        clusterArn: "arn:aws:ecs:eu-west-1:123456789012:cluster/shop-test-2",
        stopCode: "EssentialContainerExited",
        containers: [container({ exitCode: 1 })],
      },
    ],
  ])("%s is not", (_, detail) => {
    expect(matches(pattern, taskStopped(detail))).toBe(false);
  });

  test("that runs is not told either", () => {
    const { stopCode, stoppedReason, ...detail } = taskStopped({ lastStatus: "RUNNING", desiredStatus: "RUNNING" })[
      "detail"
    ] as Json;
    expect([stopCode, stoppedReason]).not.toContain(undefined);
    expect(matches(pattern, { ...taskStopped({}), detail })).toBe(false);
  });
});

describe("a deployment", () => {
  const pattern = patternOf("Events_DeploymentFailed");

  test.each(["ECS deployment circuit breaker: task failed to start.", "ECS deployment alarm was triggered: x"])(
    "that ECS gave up is told: %s",
    (reason) => {
      expect(matches(pattern, deploymentChanged({ reason }))).toBe(true);
    },
  );

  test.each<[what: string, event: Json]>([
    ["that began", deploymentChanged({ eventType: "INFO", eventName: "SERVICE_DEPLOYMENT_IN_PROGRESS" })],
    ["that ended well", deploymentChanged({ eventType: "INFO", eventName: "SERVICE_DEPLOYMENT_COMPLETED" })],
    ["of another environment", deploymentChanged({}, "shop-test-2/shop-test-2-api")],
    ["that is none", { ...deploymentChanged({}), "detail-type": "ECS Service Action" }],
  ])("%s is not", (_, event) => {
    expect(matches(pattern, event)).toBe(false);
  });
});

describe("the message", () => {
  const crashed = taskStopped({
    stopCode: "TaskFailedToStart",
    stoppedReason: 'CannotPullContainerError: lookup "registry": no such host',
  });

  test("of a task is a sentence, with the way to the runbook", () => {
    expect(messageOf("Events_TaskStopped", crashed, stack)).toBe(
      '"shop-test: A task of service:shop-test-api stopped, TaskFailedToStart (arn:aws:ecs:eu-west-1:123456789012:task/shop-test/' +
        "c13b4cb40f1f4fe4a2971f76ae5a47ad). What to do: docs/alarms.md#task-stopped. AWS says: " +
        'CannotPullContainerError: lookup "registry": no such host"',
    );
  });

  test("of a deployment too", () => {
    expect(messageOf("Events_DeploymentFailed", deploymentChanged({}), stack)).toBe(
      '"shop-test: ECS gave up a deployment of arn:aws:ecs:eu-west-1:123456789012:service/shop-test/shop-test-api. ' +
        'What to do: docs/alarms.md#deployment-failed. AWS says: ECS deployment circuit breaker: task failed to start."',
    );
  });

  test("has the form that Slack shows where there is Slack, whatever AWS says", () => {
    expect(JSON.parse(messageOf("Events_TaskStopped", crashed, built(true)))).toEqual({
      version: "1.0",
      source: "custom",
      content: {
        textType: "client-markdown",
        title:
          "shop-test: A task of service:shop-test-api stopped, TaskFailedToStart (arn:aws:ecs:eu-west-1:123456789012:task/shop-test/c13b4cb40f1f4fe4a2971f76ae5a47ad)",
        description: 'CannotPullContainerError: lookup "registry": no such host',
        nextSteps: ["What to do: docs/alarms.md#task-stopped"],
      },
    });
  });

  test("goes to the topic, from rules that are named after the environment", () => {
    expect(stack.all(CloudwatchEventTarget).map(({ arn, role_arn }) => [arn, role_arn])).toEqual([
      ["arn:aws:sns:eu-west-1:123456789012:x", undefined],
      ["arn:aws:sns:eu-west-1:123456789012:x", undefined],
    ]);
    expect(stack.all(CloudwatchEventRule).map(({ name }) => name)).toEqual([
      "shop-test-deployment-failed",
      "shop-test-task-stopped",
    ]);
  });
});
