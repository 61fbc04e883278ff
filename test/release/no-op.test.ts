import type { Service } from "../../ci/aws/ecs";
import { releaseThatRuns } from "../../ci/release/no-op";
import type { Prepared } from "../../ci/release/prepare";
import type { Revision } from "../../ci/release/revisions";
import type { World } from "../../ci/release/running";

const making = { digest: "sha256:aa", template: "web:1" };
const revision = (more: Readonly<Record<string, string>> = {}): Revision => ({
  arn: "web:2",
  definition: {},
  tags: {
    "slipway:image-digest": making.digest,
    "slipway:template": "1",
    "slipway:release": "release-dev-1",
    "slipway:status": "proven",
    ...more,
  },
});
const subject = { kind: "web", name: "web" };
const prepared = [{ subject, making, recent: [] }] as unknown as Prepared[];

/** A world with one service. */
function worldOf(running: Revision | undefined, service: Service | undefined, inProgress: object[] = []): World {
  return { services: [{ subject, service, revision: running, inProgress }], schedules: [], migrations: [] } as never;
}

const settled: Service = { deployments: [{ status: "PRIMARY", rolloutState: "COMPLETED" }] };

test("there is nothing to do where a service runs a proven revision of this image and template", () => {
  expect(releaseThatRuns(prepared, worldOf(revision(), settled))).toBe("release-dev-1");
});

test.each<[string, World]>([
  ["it runs another image", worldOf(revision({ "slipway:image-digest": "sha256:bb" }), settled)],
  ["it was never proven", worldOf(revision({ "slipway:status": "released" }), settled)],
  ["it runs nothing that is known", worldOf(undefined, settled)],
  ["its deployment has failed", worldOf(revision(), { deployments: [{ status: "PRIMARY", rolloutState: "FAILED" }] })],
  ["its deployment goes on", worldOf(revision(), settled, [{ arn: "d1", status: "IN_PROGRESS" }])],
  [
    "the old one is still there",
    worldOf(revision(), { deployments: [...(settled.deployments ?? []), { status: "ACTIVE" }] }),
  ],
  ["it is not there", { services: [], schedules: [], migrations: [] }],
])("there is something to do where %s", (_, world) => {
  expect(releaseThatRuns(prepared, world)).toBeUndefined();
});

test("the release that runs is that of the last that was looked at", () => {
  const both = [...prepared, { ...prepared[0], subject: { ...subject, name: "api" } }] as unknown as Prepared[];
  const [web] = worldOf(revision(), settled).services;
  const [api] = worldOf(revision({ "slipway:release": "release-dev-2" }), settled).services;
  const services = [web, { ...api, subject: { ...subject, name: "api" } }] as never;
  expect(releaseThatRuns(both, { services, schedules: [], migrations: [] })).toBe("release-dev-2");
});
