import { parseConfiguration } from "../../environments/checks";
import { subjectNames, subjectsOf } from "../../ci/rehearse/subjects";
import { environments } from "../../environments";
import { changed, combination, drillsFor } from "../support/drills";

// of a fork its own, as `npm run rehearse` takes them
const own = Object.keys(environments);
const all = subjectsOf(subjectNames);

describe("which environments are rehearsed", () => {
  (own.includes("dev") ? test : test.skip)("dev if none is named", () => {
    expect(subjectsOf([]).map(({ name }) => name)).toEqual(["dev"]);
  });

  test("each once, in the order of the names", () => {
    const [first = ""] = own;
    expect(subjectsOf(["variants", first, "variants"]).map(({ name }) => name)).toEqual(["variants", first]);
  });

  test("a name that does not exist is refused with the nearest one", () => {
    expect(() => subjectsOf(["varaints"])).toThrow("varaints is not an environment: did you mean variants?");
  });

  test("each knows all environments that share its project, and only those", () => {
    expect(all.map(({ configuration }) => Object.keys(configuration.environments))).toEqual([
      ...own.map(() => own),
      ["variants"],
    ]);
  });
});

describe.each(all)("the drills of $name", ({ name, written }) => {
  const drills = drillsFor(written);

  test("are the changes that a fork makes one day", () => {
    const names = drills.map((drill) => drill.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining([
        "add a zone",
        "switch the NAT strategy",
        "grow storage and class",
        "add a service",
        "remove a service",
        "change task size and image",
        "rotate the app credentials",
        "change retention",
        "restore onto the live database",
        ...combination,
      ]),
    );
    const { domain, database } = written.environment;
    expect(names.includes("turn a domain on")).toBe("none" in domain);
    expect(names.includes("forget where a generation came from")).toBe(database?.restore !== undefined);
    expect(names.includes("restore into a generation beside")).toBe((database?.otherGenerations ?? []).length === 0);
  });

  test.each(drills)("$name: a configuration that is right, and another one", (drill) => {
    const { project, environment } = drill.change(written);
    expect(() => parseConfiguration(project, { [name]: environment })).not.toThrow();
    expect({ project, environment }).not.toEqual(written);
  });

  test("can be combined", () => {
    const { project, environment } = changed(written, combination);
    expect(() => parseConfiguration(project, { [name]: environment })).not.toThrow();
    expect(() => changed(written, ["fly to the moon"])).toThrow(`${name} has no drill "fly to the moon"`);
  });
});
