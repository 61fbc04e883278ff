/** What of the pipelines' files is not executed in the dry run, each with why. Whatever is not here is, or fails. */
export const playedJobs: Readonly<Record<string, string>> = {
  check: "it is the checks of this project, of which the dry run is a part",
  rehearsal: "CI runs the rehearsal of every environment by itself",
};

/** Actions on GitHub, by name: what the dry run does in their place. */
export const playedActions = {
  "actions/checkout": "a clone of the repository beside, as deep as the step asks",
  "actions/setup-node": "the tests' own Node",
  "actions/upload-artifact": "a copy into a folder of the run",
  "actions/download-artifact": "a copy out of the folder of a run",
} as const;
export type PlayedAction = keyof typeof playedActions;

/** Commands that reach for the internet, by how they begin. */
export const playedCommands = {
  "npm ci --ignore-scripts --no-audit --no-fund": "a link to the packages that the tests run with",
  "ci/pipelines/install-terraform.sh": "a link to the Terraform of this machine",
} as const;
export type PlayedCommand = keyof typeof playedCommands;

/** Programs that are not on this machine, or would change it: each call is written down. */
export const playedPrograms: Readonly<Record<string, string>> = {
  "apt-get": "it would change this machine",
  apk: "it would change this machine",
  docker: "there is no container engine: a build pushes a manifest without layers, and trivy finds nothing",
};

/** What answers under names that the emulator invents. */
export const playedAddresses: Readonly<Record<string, string>> = {
  "*.elb.amazonaws.com": "the smoke test of a release is answered with 200: emulated load balancers have no address",
};

/** The command that is played in place of this one, if it is. */
export function playedCommand(command: string): PlayedCommand | undefined {
  const text = command.trim();
  return Object.keys(playedCommands).find((known): known is PlayedCommand => text === known);
}
