import type { ContainerSettings } from "../settings/fargate-service";
import { terraformLiteral } from "./terraform-literal";

/** Where ECS Exec's agent writes. */
const EXEC_PATHS = {
  "exec-agent": "/managed-agents",
  "exec-state": "/var/lib/amazon/ssm",
  "exec-log": "/var/log/amazon/ssm",
};

/** What comes first has nothing to finish. */
const FIRST_STOP_TIMEOUT_SEC = 30;

/** Volumes of a task that can be entered. */
export const execVolumes: readonly string[] = Object.keys(EXEC_PATHS);

/** A container that must end with 0 before the task's own one starts. */
export interface FirstContainer {
  readonly name: string;
  readonly image: string;
  readonly entryPoint: readonly string[];
  readonly command: readonly string[];
  readonly user: string;
  readonly tmpMiB: number;
  /** Seconds after which ECS gives the task up. */
  readonly timeoutSec: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly secretVariables: Readonly<Record<string, string>>;
}

/** What a container's definition is made of. */
export interface ContainerParts {
  readonly name: string;
  readonly image: string;
  readonly settings: Pick<ContainerSettings, "command" | "environment" | "tmpMiB" | "user">;
  /** Port that it listens on, if it does. */
  readonly port?: number | undefined;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly stopTimeoutSec: number;
  /** Plain variables besides those of the settings; may hold references. */
  readonly variables: Readonly<Record<string, string>>;
  /** Variables with the ARN of a secret, or `<arn>:<key>::`. */
  readonly secretVariables: Readonly<Record<string, string>>;
  /** Whether a person may enter it. */
  readonly exec: boolean;
  readonly logGroup: string;
  readonly region: string;
  readonly streamPrefix: string;
  /** What must end with 0 before it starts. Default: nothing. */
  readonly first?: FirstContainer | undefined;
}

/** The containers of a task as ECS takes them: one, and what must run before it. */
export function containerDefinitions(parts: ContainerParts): string {
  const { first, logGroup, region, streamPrefix } = parts;
  const before =
    first === undefined
      ? []
      : [
          {
            ...containerDefinition({
              ...first,
              settings: { command: [...first.command], environment: {}, tmpMiB: first.tmpMiB, user: first.user },
              stopTimeoutSec: FIRST_STOP_TIMEOUT_SEC,
              exec: false,
              logGroup,
              region,
              streamPrefix,
            }),
            // its end is not the end of the task
            essential: false,
            entryPoint: first.entryPoint,
            startTimeout: first.timeoutSec,
          },
        ];
  const own = containerDefinition(parts);
  return JSON.stringify([
    ...before,
    first === undefined ? own : { ...own, dependsOn: [{ containerName: first.name, condition: "SUCCESS" }] },
  ]);
}

/**
 * A container as ECS takes it, with everything written out that ECS would fill in, in a fixed order: what AWS gives back then
 * differs in nothing, and a plan shows what was really changed.
 */
function containerDefinition(parts: ContainerParts): object {
  const { settings, port } = parts;
  return {
    name: parts.name,
    image: parts.image,
    essential: true,
    ...(settings.command === undefined ? {} : { command: settings.command.map(terraformLiteral) }),
    user: settings.user,
    readonlyRootFilesystem: true,
    linuxParameters: {
      // PID 1 passes signals on and collects orphans, which most applications forget
      initProcessEnabled: true,
      capabilities: { drop: ["ALL"] },
      tmpfs: [{ containerPath: "/tmp", size: settings.tmpMiB, mountOptions: ["rw", "nosuid", "nodev", "noexec"] }],
    },
    stopTimeout: parts.stopTimeoutSec,
    portMappings: port === undefined ? [] : [{ containerPort: port, hostPort: port, protocol: "tcp" }],
    environment: sorted({ ...parts.variables, ...literals(settings.environment) }).map(([name, value]) => ({
      name,
      value,
    })),
    secrets: sorted(parts.secretVariables).map(([name, valueFrom]) => ({ name, valueFrom })),
    mountPoints: parts.exec ? execMounts() : [],
    volumesFrom: [],
    systemControls: [],
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": parts.logGroup,
        "awslogs-region": parts.region,
        "awslogs-stream-prefix": parts.streamPrefix,
        // a slow log must not stop the application: beyond 10 MB that wait, lines are dropped
        "max-buffer-size": "10m",
        mode: "non-blocking",
      },
    },
  };
}

/**
 * ECS Exec needs a writable place for its agent, also where the root filesystem is read-only. AWS documents no such places; these
 * are the ones in use. https://github.com/aws/containers-roadmap/issues/1359
 */
function execMounts(): object[] {
  return Object.entries(EXEC_PATHS).map(([sourceVolume, containerPath]) => ({
    sourceVolume,
    containerPath,
    readOnly: false,
  }));
}

function literals(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, terraformLiteral(value)]));
}

function sorted(values: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}
