/** Variable that names the file of all stacks, which are built once before all tests. */
export const everyStackFile = "TEST_EVERY_STACK";
