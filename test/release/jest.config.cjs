const { globalSetup: _stacks, ...fast } = require("../jest.config.cjs");

/** The tests of releases and of the commands around them: the real SDK, on an account that is played. No stack is built for them. */
module.exports = {
  ...fast,
  testMatch: ["<rootDir>/test/release/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  // one scenario is a whole release, a tenth of a second: a machine that has much else to do must not make it fail
  testTimeout: 60_000,
};
