import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { CostAnomalyMonitor } from "../constructs/cost-anomaly-monitor";
import { IdentityProvider } from "../constructs/identity-provider";
import { IotLogging } from "../constructs/iot-logging";
import { refusals } from "../constructs/pipeline/boundary";
import { madeBoundary } from "../constructs/pipeline/made-boundary";
import type { NamedPolicy } from "../constructs/pipeline/place";
import type { Trust } from "../constructs/pipeline/trust";
import { PipelineRole } from "../constructs/pipeline-role";
import type { Context } from "../constructs/shared/context";
import { pascalCase } from "../constructs/shared/pascal-case";
import { GITHUB_ISSUER, madeBoundaryName } from "../constructs/shared/pipeline-names";
import type { Lifetime } from "../constructs/shared/protection";
import { exceptFromScan } from "../constructs/shared/scan-exception";
import { StateBucket } from "../constructs/state-bucket";
import type { Environment } from "../environments/environment";
import type { Project } from "../environments/project-schema";
import { contextOf, madePlaceOf } from "./context-of";
import { environmentsIn, pipelineRoles, pipelinesBoundary, refusalProps } from "./pipeline-roles";
import { setUpTerraform, type State } from "./terraform-settings";

/** Above what was expected, in USD: below it nobody would look into it. */
const ANOMALY_USD = 20;

export interface BootstrapStackProps {
  readonly project: Project;
  readonly environments: Readonly<Record<string, Environment>>;
  readonly account: string;
  /** `permanent` but for the run that destroys it. */
  readonly lifetime: Lifetime;
  /** A monitor of cost anomalies that the account had before. Default: one is made. */
  readonly anomalyMonitorArn?: string | undefined;
  /**
   * Identity providers that the account had before: AWS allows one per host. They are used and stay somebody else's. Default: those
   * that are needed are made.
   */
  readonly identityProviderArns?: readonly string[] | undefined;
  readonly state: State;
  readonly providerVersion?: string | undefined;
}

/**
 * What an account has once, before anything is deployed to it: where the state is, and who may deploy. Apart from everything
 * else, since a person applies it: no pipeline may change what pipelines may do.
 */
export class BootstrapStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: BootstrapStackProps) {
    super(scope, id);
    const { project, account, lifetime, state, providerVersion } = props;
    const { region } = project;
    // with the project's own boundary, if it has one: those of the bootstrap are made here
    const context = contextOf({ project, name: id, account, region, lifetime, applyNow: false });
    setUpTerraform(this, { project: project.name, account, region, state, providerVersion, tags: context.tags });

    const bucket = new StateBucket(this, "StateBucket", { context });
    new CostAnomalyMonitor(this, "CostAnomalies", {
      context,
      emails: project.alerts.emails,
      thresholdUsd: ANOMALY_USD,
      existingMonitorArn: props.anomalyMonitorArn,
    });
    if (this.usesThings(props)) new IotLogging(this, "IotLogging", { context });
    const roleArns = this.createRoles(props, context);

    new TerraformOutput(this, "state_bucket", { value: bucket.bucketName, staticId: true });
    new TerraformOutput(this, "role_arns", { value: roleArns, staticId: true });
  }

  private usesThings({ project, environments, account }: BootstrapStackProps): boolean {
    return Object.entries(environments).some(
      ([name, { mqtt }]) => project.accounts[name] === account && "engine" in mqtt && mqtt.engine === "iot-core",
    );
  }

  private createRoles(props: BootstrapStackProps, context: Context): Readonly<Record<string, string>> {
    const { project, environments, account } = props;
    const { pipelines } = project;
    if ("none" in pipelines) return {};
    const boundary = this.createBoundaries(props, context);
    const trust = this.createTrust(pipelines, props.identityProviderArns ?? []);
    return Object.fromEntries(
      pipelineRoles({ project, environments, account }).map((role) => [
        role.name,
        new PipelineRole(this, `${pascalCase(role.name)}Role`, {
          ...role,
          ...boundary,
          policies: [...role.policies, ...boundary.policies],
          context,
          trust: { ...trust, moments: role.moments, environment: role.hostEnvironment },
        }).arn,
      ]),
    );
  }

  /**
   * What bounds the roles of pipelines, and what bounds everything that they make in an environment. A company's own boundary takes
   * the place of both; what no pipeline may do is then a policy of its own on each of their roles.
   */
  private createBoundaries(
    { project, environments, account }: BootstrapStackProps,
    context: Context,
  ): { readonly boundaryArn: string; readonly policies: readonly NamedPolicy[] } {
    if (project.permissionsBoundaryArn !== undefined) {
      return {
        boundaryArn: project.permissionsBoundaryArn,
        policies: [{ name: "refusals", statements: refusals(refusalProps(project, account)) }],
      };
    }
    for (const { name, taskPermissions } of environmentsIn(project, environments, account)) {
      this.createBoundary(`${pascalCase(name)}Boundary`, context, {
        name: madeBoundaryName(project.name, name),
        description: `The most that a role or user of ${name} can do, whoever makes it; gives nothing by itself`,
        statements: madeBoundary(madePlaceOf(project, name, account), taskPermissions),
      });
    }
    const boundary = this.createBoundary("Boundary", context, {
      name: `${project.name}-boundary`,
      description: "The most that a role of a pipeline can do; gives nothing by itself",
      statements: pipelinesBoundary(project, account),
    });
    exceptFromScan(
      boundary,
      "CKV2_AWS_40",
      "a boundary gives nothing: it ends what other policies give, and IAM stays within the project's paths and its refusals",
    );
    return { boundaryArn: boundary.arn, policies: [] };
  }

  private createBoundary(
    id: string,
    { iamPath }: Context,
    { statements, ...named }: NamedPolicy & { readonly description: string },
  ): IamPolicy {
    return new IamPolicy(this, id, {
      ...named,
      path: iamPath,
      policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
    });
  }

  private createTrust(
    { github, gitlab }: Exclude<Project["pipelines"], { none: true }>,
    existing: readonly string[],
  ): Pick<Trust, "github" | "gitlab"> {
    const providerOf = (id: string, issuer: string): string =>
      existing.find((arn) => arn.endsWith(`:oidc-provider/${issuer}`)) ??
      new IdentityProvider(this, id, { issuer }).arn;
    return {
      github: github === undefined ? undefined : { ...github, providerArn: providerOf("Github", GITHUB_ISSUER) },
      gitlab: gitlab === undefined ? undefined : { ...gitlab, providerArn: providerOf("Gitlab", gitlab.host) },
    };
  }
}
