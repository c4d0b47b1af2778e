// The pages' own scripts must run in the oldest browsers of the desks: see "browserslist" in package.json.
// compat knows the APIs; what is new in the language itself and on prototypes is named here.
import compat from "eslint-plugin-compat";

const methods = ["at", "findLast", "findLastIndex", "toSorted", "toReversed", "toSpliced", "with", "isWellFormed", "requestSubmit"];

export default [
  {
    files: ["static/grid/**/*.js"],
    ...compat.configs["flat/recommended"],
  },
  {
    files: ["static/grid/**/*.js"],
    languageOptions: { ecmaVersion: 2022, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: true },
    rules: {
      "no-undef": "off",
      "no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "no-restricted-syntax": [
        "error",
        { selector: "StaticBlock", message: "Static blocks came with Chromium 94." },
        { selector: "Program > ExpressionStatement > AwaitExpression", message: "Top-level await came with Chromium 89." },
        { selector: "Program > VariableDeclaration > VariableDeclarator > AwaitExpression", message: "Top-level await came with Chromium 89." },
        { selector: "Literal[regex.pattern=/\\(\\?<[=!]/]", message: "Safari 15 has no look-behind." },
        ...methods.map((name) => ({
          selector: `CallExpression[optional=false] > MemberExpression.callee[computed=false][optional=false][property.name="${name}"]`,
          message: `${name}() is newer than Chromium 86 or Safari 15: do without, or ask whether it is there.`,
        })),
      ],
    },
  },
  {
    files: ["tests/phone/*.mjs"], // They run in Node, which knows what is new.
    languageOptions: { ecmaVersion: 2022, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: true },
    rules: { "no-undef": "off", "no-unused-vars": ["error", { ignoreRestSiblings: true }] },
  },
];
