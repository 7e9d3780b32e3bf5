import * as assert from "uvu/assert";
import { findImports } from "../../scripts/imports/find-imports.ts";
import { describe } from "../support/suite.ts";

function found(source: string): string[] {
  return findImports(source).map(({ kind, specifier, line }) => `${line} ${kind} ${specifier}`);
}

describe("findImports()", (test) => {
  test("tells static, type-only, dynamic and computed imports apart, with their lines", () => {
    const source = [
      `import { a, type B } from "./a.ts";`,
      `import type { C } from './c.ts';`,
      `import type D from "./d.ts";`,
      `import "./effect.ts";`,
      `import * as everything from "every";`,
      `export { a } from "./re.ts";`,
      `export type {`,
      `  B,`,
      `} from "./types-only.ts";`,
      `export * from "./star.ts";`,
      `const late = await import("./late.ts");`,
      `const computed = await import(name);`,
      `type Late = import("./late-type.ts").Late;`,
    ].join("\n");
    assert.equal(found(source), [
      "1 value ./a.ts",
      "2 type ./c.ts",
      "3 type ./d.ts",
      "4 value ./effect.ts",
      "5 value every",
      "6 value ./re.ts",
      "7 type ./types-only.ts",
      "10 value ./star.ts",
      "11 dynamic ./late.ts",
      "12 computed ",
      "13 dynamic ./late-type.ts",
    ]);
  });

  test("is not misled by comments, strings, templates and regular expressions", () => {
    const source = [
      `// import "no-1";`,
      `/* import "no-2"; */`,
      `const text = 'import "no-3"';`,
      'const template = `import "no-4" ${await import(\'yes-1\') + `${{ a: \'}\' }.a} import "no-5"`} import "no-6"`;',
      `const quote = /["'\`]/.test(text) ? 4 / 2 / 1 : /[/"]\\//g;`,
      `const half = (a + b) / 2; const import_ = meta.import("no-7"); import.meta.url;`,
      `import "yes-2";`,
    ].join("\n");
    assert.equal(found(source), ["4 dynamic yes-1", "7 value yes-2"]);
  });

  test("takes an export of a declaration for no import", () => {
    const source = [
      `export type Shape = { from: "no-1" };`,
      `export const from = "no-2";`,
      `export interface Route { from: "no-3" }`,
      `export function from(): void {}`,
      `export { local };`,
      `export type { Shape as Other };`,
      `import { x } from "yes";`,
    ].join("\n");
    assert.equal(found(source), ["7 value yes"]);
  });
});
