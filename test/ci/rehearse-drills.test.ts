import { parseConfiguration } from "../../environments/checks";
import { subjectsOf } from "../../ci/rehearse/subjects";
import { changed, combination, drillsFor } from "../support/drills";

const all = subjectsOf(["dev", "stage", "prod", "variants"]);

describe("which environments are rehearsed", () => {
  test("dev if none is named, each once", () => {
    expect(subjectsOf([]).map(({ name }) => name)).toEqual(["dev"]);
    expect(subjectsOf(["stage", "dev", "stage"]).map(({ name }) => name)).toEqual(["stage", "dev"]);
  });

  test("a name that does not exist is refused with the nearest one", () => {
    expect(() => subjectsOf(["dve"])).toThrow("dve is not an environment: did you mean dev?");
  });

  test("each knows all environments that share its project, and only those", () => {
    expect(all.map(({ configuration }) => Object.keys(configuration.environments))).toEqual([
      ["dev", "stage", "prod"],
      ["dev", "stage", "prod"],
      ["dev", "stage", "prod"],
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
    const already =
      name === "variants"
        ? ["forget where a generation came from"]
        : ["turn a domain on", "restore into a generation beside"];
    expect(names).toEqual(expect.arrayContaining(already));
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
