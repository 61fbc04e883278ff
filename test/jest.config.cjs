const path = require("node:path");

/** The tests a newcomer runs: no network, no credentials, no emulator. */
module.exports = {
  rootDir: path.resolve(__dirname, ".."),
  testEnvironment: "node",
  // jest leaves a core idle, which on two is half of them
  maxWorkers: "100%",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/system/", "<rootDir>/test/release/"],
  // a machine that has much else to do must not make a test fail
  testTimeout: 60_000,
  globalSetup: "<rootDir>/test/support/every-stack.ts",
  setupFiles: ["<rootDir>/test/support/no-credentials.ts", "<rootDir>/test/support/no-token-traces.ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
};
