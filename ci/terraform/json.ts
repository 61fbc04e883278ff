/** What Slipway reads of `terraform show -json <plan>`; the whole of it holds state, so it is never printed. */
export interface PlanJson {
  readonly resource_changes?: readonly ResourceChange[];
  readonly resource_drift?: readonly ResourceChange[];
  readonly output_changes?: Readonly<Record<string, Change>>;
}

export interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly name: string;
  readonly mode: "managed" | "data";
  readonly change: Change;
  /** Why it is replaced or deleted, such as `replace_because_tainted`. */
  readonly action_reason?: string;
}

export type Action = "no-op" | "create" | "read" | "update" | "delete" | "forget";

export interface Change {
  readonly actions: readonly Action[];
  readonly before: unknown;
  readonly after?: unknown;
  readonly after_unknown?: unknown;
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
  /** Which attributes force the replacement. */
  readonly replace_paths?: readonly (readonly (string | number)[])[];
}

/** What Slipway reads of `terraform show -json`. */
export interface StateJson {
  readonly values?: {
    readonly outputs?: Readonly<Record<string, StateOutput>>;
    readonly root_module?: StateModule;
  };
}

export interface StateModule {
  readonly resources?: readonly StateResource[];
  readonly child_modules?: readonly StateModule[];
}

export interface StateResource {
  readonly address: string;
  readonly type: string;
  readonly name: string;
  readonly mode: "managed" | "data";
  readonly tainted?: boolean;
  readonly values: Readonly<Record<string, unknown>>;
}

export interface StateOutput {
  readonly value: unknown;
  readonly sensitive?: boolean;
}

/** Everything that a state manages; data sources are left out. */
export function resourcesOf(state: StateJson): StateResource[] {
  const of = ({ resources = [], child_modules: children = [] }: StateModule): StateResource[] => [
    ...resources.filter(({ mode }) => mode === "managed"),
    ...children.flatMap(of),
  ];
  return of(state.values?.root_module ?? {});
}
