import { type Data, recordOf } from "./project-file";

/** What a fork says about itself; what is left out stays as it is. */
export interface Wishes {
  readonly name?: string;
  readonly region?: string;
  /** Account by environment, `registry` among them. */
  readonly accounts: Readonly<Record<string, string>>;
  /** The public hosted zone, or none. */
  readonly zone?: { readonly id: string; readonly name: string } | "none";
  /** The repository on GitHub, or none there. */
  readonly github?: GithubWish | "none";
  /** The project on GitLab, or none there. */
  readonly gitlab?: GitlabWish | "none";
  readonly emails?: readonly string[];
  /** Where the state of Terraform is: the bucket that the bootstrap makes, or a file on one machine. */
  readonly state?: "bootstrap" | "file";
}

export interface GithubWish {
  readonly owner: string;
  readonly ownerId: string;
  readonly repository: string;
  readonly repositoryId: string;
  /** Whether the repository's plan has environments; free private repositories have none. */
  readonly environments: boolean;
}

export interface GitlabWish {
  readonly host: string;
  /** `<group>/<path>`. */
  readonly project: string;
}

type Project = Readonly<Record<string, Data>>;

/** The fields of the project that change, with their new values. */
export function changesFor(project: Project, wishes: Wishes): Project {
  const { name, region, zone, emails, state } = wishes;
  const changes: Record<string, Data> = {};
  if (name !== undefined) changes["name"] = name;
  if (region !== undefined) changes["region"] = region;
  const { registry: registryAccount, ...accounts } = wishes.accounts;
  if (Object.keys(accounts).length > 0) changes["accounts"] = { ...recordOf(project["accounts"]), ...accounts };
  const registry = recordOf(project["registry"]);
  // images are where the environments are, unless the fork has put them elsewhere
  const follows = region !== undefined && registry["region"] === project["region"];
  if (registryAccount !== undefined || follows) {
    changes["registry"] = {
      ...registry,
      ...(registryAccount === undefined ? {} : { account: registryAccount }),
      ...(follows ? { region } : {}),
    };
  }
  if (zone !== undefined) changes["publicZone"] = zone === "none" ? { none: true } : { ...zone };
  if (emails !== undefined) changes["alerts"] = { ...recordOf(project["alerts"]), emails: [...emails] };
  if (state !== undefined) changes["stateBucket"] = state === "bootstrap" ? { bootstrap: true } : { none: true };
  const pipelines = pipelinesFor(project["pipelines"], wishes);
  if (pipelines !== undefined) changes["pipelines"] = pipelines;
  return changes;
}

/** Each host is changed on its own; without any the reason has to be said. */
function pipelinesFor(current: Data | undefined, { github, gitlab }: Wishes): Data | undefined {
  if (github === undefined && gitlab === undefined) return undefined;
  const { none, because, ...hosts } = recordOf(current);
  const kept = Object.entries(hosts).filter(
    ([host]) => !(host === "github" && github === "none") && !(host === "gitlab" && gitlab === "none"),
  );
  const wanted: Record<string, Data> = Object.fromEntries(kept);
  if (github !== undefined && github !== "none") wanted["github"] = { ...recordOf(hosts["github"]), ...github };
  if (gitlab !== undefined && gitlab !== "none") wanted["gitlab"] = { ...recordOf(hosts["gitlab"]), ...gitlab };
  if (wanted["github"] !== undefined || wanted["gitlab"] !== undefined) return wanted;
  return { none: none ?? true, because: because ?? "this project is deployed by hand, from a terminal" };
}
