const fast = require("../jest.config.cjs");

/** The tests that need Terraform, the provider and the emulator: minutes, not seconds. */
module.exports = {
  ...fast,
  testMatch: ["<rootDir>/test/system/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  globalSetup: "<rootDir>/test/system/support/before-all.ts",
  // these read where Terraform, the provider and python are; what could reach AWS is taken out for each command
  setupFiles: [],
  testTimeout: 30 * 60 * 1000,
  // half of their time is waiting, mostly for databases, so that two take little longer than one; each has emulators of its own
  maxWorkers: 2,
  testSequencer: "<rootDir>/test/system/longest-first.cjs",
};
