import type { Scenario } from "../fake/scenario";
import {
  denied,
  failed,
  halfDone,
  lock,
  migrate,
  noRoom,
  register,
  released,
  stopBeforeUpdate,
  succeed,
  tagged,
  unlock,
  untouched,
} from "./parts";

export const migrations: Scenario[] = [
  {
    name: "fails",
    given: ({ tasks }) =>
      tasks.script.push({ exits: { migrate: 1 }, lines: { migrate: ["applying 0042", "ERROR: no such column"] } }),
    code: 10,
    writes: stopBeforeUpdate,
    state: failed,
    says: [
      "migrate: ERROR: no such column",
      "| migrate: applying 0042",
      "container migrate ended with 1",
      "console.aws.amazon.com",
    ],
  },
  {
    name: "never starts since the logins fail",
    given: ({ tasks }) => tasks.script.push({ exits: { logins: 2, migrate: null }, lines: { logins: ["FATAL: no"] } }),
    code: 10,
    writes: stopBeforeUpdate,
    state: failed,
    says: ["logins: FATAL: no", "container logins ended with 2", "container migrate has no exit code"],
  },
  {
    name: "has no exit code",
    given: ({ tasks }) => tasks.script.push({ exits: { migrate: null } }),
    code: 10,
    writes: stopBeforeUpdate,
    state: failed,
    says: ["container migrate has no exit code: it did not run to its end"],
  },
  {
    name: "has an image that cannot be pulled",
    given: ({ tasks }) =>
      tasks.script.push({
        exits: { logins: null, migrate: null, agent: null },
        stopCode: "TaskFailedToStart",
        stoppedReason: "CannotPullContainerError: pull image manifest has been retried 1 time(s)",
        pending: true,
      }),
    code: 10,
    writes: stopBeforeUpdate,
    state: failed,
    says: ["TaskFailedToStart", "CannotPullContainerError"],
  },
  {
    name: "has a secret that cannot be read",
    given: ({ tasks }) =>
      tasks.script.push({
        exits: { logins: null, migrate: null, agent: null },
        stopCode: "TaskFailedToStart",
        stoppedReason: "ResourceInitializationError: unable to pull secrets",
        pending: true,
      }),
    code: 10,
    writes: stopBeforeUpdate,
    state: failed,
    says: ["ResourceInitializationError"],
  },
  {
    name: "runs out of memory",
    given: ({ tasks }) =>
      tasks.script.push({
        exits: { migrate: 137 },
        reasons: { migrate: "OutOfMemoryError: Container killed due to memory usage" },
      }),
    code: 10,
    writes: stopBeforeUpdate,
    state: failed,
    says: ["container migrate ended with 137 (OutOfMemoryError: Container killed due to memory usage)"],
  },
  {
    name: "loses its Spot capacity",
    given: ({ tasks }) =>
      tasks.script.push({
        exits: { migrate: 143 },
        stopCode: "SpotInterruption",
        stoppedReason: "Your Spot Task was interrupted.",
      }),
    code: 10,
    writes: stopBeforeUpdate,
    state: failed,
    says: ["SpotInterruption", "migrations.spot: false in the environment's file avoids it"],
  },
  {
    name: "is interrupted halfway, and says 0 to that",
    given: ({ tasks }) =>
      tasks.script.push({ stopCode: "SpotInterruption", stoppedReason: "Your Spot Task was interrupted." }),
    code: 10,
    writes: stopBeforeUpdate,
    state: failed,
    says: ["SpotInterruption: Your Spot Task was interrupted."],
  },
  {
    name: "has begun, and no answer says so: the same start is asked for again",
    given: (world) => {
      for (let call = 1; call <= 4; call += 1) world.loses("RunTask", call);
    },
    code: 0,
    writes: succeed,
    state: released,
    says: ["AWS does not answer", "asking for the same task again"],
  },
  {
    name: "has perhaps begun, and no answer ever says so",
    given: (world) => {
      for (let call = 1; call <= 24; call += 1) world.loses("RunTask", call);
    },
    code: 1,
    writes: stopBeforeUpdate,
    state: failed,
    says: ["AWS does not say whether it has started the task", "look at the tasks of shop-dev-migration:3 in shop-dev"],
  },
  {
    name: "loses its machine",
    given: ({ tasks }) =>
      tasks.script.push({
        exits: { migrate: null },
        stopCode: "InfrastructureHealth",
        stoppedReason: "Task stopped due to underlying infrastructure issue",
      }),
    code: 10,
    writes: stopBeforeUpdate,
    state: failed,
    says: ["InfrastructureHealth"],
  },
  {
    name: "is stopped by somebody",
    given: ({ tasks }) =>
      tasks.script.push({ exits: { migrate: 143 }, stopCode: "UserInitiated", stoppedReason: "Task stopped by user" }),
    code: 10,
    writes: stopBeforeUpdate,
    state: failed,
    says: ["UserInitiated", "Task stopped by user"],
  },
  {
    name: "is forgotten by ECS",
    given: ({ tasks }) => tasks.script.push({ forgotten: true }),
    code: 10,
    writes: stopBeforeUpdate,
    state: failed,
    says: ["does not know the task any more"],
  },
  {
    name: "finds no room at all",
    given: ({ tasks }) => tasks.script.push(noRoom, noRoom, noRoom, noRoom, noRoom),
    code: 12,
    writes: [
      ...lock,
      ...register,
      ...["subnet-a+subnet-b", "subnet-a", "subnet-b", "subnet-a", "subnet-b"].map(
        (zone) => `RunTask migration:3 in ${zone}: nothing`,
      ),
      ...tagged("failed"),
      ...unlock,
    ],
    state: failed,
    says: ["Capacity is unavailable"],
    also: ({ journal }) =>
      expect(new Set(journal.inputs("RunTask").map(({ clientToken }) => clientToken)).size).toBe(5),
  },
  {
    name: "is refused by ECS for another reason",
    given: ({ tasks }) => tasks.script.push({ failures: [{ reason: "AGENT", detail: "not connected" }] }),
    code: 12,
    writes: [...lock, ...register, "RunTask migration:3 in subnet-a+subnet-b: nothing", ...tagged("failed"), ...unlock],
    state: failed,
    says: ["AGENT: not connected"],
  },
  {
    name: "is not started, and nobody says why",
    given: ({ tasks }) => tasks.script.push({ failures: [] }),
    code: 12,
    writes: [...lock, ...register, "RunTask migration:3 in subnet-a+subnet-b: nothing", ...tagged("failed"), ...unlock],
    state: failed,
    says: ["ECS has started nothing and not said why"],
  },
  {
    name: "may not be started",
    given: (world) => world.fails("RunTask", denied),
    code: 12,
    writes: [...lock, ...register, ...tagged("failed"), ...unlock],
    state: failed,
    says: ["the migration could not start", "User: ann is not authorized to perform this"],
  },
  {
    name: "may not be looked at",
    given: (world) => {
      world.tasks.script.push({ seconds: Infinity });
      world.fails("DescribeTasks", denied, { times: 99 });
    },
    code: 1,
    writes: [...lock, ...register, ...migrate, "StopTask migration:3", ...tagged("failed"), ...unlock],
    state: failed,
    says: ["User: ann is not authorized to perform this"],
  },
  {
    name: "takes too long",
    given: ({ tasks }) => tasks.script.push({ seconds: Infinity, lines: { migrate: ["waiting for a lock"] } }),
    code: 11,
    writes: [...lock, ...register, ...migrate, "StopTask migration:3", ...tagged("failed"), ...unlock],
    state: failed,
    says: [
      "the migration took longer than 75 s and was stopped; services are untouched",
      "| migrate: waiting for a lock",
    ],
  },
  {
    name: "takes too long and does not stop",
    given: ({ tasks }) => tasks.script.push({ seconds: Infinity, deaf: true }),
    code: 11,
    writes: [...lock, ...register, ...migrate, "StopTask migration:3", ...tagged("failed"), ...unlock],
    state: failed,
    says: ["was told to stop, and still runs: look at it before another release"],
  },
  {
    name: "stays pending",
    given: ({ tasks }) => tasks.script.push({ seconds: Infinity, pending: true }),
    code: 11,
    writes: [...lock, ...register, ...migrate, "StopTask migration:3", ...tagged("failed"), ...unlock],
    state: failed,
    says: ["the migration took longer than 75 s and was stopped"],
  },
  {
    name: "is watched with credentials that expire",
    given: (world) => world.when("RunTask", () => world.expire()),
    code: 4,
    writes: [...lock, ...register, ...migrate],
    state: { ...halfDone, lock: "held" },
    says: ["AWS does not accept these credentials any more", "the lock could not be given back"],
  },
  {
    name: "is never reached: the image may not be tagged",
    given: (world) => world.fails("PutImage", denied),
    code: 1,
    writes: [...lock, ...unlock],
    state: untouched,
    says: ["AWS refuses this to these credentials", "User: ann is not authorized to perform this"],
  },
  {
    name: "is never reached: a revision may not be registered",
    given: (world) => world.fails("RegisterTaskDefinition", denied, { call: 3 }),
    code: 1,
    writes: [...lock, ...register.slice(0, 3), ...unlock],
    state: halfDone,
    says: ["AWS refuses this to these credentials"],
  },
  {
    name: "fails, and a script is told",
    line: "release dev --image build-b --json",
    given: ({ tasks }) => tasks.script.push({ exits: { migrate: 1 } }),
    code: 10,
    writes: stopBeforeUpdate,
    state: failed,
    says: [],
    also: (_, { out }) => expect(JSON.parse(out)).toMatchObject({ ok: false, exitCode: 10 }),
  },
];
