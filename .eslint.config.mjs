import tseslint from "typescript-eslint";

const processEnv = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: "only an entry (stacks/app.ts, ci/main.ts) reads process.env: take the value as a parameter",
};
const orLiteral = {
  selector: "LogicalExpression[operator='||'][right.type='Literal']",
  message: "`||` also replaces 0, false and '': use `??`",
};

export default tseslint.config(
  { ignores: ["node_modules/", "cdktf.out/", ".cache/", "coverage/"] },
  ...tseslint.configs.recommendedTypeChecked.map((c) => ({ ...c, files: ["**/*.ts"] })),
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "no-restricted-imports": [
        "error",
        {
          paths: [
            {
              name: "@cdktf/provider-aws",
              message: "the index costs 4 s and 550 MB: import @cdktf/provider-aws/lib/<x>",
            },
          ],
        },
      ],
      "no-restricted-syntax": ["error", processEnv, orLiteral],
      eqeqeq: "error",
      "@typescript-eslint/no-explicit-any": "error",
    },
  },
  {
    files: ["stacks/app.ts", "ci/main.ts", "ci/bench.ts", "test/**/*.ts"],
    rules: { "no-restricted-syntax": ["error", orLiteral] },
  },
  {
    // synthesised JSON has no type: tests read it through test/support/synth.ts and assert on values
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
);
