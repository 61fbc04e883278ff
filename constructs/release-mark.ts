import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { conditional, Op, Token, type IResolvable } from "cdktf";
import { Construct } from "constructs";
import type { Context } from "./shared/context";
import { UNRELEASED } from "./shared/release-contract-v1";
import { exceptParameter } from "./shared/common-scan-exceptions";

export interface ReleaseMarkProps {
  readonly context: Context;
  /** Name of the service. */
  readonly service: string;
}

/**
 * Whether something was ever released, so that Terraform and the release agree on how much of it runs: nothing before the first
 * image, what the settings say afterwards. The parameter `<path>/released/<service>` begins as "no"; the first release
 * overwrites it, and what the release then does Terraform would do as well: a release is never drift. It goes with the
 * environment, so one that is built again starts unreleased.
 */
export class ReleaseMark extends Construct {
  public readonly parameterName: string;
  private readonly parameter: SsmParameter;

  constructor(scope: Construct, id: string, { context, service }: ReleaseMarkProps) {
    super(scope, id);
    this.parameterName = `${context.path}/released/${service}`;
    this.parameter = new SsmParameter(this, "Parameter", {
      name: this.parameterName,
      description: `The last release of ${service}; written by releases`,
      type: "String",
      tier: "Standard",
      // unlike value, it may be part of what a plan shows
      insecureValue: UNRELEASED,
      lifecycle: { ignoreChanges: ["insecure_value"] },
    });
    exceptParameter(this.parameter);
  }

  /** Whether nothing was released yet. */
  public get isUnreleased(): IResolvable {
    return Op.eq(this.parameter.insecureValue, UNRELEASED);
  }

  /** 0 before the first release, `tasks` from then on. */
  public tasksOnceReleased(tasks: number): number {
    return Token.asNumber(conditional(this.isUnreleased, 0, tasks));
  }

  /** One word before the first release, another from then on. */
  public wordOnceReleased(before: string, after: string): string {
    return Token.asString(conditional(this.isUnreleased, before, after));
  }
}
