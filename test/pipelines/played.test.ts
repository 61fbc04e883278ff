import { playedActions, playedCommands, playedJobs, playedPrograms } from "../system/support/dry-run/played";
import { project } from "../../environments";
import { hasPlaceholdersAlone } from "../../environments/accounts";
import { describeBoth, gitHubJobs, gitLabDefault, gitLabJobs, prepareAction, textOf, workflows } from "./support/files";

// what the dry run does not execute, held against the files: nothing that is gone. What is new fails there
const jobs = { gitHub: gitHubJobs.map(([id]) => id), gitLab: gitLabJobs.map(([name]) => name) };
const steps = [...gitHubJobs.flatMap(([, job]) => job.steps ?? []), ...prepareAction.runs.steps];
const commands = [
  ...steps.flatMap(({ run }) => run ?? []),
  ...gitLabJobs.flatMap(([, { before_script: before = [], script = [] }]) => [...before, ...script]),
  ...(gitLabDefault.before_script ?? []),
];

// it reads both files
describeBoth("what the dry run plays", () => {
  test("the jobs that are played are jobs of both hosts", () => {
    for (const name of Object.keys(playedJobs)) {
      expect(jobs.gitHub).toContain(name);
      expect(jobs.gitLab).toContain(name);
    }
  });

  const used = steps.flatMap(({ uses = "./" }) => (uses.startsWith("./") ? [] : [uses.split("@")[0] ?? ""]));
  test("the actions that are played are used", () => {
    expect(used).toEqual(expect.arrayContaining(Object.keys(playedActions)));
  });

  // a fork may use more, in workflows of its own
  (hasPlaceholdersAlone(project) ? test : test.skip)("what ships has five workflows, and uses no other action", () => {
    expect([...new Set(used)].sort()).toEqual(Object.keys(playedActions).sort());
    expect(workflows).toHaveLength(5);
  });

  test("the commands that are played are in the files, to the letter", () => {
    for (const command of Object.keys(playedCommands)) expect(commands).toContain(command);
  });

  test("the programs that are played are started by the files, or by what they start", () => {
    const text = [...commands, textOf("ci/build/docker.ts"), textOf("ci/pipelines/scan-image.sh")].join("\n");
    for (const program of Object.keys(playedPrograms)) expect(text).toMatch(new RegExp(`\\b${program}\\b`));
  });
});
