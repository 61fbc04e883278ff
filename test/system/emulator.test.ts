import { spawnSync } from "node:child_process";
import { Machine } from "./support/machine";
import { root } from "./support/slipway";

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.open("emulator-tests");
});
afterAll(() => machine.close());

test("every patch of the emulator answers the call that needs it", () => {
  const { status, stderr } = spawnSync(
    machine.toolbox.python.path,
    ["-m", "unittest", "discover", "-s", "test/emulator/tests", "-t", "test/emulator/tests"],
    {
      cwd: root,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: machine.directory, PYTHONDONTWRITEBYTECODE: "1" },
    },
  );
  const ran = Number(/^Ran (\d+) tests?/m.exec(stderr)?.[1] ?? "0");
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  expect(ran).toBeGreaterThan(30);
});
