import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { watchAll, type MadeAlarms } from "./alarms/watch-all";
import { webTargetAlarms } from "./alarms/web-target-alarms";
import type { LoadBalancer } from "./load-balancer";
import type { Monitoring } from "./monitoring";
import type { WebServiceSettings } from "./settings/fargate-service";
import type { Connectable } from "./shared/connectable";
import type { Context } from "./shared/context";
import type { NetworkLike } from "./shared/network-like";
import { exceptFromScan } from "./shared/scan-exception";
import { TerraformData } from "./shared/terraform-data";

/** Two good answers take a task in, three bad ones out: 30 and 45 seconds. */
const HEALTH_CHECK = { interval: 15, timeout: 5, healthyThreshold: 2, unhealthyThreshold: 3 } as const;
/** What AWS keeps when sessions are not sticky. */
const DEFAULT_COOKIE_SEC = 86_400;
/** AWS adds 26 characters to it, and a name has 32. */
const MAX_PREFIX = 6;

export interface WebTargetProps {
  readonly context: Context;
  readonly network: NetworkLike;
  readonly loadBalancer: LoadBalancer;
  readonly serviceName: string;
  readonly settings: WebServiceSettings;
  /** Whose tasks take the requests. */
  readonly peer: Connectable;
  /** Default: no alarms. */
  readonly monitoring?: Monitoring | undefined;
}

/** Where the load balancer finds the tasks of a web service: target group, route, and the way through both security groups. */
export class WebTarget extends Construct {
  /** What a service must wait for: AWS refuses a target group that no listener leads to. */
  public readonly after: readonly ITerraformDependable[];
  /** What the load balancer sees of the tasks; a service that names one waits for it. */
  public readonly alarms: MadeAlarms;
  /** How autoscaling calls the requests of this target group. */
  public readonly requestsLabel: string;
  public readonly targetGroupArn: string;
  /** How metrics call the target group. */
  public readonly targetGroupSuffix: string;

  constructor(scope: Construct, id: string, props: WebTargetProps) {
    super(scope, id);
    const { loadBalancer, serviceName, settings, peer } = props;
    const group = this.createTargetGroup(props);
    const route = loadBalancer.addRoute(this, {
      service: serviceName,
      ...settings.route,
      targetGroupArn: group.arn,
    });
    loadBalancer.allowTo(peer, settings.port);
    this.createOrigin(serviceName, settings.port);

    this.after = [route];
    this.alarms = watchAll(
      this,
      props.monitoring,
      webTargetAlarms({ serviceName, settings, loadBalancer: loadBalancer.arnSuffix, targetGroup: group.arnSuffix }),
    );
    this.requestsLabel = `${loadBalancer.arnSuffix}/${group.arnSuffix}`;
    this.targetGroupArn = group.arn;
    this.targetGroupSuffix = group.arnSuffix;
  }

  /**
   * The port that the service was made with, recorded once. ECS compares another port with the revision that runs, which does
   * not listen on it: the deploy would fail, and go on failing. So the plan already refuses it.
   */
  private createOrigin(serviceName: string, port: number): void {
    new TerraformData(this, "Origin", {
      input: { port: String(port) },
      lifecycle: {
        ignoreChanges: ["input"],
        postcondition: [
          {
            condition: `\${self.output.port == "${port}"}`,
            errorMessage: `services.${serviceName}.port must stay \${self.output.port} while the service exists, got ${port}: ECS refuses another port for the revision that runs, so add a service of another name and remove this one`,
          },
        ],
      },
    });
  }

  private createTargetGroup({ context, network, serviceName, settings }: WebTargetProps): LbTargetGroup {
    const { stickySessionSec } = settings;
    const group = new LbTargetGroup(this, "TargetGroup", {
      // another VPC is another group: with a name of its own it stands beside the old one until the service moved over
      namePrefix: `${serviceName.slice(0, MAX_PREFIX - 1).replace(/-$/, "")}-`,
      lifecycle: { createBeforeDestroy: true },
      targetType: "ip",
      vpcId: network.vpcId,
      port: settings.port,
      protocol: "HTTP",
      deregistrationDelay: String(settings.deregistrationDelaySec),
      healthCheck: { ...HEALTH_CHECK, enabled: true, path: settings.healthCheckPath, protocol: "HTTP", matcher: "200" },
      // written out when off, too: a block that disappears leaves sessions sticky
      stickiness: {
        type: "lb_cookie",
        enabled: stickySessionSec !== undefined,
        cookieDuration: stickySessionSec ?? DEFAULT_COOKIE_SEC,
      },
      tags: { Name: `${context.name}-${serviceName}` },
    });
    exceptFromScan(
      group,
      "CKV_AWS_378",
      "TLS ends at the load balancer: behind it are subnets and groups of the environment alone, and tasks would need certificates",
    );
    return group;
  }
}
