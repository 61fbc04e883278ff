const fast = require("../jest.config.cjs");

/** The tests that need Terraform, the provider and the emulator: minutes, not seconds, and one file at a time. */
module.exports = {
  ...fast,
  testMatch: ["<rootDir>/test/system/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  // these read where Terraform, the provider and python are; what could reach AWS is taken out for each command
  setupFiles: [],
  testTimeout: 30 * 60 * 1000,
  maxWorkers: 1,
};
