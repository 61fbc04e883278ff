import { TerraformStack, Testing } from "cdktf";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import type { Context } from "../../constructs/shared/context";

/** Synthesised JSON, as tests read it. */
export type Json = Record<string, any>;
export interface ResourceType {
  readonly tfResourceType: string;
}

/** A context for tests of single constructs. */
export function contextOf(overrides: Partial<Context> = {}): Context {
  return {
    project: "shop",
    environment: "test",
    name: "shop-test",
    path: "/shop/test",
    iamPath: "/shop/test/",
    account: "123456789012",
    region: "eu-west-1",
    lifetime: "temporary",
    applyNow: false,
    tags: { project: "shop", environment: "test", stack: "test", "managed-by": "terraform" },
    ...overrides,
  };
}

/** Synthesise what `define` puts in an empty stack, and read it back as plain data. */
export function synth(
  define: (stack: TerraformStack, context: Context) => void,
  overrides: Partial<Context> = {},
): Synthesized {
  const context = contextOf(overrides);
  const stack = new TerraformStack(Testing.app(), "test");
  new AwsProvider(stack, "Aws", { region: context.region });
  define(stack, context);
  return new Synthesized(JSON.parse(Testing.synth(stack, true)) as Json);
}

/** A synthesised stack as plain data; every question fails on nothing, so that no assertion passes on an empty set. */
export class Synthesized {
  constructor(public readonly json: Json) {}

  /** Every resource of a type. */
  all(type: ResourceType): Json[] {
    const found = Object.values((this.json["resource"]?.[type.tfResourceType] ?? {}) as Json) as Json[];
    if (found.length === 0) throw new Error(`no ${type.tfResourceType} in the stack`);
    return found;
  }

  /** The only resource of a type. */
  one(type: ResourceType): Json {
    const [first, ...others] = this.all(type);
    if (first === undefined || others.length > 0)
      throw new Error(`expected one ${type.tfResourceType}, found ${others.length + 1}`);
    return first;
  }

  /** The resource of a type whose logical id starts with `id`, before the hash of its path. */
  named(type: ResourceType, id: string): Json {
    const resources = (this.json["resource"]?.[type.tfResourceType] ?? {}) as Json;
    const keys = Object.keys(resources).filter((key) => key === id || new RegExp(`^${id}_[0-9A-F]{8}$`).test(key));
    if (keys.length !== 1)
      throw new Error(
        `expected one ${type.tfResourceType} ${id}, found ${keys.length} of ${Object.keys(resources).join(", ")}`,
      );
    return resources[keys[0]!] as Json;
  }

  /** Whether there is none of a type; the type is checked against the provider's name so that a typo cannot pass. */
  has(type: ResourceType): boolean {
    if (!/^(aws|terraform)_[a-z0-9_]+$/.test(type.tfResourceType))
      throw new Error(`not a resource type: ${type.tfResourceType}`);
    return this.json["resource"]?.[type.tfResourceType] !== undefined;
  }

  /** Terraform addresses: the contract that decides what gets replaced. */
  addresses(): string[] {
    return Object.entries((this.json["resource"] ?? {}) as Json)
      .flatMap(([type, resources]) => Object.keys(resources as Json).map((id) => `${type}.${id}`))
      .sort();
  }
}
