import { FakeClock } from "../support/fake-clock";
import { type Contracts, contracts, schedule, secretValues, template } from "./environment";
import { type Handlers, Journal } from "./journal";
import { environmentName, family, shortName } from "./names";
import { type PushOptions, Registry } from "./registry";
import { type Revision, Revisions } from "./revisions";
import { type Answering, AwsFault, LostAnswer } from "./server";
import { Services } from "./services";
import { Settings } from "./settings";
import { Tasks } from "./tasks";

/** What runs and what is remembered, in words that a table can compare. */
export interface State {
  /** Image by letter, and how many tasks: `web A×3, jobs A×1, nightly A on`. */
  readonly runs: string;
  /** What the parameters say was released last, each value once. */
  readonly marks: string;
  readonly lock: "free" | "held";
  /** Whether the liveness alarms tell anybody. */
  readonly alarms: string;
  /** Releases that images are tagged with. */
  readonly images: string;
  /** What revisions say of themselves: `release-dev-1 A proven`. */
  readonly revisions: string;
}

interface Hook {
  readonly action: string;
  /** Counts down; the hook is for the call at which it comes to 0. */
  left: number;
  readonly happen: (() => void) | undefined;
  readonly fault: Error | undefined;
}

const image = "slipway:image-digest";

/**
 * An account with one environment, as AWS plays it. Every change is in the journal, time goes by on a clock that jumps, and a test
 * says beforehand what goes wrong.
 */
export class World implements Answering {
  readonly clock = new FakeClock();
  readonly journal = new Journal(this.clock);
  readonly revisions = new Revisions(this.journal);
  readonly registry = new Registry(this.journal);
  readonly settings = new Settings(this.journal);
  readonly tasks = new Tasks(this.clock, this.journal, this.revisions);
  readonly services: Services;
  /** What answers at the smoke URL: status codes one after the other, the last one for ever. */
  readonly smoke: number[] = [200];
  private readonly hooks: Hook[] = [];
  private readonly before: Hook[] = [];
  private expired = false;
  private readonly handlers: Handlers;

  /** An environment that Terraform has just made: nothing was ever released, and images A and B are in the registry. */
  constructor({ environment, services }: Contracts = contracts()) {
    this.services = new Services(
      {
        clock: this.clock,
        journal: this.journal,
        canStart: (arn) => !JSON.stringify(this.revisions.find(arn)?.definition).includes(":template"),
        onDeath: ({ service, deployment }) => {
          this.tasks.addDead(service.name, deployment.revision);
          this.services.tell(service, "(task 0a1b) failed container health checks.");
        },
        foreignRevision: ({ name }) => this.foreign(name),
      },
      this.revisions,
    );
    this.handlers = {
      ...this.revisions.handlers,
      ...this.registry.handlers,
      ...this.settings.handlers,
      ...this.tasks.handlers,
      ...this.services.handlers,
    };
    this.writeContracts({ environment, services });
    this.build(environment, services);
  }

  /** The same with image A released, once. */
  static released(built?: Contracts): World {
    const world = new World(built);
    world.release("release-dev-1", "A");
    return world;
  }

  /** What Terraform says of the environment; again when that has changed. */
  writeContracts({ environment, services }: Contracts): void {
    this.settings.parameters.set("/shop/dev/release/environment", JSON.stringify(environment));
    for (const [name, contract] of Object.entries(services)) {
      this.settings.parameters.set(`/shop/dev/release/services/${name}`, JSON.stringify(contract));
    }
  }

  push(letter: string, options?: PushOptions, repository?: string): void {
    this.registry.push(letter, { tags: [`build-${letter.toLowerCase()}`], ...options }, repository);
  }

  digestOf(letter: string, repository = "app"): string {
    return this.registry.repository(repository).find((pushed) => pushed.letter === letter)?.digest ?? "";
  }

  /** The n-th call of an action from now on fails with this, and all those after it that are named. */
  fails(action: string, error: Error, { call = 1, times = 1 } = {}): void {
    for (let i = 0; i < times; i += 1) {
      this.before.push({ action, left: call + i, happen: undefined, fault: error });
    }
  }

