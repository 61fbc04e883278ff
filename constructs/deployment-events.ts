import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
import { Construct } from "constructs";
import type { Context } from "./shared/context";

export interface DeploymentEventsProps {
  readonly context: Context;
  readonly topicArn: string;
  /** Write messages in the form that Slack shows; it drops every other that a rule has changed. */
  readonly forSlack: boolean;
}

/** What happened, in words; `<name>` stands for a value of the event. */
interface Story {
  readonly what: string;
  /** Free text of AWS, last and alone, so that a quotation mark in it breaks nothing. */
  readonly why: string;
  /** Anchor in docs/alarms.md. */
  readonly runbook: string;
}

/**
 * What ECS tells and no metric shows: a deployment that ECS gave up, and a task that came to an end by itself. What scaling, a
 * deployment, Spot or a person stops is none of it. Free: events of AWS's own services cost nothing (us-east-1, 2026-11).
 *
 * A service that crashes again and again sends a message each time; ECS waits longer and longer, up to 15 minutes.
 */
export class DeploymentEvents extends Construct {
  /** In `AWS/Events`, where a failed delivery is counted. */
  public readonly ruleNames: readonly string[];

  constructor(scope: Construct, id: string, { context, topicArn, forSlack }: DeploymentEventsProps) {
    super(scope, id);
    const rule = (
      ruleId: string,
      name: string,
      description: string,
      pattern: object,
      inputPaths: Readonly<Record<string, string>>,
      story: Story,
    ): string => {
      const made = new CloudwatchEventRule(this, ruleId, {
        name: `${context.name}-${name}`,
        description,
        eventPattern: JSON.stringify(pattern),
      });
      new CloudwatchEventTarget(this, `${ruleId}Target`, {
        rule: made.name,
        targetId: "alerts",
        arn: topicArn,
        inputTransformer: {
          inputPaths: { ...inputPaths },
          inputTemplate: messageTemplate(context.name, story, forSlack),
        },
      });
      return made.name;
    };
    this.ruleNames = [
      rule(
        "DeploymentFailed",
        "deployment-failed",
        "ECS gave up a deployment",
        deploymentFailedPattern(context),
        { service: "$.resources[0]", why: "$.detail.reason" },
        { what: "ECS gave up a deployment of <service>", why: "<why>", runbook: "deployment-failed" },
      ),
      rule(
        "TaskStopped",
        "task-stopped",
        "A task came to an end by itself, or did not start",
        taskStoppedPattern(context),
        {
          group: "$.detail.group",
          code: "$.detail.stopCode",
          task: "$.detail.taskArn",
          why: "$.detail.stoppedReason",
        },
        { what: "A task of <group> stopped, <code> (<task>)", why: "<why>", runbook: "task-stopped" },
      ),
    ];
  }
}

/** Deployments of this environment's services that ECS gave up, by its circuit breaker or by an alarm. */
export function deploymentFailedPattern({ account, region, name }: Context): object {
  return {
    source: ["aws.ecs"],
    "detail-type": ["ECS Deployment State Change"],
    resources: [{ prefix: `arn:aws:ecs:${region}:${account}:service/${name}/` }],
    detail: { eventName: ["SERVICE_DEPLOYMENT_FAILED"] },
  };
}

/**
 * Tasks of this environment's cluster that did not start, ran out of memory, or ended with a code other than 0. Who stopped a task
 * is in `stopCode`: `ServiceSchedulerInitiated` (scaling, deployment, failed health check), `SpotInterruption`,
 * `TerminationNotice` and `UserInitiated` are not asked for, whatever code their containers ended with.
 */
export function taskStoppedPattern({ account, region, name }: Context): object {
  return {
    source: ["aws.ecs"],
    "detail-type": ["ECS Task State Change"],
    detail: {
      clusterArn: [`arn:aws:ecs:${region}:${account}:cluster/${name}`],
      lastStatus: ["STOPPED"],
      $or: [
        { stopCode: ["TaskFailedToStart"] },
        { stopCode: ["EssentialContainerExited"], containers: { exitCode: [{ "anything-but": [0] }] } },
        // one that the kernel killed may have no exit code
        { stopCode: ["EssentialContainerExited"], containers: { reason: [{ prefix: "OutOfMemory" }] } },
      ],
    },
  };
}

/**
 * The template of a message: a sentence, or the form of a custom notification, which Slack insists on.
 * https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
function messageTemplate(environment: string, { what, why, runbook }: Story, forSlack: boolean): string {
  const todo = `What to do: docs/alarms.md#${runbook}`;
  if (!forSlack) return JSON.stringify(`${environment}: ${what}. ${todo}. AWS says: ${why}`);
  const notification = {
    version: "1.0",
    source: "custom",
    content: { textType: "client-markdown", title: `${environment}: ${what}`, description: why, nextSteps: [todo] },
  };
  // a value that stands alone is put in as JSON, quotation marks and all
  return JSON.stringify(notification).replace(JSON.stringify(why), why);
}
