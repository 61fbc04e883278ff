/** Synthesised JSON, as tests read it. */
export type Json = Record<string, any>;
export interface ResourceType {
  readonly tfResourceType: string;
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