  /** AWS carries out the n-th call of an action, and the answer is lost on its way. */
  loses(action: string, call = 1): void {
    this.hooks.push({ action, left: call, happen: undefined, fault: new LostAnswer() });
  }

  /** When the n-th call of an action was carried out, this happens before it is answered. */
  when(action: string, happen: () => void, call = 1): void {
    this.hooks.push({ action, left: call, happen, fault: undefined });
  }

  /** From now on AWS takes no call any more. */
  expire(): void {
    this.expired = true;
  }

  /** A person has new credentials. */
  logIn(): void {
    this.expired = false;
  }

  answer(action: string, input: Readonly<Record<string, unknown>>): object {
    this.journal.call(action, input);
    if (this.expired)
      throw new AwsFault("ExpiredTokenException", "The security token included in the request is expired");
    this.fire(this.before, action);
    const handler = this.handlers[action];
    if (handler === undefined) throw new AwsFault("FakeKnowsNot", action);
    const answer = handler(input as never);
    this.fire(this.hooks, action);
    return answer;
  }

  layer(digest: string): string | undefined {
    return this.registry.layer(digest);
  }

  /** Ask the application from outside. */
  visit(url: string): { readonly status: number; text(): Promise<string> } {
    this.journal.call("GET", { url });
    this.fire(this.hooks, "GET");
    const status = (this.smoke.length > 1 ? this.smoke.shift() : this.smoke[0]) ?? 200;
    return { status, text: () => Promise.resolve("") };
  }

  get state(): State {
    const { settings, services } = this;
    const nightly = settings.schedules.get("shop-dev-nightly");
    const runs = [...services.all.values()].map(({ name, taskDefinition, desired, status }) =>
      status === "ACTIVE" ? `${name} ${this.letterOf(taskDefinition)}×${desired}` : `${name} gone`,
    );
    const scheduled = this.letterOf(nightly?.Target?.EcsParameters?.TaskDefinitionArn ?? "");
    const marks = [...settings.parameters].flatMap(([name, value]) =>
      name.startsWith("/shop/dev/released/") ? [value] : [],
    );
    const liveness = [...settings.alarms].filter(([name]) => name.endsWith("-tasks"));
    const tags = [...this.registry.repository("app"), ...this.registry.repository("tools")].flatMap(
      ({ letter, tags: of }) => [...of].filter((tag) => tag.startsWith("release-")).map((tag) => `${letter} ${tag}`),
    );
    return {
      runs: [...runs, `nightly ${scheduled} ${nightly?.State === "ENABLED" ? "on" : "off"}`].join(", "),
      marks: unique(marks),
      lock: settings.parameters.has("/shop/dev/lock/release") ? "held" : "free",
      alarms: unique(liveness.map(([, { actions }]) => (actions ? "on" : "off"))),
      images: unique(tags),
      revisions: unique(
        this.revisions.all.filter(({ tags: of }) => of.has(image)).map((one) => this.tellRevision(one)),
      ),
    };
  }

  private fire(hooks: readonly Hook[], action: string): void {
    const due = hooks.filter((hook) => hook.action === action && hook.left-- === 1);
    for (const { happen } of due) happen?.();
    const fault = due.find((hook) => hook.fault !== undefined)?.fault;
    if (fault !== undefined) throw fault;
  }

  private build(environment: Contracts["environment"], services: Contracts["services"]): void {
    const { settings } = this;
    const urls = new Set(Object.values(services).map(({ repository }) => repository));
    for (const url of urls) for (const letter of ["A", "B"]) this.push(letter, {}, url.slice(url.lastIndexOf("/") + 1));
    for (const [arn, value] of Object.entries(secretValues)) settings.secrets.set(arn, value);
    const { migration } = environment;
    const all = [...(migration === null ? [] : [["migration", migration] as const]), ...Object.entries(services)];
    for (const [name, contract] of all) {
      const { arn } = this.revisions.register(template(name, contract));
      for (const subnet of contract.subnets) settings.subnets.add(subnet);
      for (const role of Object.values(contract.roles)) settings.roles.add(role.slice(role.lastIndexOf("/") + 1));
      settings.logGroups.add(contract.logGroup);
      if (!("kind" in contract)) continue;
      settings.parameters.set(contract.releasedParameter, "no");
      if (contract.kind === "schedule") {
        settings.schedules.set(contract.scheduleName, { ...schedule, Name: contract.scheduleName } as never);
        continue;
      }
      this.services.add(name, arn, 0);
      if (contract.scalableTarget !== null) settings.scaling.set(contract.scalableTarget, [0, 0]);
      for (const alarm of contract.rollbackAlarms) settings.alarms.set(alarm, { ringing: false, actions: true });
      for (const alarm of contract.livenessAlarms) settings.alarms.set(alarm, { ringing: false, actions: false });
    }
  }

