import fc from "fast-check";
import { priorityOf, routeProblems, type Route } from "../../constructs/shared/listener-priority";

const label = fc.stringMatching(/^[a-z]{1,6}$/);
const host = fc.option(
  fc
    .tuple(fc.boolean(), fc.array(label, { minLength: 2, maxLength: 4 }))
    .map(([wildcard, labels]) => `${wildcard ? "*." : ""}${labels.join(".")}`),
  { nil: undefined },
);
const path = fc.array(label, { maxLength: 7 }).map((parts) => `/${parts.join("/")}`);
const route: fc.Arbitrary<Route> = fc.record({ host, path });
const services = fc.uniqueArray(fc.record({ name: fc.stringMatching(/^[a-z]{1,8}$/), route }), {
  selector: ({ name }) => name,
  maxLength: 60,
});

function prioritiesOf(all: readonly { readonly name: string; readonly route: Route }[]): number[] {
  const taken = new Set<number>();
  return all.map(({ name, route: asked }) => {
    const priority = priorityOf(name, asked, taken);
    taken.add(priority);
    return priority;
  });
}

describe("priorities", () => {
  test("are all different, and numbers that a listener takes", () => {
    fc.assert(
      fc.property(services, (all) => {
        const priorities = prioritiesOf(all);
        expect(new Set(priorities).size).toBe(all.length);
        for (const priority of priorities) {
          expect(Number.isInteger(priority)).toBe(true);
          expect(priority).toBeGreaterThanOrEqual(1);
          expect(priority).toBeLessThanOrEqual(50_000);
        }
      }),
    );
  });

  test("do not move when a service is added behind the others", () => {
    fc.assert(
      fc.property(services, (all) => {
        expect(prioritiesOf(all.slice(0, -1))).toEqual(prioritiesOf(all).slice(0, -1));
      }),
    );
  });

  test("do not move when a service goes that nobody had to make way for", () => {
    const all = ["api", "site", "admin"].map((name) => ({ name, route: { path: `/${name}` } }));
    const [, site, admin] = prioritiesOf(all);
    expect(prioritiesOf(all.slice(1))).toEqual([site, admin]);
  });

  test("make way for each other where two services would stand in the same place", () => {
    const taken = new Set<number>();
    const first = priorityOf("api", { path: "/a" }, taken);
    taken.add(first);
    const second = priorityOf("api", { path: "/b" }, taken);
    expect(second).not.toBe(first);
    expect(Math.abs(second - first)).toBeLessThan(1041);
  });

  // each list from the route that must be asked first to the one that must be asked last
  test.each<readonly Route[][]>([
    [[{ path: "/a/b/c" }, { path: "/a/b" }, { path: "/a" }, { path: "/" }]],
    [
      [
        { host: "a.example.com", path: "/a" },
        { host: "a.example.com", path: "/" },
        { host: "*.b.example.com", path: "/" },
        { host: "*.example.com", path: "/a" },
        { host: "*.example.com", path: "/" },
        { path: "/a/b" },
        { path: "/" },
      ],
    ],
  ])("ask the more exact route first (%#)", (routes) => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: routes.length, maxLength: routes.length }),
        (names) => {
          const priorities = prioritiesOf(routes.map((asked, i) => ({ name: names[i]!, route: asked })));
          expect([...priorities].sort((a, b) => a - b)).toEqual(priorities);
        },
      ),
    );
  });

  test("refuse more routes of a kind than there is room for", () => {
    const full = new Set(Array.from({ length: 50_000 }, (_, i) => i + 1));
    expect(() => priorityOf("api", { path: "/" }, full)).toThrow("there are no more than 1041 routes like");
  });
});

describe("problems", () => {
  const web = (asked: Route): { readonly kind: "web"; readonly route: Route } => ({ kind: "web", route: asked });

  test("none where every request has one service", () => {
    expect(
      routeProblems(
        { site: web({ path: "/" }), api: web({ host: "api.example.com", path: "/" }), mailer: { kind: "worker" } },
        "example.com",
      ),
    ).toEqual([]);
  });

  test.each<[string, Record<string, Route>, string | undefined, string[]]>([
    [
      "two services with the same route",
      { site: { path: "/" }, api: { path: "/" } },
      undefined,
      ['services.api.route must differ from that of site, got {"path":"/"}: give api another path or host'],
    ],
    [
      "a host without a domain",
      { api: { host: "api.example.com", path: "/" } },
      undefined,
      ['services.api.route.host needs a domain, got "api.example.com": set domain to a name, or route by path alone'],
    ],
    [
      "a host outside the domain",
      { api: { host: "api.example.org", path: "/" } },
      "example.com",
      [
        'services.api.route.host must be example.com or a name under it, got "api.example.org": nothing else gets a record',
      ],
    ],
    [
      "a host that only ends like the domain",
      { api: { host: "*.notexample.com", path: "/" } },
      "example.com",
      [
        'services.api.route.host must be example.com or a name under it, got "*.notexample.com": nothing else gets a record',
      ],
    ],
    [
      "a path of too many parts",
      { api: { path: "/1/2/3/4/5/6/7/8" } },
      undefined,
      ["services.api.route.path must have at most 7 parts, got 8: route by fewer of them"],
    ],
    [
      "a path that is too long",
      { api: { path: `/${"a".repeat(126)}` } },
      undefined,
      ["services.api.route.path must be at most 126 characters, got 127: the load balancer compares no more"],
    ],
    [
      "a host that is too long",
      { api: { host: `${"a".repeat(60)}.${"b".repeat(60)}.example.com`, path: "/" } },
      "example.com",
      ["services.api.route.host must be at most 128 characters, got 133: the load balancer compares no more"],
    ],
    [
      "a wildcard of too many labels",
      { api: { host: "*.a.b.c.d.example.com", path: "/" } },
      "example.com",
      ["services.api.route.host must have at most 5 labels behind *, got 6: use a shorter wildcard"],
    ],
    [
      "a domain that no certificate takes",
      {},
      `${"a".repeat(60)}.example.com`,
      ["domain.name must be at most 64 characters, got 72: a certificate takes no longer first name, shorten it"],
    ],
  ])("%s", (_name, routes, domain, problems) => {
    const all = Object.fromEntries(Object.entries(routes).map(([name, asked]) => [name, web(asked)]));
    expect(routeProblems(all, domain)).toEqual(problems);
  });

  test("a host beside the domain is right where the zone holds both", () => {
    const all = { api: web({ host: "api.example.com", path: "/" }) };
    expect(routeProblems(all, "www.example.com", "example.com")).toEqual([]);
    expect(routeProblems(all, "www.example.com")).toHaveLength(1);
  });
});
