import type { Json } from "./synth";

const cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop-test";

/**
 * A task of Fargate that stopped, as ECS tells it, shortened to what names, states and reasons are.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
 */
export function taskStopped(detail: Json): Json {
  const task = "arn:aws:ecs:eu-west-1:123456789012:task/shop-test/c13b4cb40f1f4fe4a2971f76ae5a47ad";
  return {
    version: "0",
    id: "3317b2af-7005-947d-b652-f55e762e571a",
    "detail-type": "ECS Task State Change",
    source: "aws.ecs",
    account: "123456789012",
    time: "2026-11-23T17:57:58Z",
    region: "eu-west-1",
    resources: [task],
    detail: {
      attachments: [
        { id: "1789bcae", type: "eni", status: "DELETED", details: [{ name: "subnetId", value: "subnet-1" }] },
      ],
      availabilityZone: "eu-west-1c",
      clusterArn: cluster,
      containers: [{ name: "app", lastStatus: "STOPPED", exitCode: 0, taskArn: task }],
      launchType: "FARGATE",
      desiredStatus: "STOPPED",
      lastStatus: "STOPPED",
      group: "service:shop-test-api",
      startedBy: "ecs-svc/1234567890123456789",
      stopCode: "ServiceSchedulerInitiated",
      stoppedReason: "Scaling activity initiated by (deployment ecs-svc/1234567890123456789)",
      taskArn: task,
      taskDefinitionArn: "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-test-api:7",
      version: 5,
      ...detail,
    },
  };
}

/** A container that ended, of a task. */
export function container(rest: Json): Json {
  return { name: "app", lastStatus: "STOPPED", ...rest };
}

/**
 * A change of a deployment.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
 */
export function deploymentChanged(detail: Json, service = "shop-test/shop-test-api"): Json {
  return {
    version: "0",
    id: "ddca6449-b258-46c0-8653-e0e3aEXAMPLE",
    "detail-type": "ECS Deployment State Change",
    source: "aws.ecs",
    account: "123456789012",
    time: "2026-11-23T12:31:14Z",
    region: "eu-west-1",
    resources: [`arn:aws:ecs:eu-west-1:123456789012:service/${service}`],
    detail: {
      eventType: "ERROR",
      eventName: "SERVICE_DEPLOYMENT_FAILED",
      deploymentId: "ecs-svc/123",
      updatedAt: "2026-11-23T11:11:11Z",
      reason: "ECS deployment circuit breaker: task failed to start.",
      ...detail,
    },
  };
}