  /** Everything as a release leaves it; autoscaling has given `web` one task more than the least. */
  release(release: string, letter: string, status: "proven" | "failed" = "proven"): void {
    const { settings } = this;
    for (const pushed of [...this.registry.repository("app"), ...this.registry.repository("tools")]) {
      if (pushed.letter === letter) pushed.tags.add(release);
    }
    for (const name of ["migration", "web", "jobs", "nightly"]) {
      // an environment need not have all of them
      if (this.revisions.find(`${family(name)}:1`) === undefined) continue;
      const { arn } = this.registerLike(name, letter, release, status);
      if (name === "web" || name === "jobs") this.services.add(name, arn, name === "web" ? 3 : 1);
      if (name === "nightly") this.pointSchedule(arn);
    }
    for (const name of settings.parameters.keys()) {
      if (name.startsWith("/shop/dev/released/")) settings.parameters.set(name, release);
    }
    for (const alarm of settings.alarms.values()) alarm.actions = true;
    settings.scaling.set(`service/${environmentName}/${environmentName}-web`, [2, 6]);
  }

  private registerLike(name: string, letter: string, release: string, status = "proven"): Revision {
    const { definition } = this.revisions.find(`${family(name)}:1`) ?? {};
    if (definition === undefined) throw new Error(`there is no ${name}`);
    const repository = /"image":"([^"]+):template"/.exec(JSON.stringify(definition))?.[1] ?? "";
    const digest = this.digestOf(letter, repository.slice(repository.lastIndexOf("/") + 1));
    const text = JSON.stringify(definition).replaceAll(`${repository}:template`, `${repository}@${digest}`);
    return this.revisions.register({
      ...(JSON.parse(text) as typeof definition),
      tags: [
        { key: "environment", value: "dev" },
        { key: image, value: digest },
        { key: "slipway:template", value: "1" },
        { key: "slipway:release", value: release },
        { key: "slipway:status", value: status },
      ],
    });
  }

  private pointSchedule(arn: string): void {
    const before = this.settings.schedules.get("shop-dev-nightly");
    const target = before?.Target;
    if (before === undefined || target?.EcsParameters === undefined) return;
    const EcsParameters = { ...target.EcsParameters, TaskDefinitionArn: arn };
    this.settings.schedules.set("shop-dev-nightly", {
      ...before,
      State: "ENABLED",
      Target: { ...target, EcsParameters },
    });
  }

  private foreign(name: string): string {
    return this.registerLike(name, "A", "by hand").arn;
  }

  /** Letter of the image that a revision has; `template` for one that has none. */
  private letterOf(arn: string): string {
    const containers = this.revisions.find(arn)?.definition.containerDefinitions ?? [];
    const letters = containers.flatMap(({ image: reference = "" }) => this.registry.letterOf(reference) ?? []);
    return letters[0] ?? (arn === "" ? "nothing" : "template");
  }

  private tellRevision({ arn, tags }: Revision): string {
    return [tags.get("slipway:release"), this.letterOf(arn), tags.get("slipway:status")].join(" ");
  }

  /** Names of the revisions that services and schedules run: `web:2`. */
  get running(): string[] {
    return [...this.services.all.values()].map(({ taskDefinition }) => shortName(taskDefinition));
  }
}

/** Each text once, in the order of their first appearance. */
function unique(texts: readonly string[]): string {
  return [...new Set(texts)].join(", ");
}
