import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { Construct, type IConstruct } from "constructs";
import type { FargateCluster } from "./fargate-cluster";
import { BlueprintError } from "./shared/blueprint-error";
import { exceptParameter } from "./shared/common-scan-exceptions";
import type { Context } from "./shared/context";
import type {
  EnvironmentContract,
  MigrationContract,
  ScheduleContract,
  ServiceContract,
} from "./shared/release-contract-v1";

/** What a parameter of the standard tier, which is free, holds. */
const MAX_CHARACTERS = 4096;
/** A reference becomes an id or an ARN; the longest ARNs of this blueprint have about as many characters. */
const REFERENCE_CHARACTERS = 140;

/** Something that is released under a name. */
interface Released extends IConstruct {
  readonly serviceName: string;
  readonly contract: ServiceContract | ScheduleContract;
}

export interface ReleaseContractProps {
  readonly context: Context;
  readonly cluster: FargateCluster;
  readonly services: readonly Released[];
  /** Default: none. */
  readonly migration?: { readonly contract: MigrationContract } | undefined;
  /** What must answer 200 after a release. Default: nothing. */
  readonly smokeUrl?: string | undefined;
}

/**
 * What a release needs to know of an environment, in SSM parameters below `<path>/release`: `environment`, and one per service.
 * They hold names, ARNs and ids, and no secret. `shared/release-contract-v1.ts` says what each field means.
 */
export class ReleaseContract extends Construct {
  /** Path that all parameters are below. */
  public readonly path: string;

  constructor(scope: Construct, id: string, { context, cluster, services, migration, smokeUrl }: ReleaseContractProps) {
    super(scope, id);
    this.path = `${context.path}/release`;
    const environment: EnvironmentContract = {
      version: 1,
      cluster: cluster.arn,
      migration: migration?.contract ?? null,
      smokeUrl: smokeUrl ?? null,
      repository: migration?.contract.repository ?? services[0]?.contract.repository ?? null,
    };
    this.createParameter(this, "environment", environment);
    for (const service of services) {
      // in the scope of the service, so that it goes with it
      this.createParameter(
        new Construct(service, "ReleaseContract"),
        `services/${service.serviceName}`,
        service.contract,
      );
    }
  }

  private createParameter(scope: Construct, name: string, contract: object): void {
    const value = JSON.stringify(contract);
    const length = value.replace(/\$\{[^}]*\}/g, "x".repeat(REFERENCE_CHARACTERS)).length;
    if (length > MAX_CHARACTERS) {
      throw new BlueprintError(this.node.path, [
        `${name} must be at most ${MAX_CHARACTERS} characters, got about ${length}: shorten names, or use fewer subnets`,
      ]);
    }
    const parameter = new SsmParameter(scope, "Parameter", {
      name: `${this.path}/${name}`,
      description: "Release contract, version 1",
      type: "String",
      tier: "Standard",
      value,
    });
    exceptParameter(parameter);
  }
}
