// Whole programs of the concept pages: what the types allow can still be refused when it runs.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { isProgram } from "../../scripts/documentation/code-blocks.ts";
import { describe } from "../support/suite.ts";
import { blocksOf } from "./page-blocks.ts";
import { PageProject } from "./page-project.ts";

describe("Whole programs of the concept pages", (test) => {
  for (const page of ["docs/contract.md", "docs/access.md", "docs/transports.md"]) {
    test(`${page}: run to their end`, { timeoutMs: 60_000 }, async () => {
      await using project = await PageProject.of(page);
      const names: string[] = [];
      for (const [index, { file, prelude, text, line }] of (await blocksOf(page)).filter(isProgram).entries()) {
        if (prelude !== undefined) continue;
        const name = file ?? `block-${index}.ts`;
        // The mission's block leaves the extension out, as bundlers allow.
        await writeFile(join(project.folder, name), text.replace("'./your-contract'", "'./your-contract.ts'"));
        names.push(`// ${page}:${line}\nawait import("./${name}");\n`);
      }
      assert.ok(names.length >= 3);
      await writeFile(join(project.folder, "all.ts"), `${names.join("")}console.log("All ran");\n`);
      const { exitCode, standardOutput, errorOutput } = await project.run("all.ts", {});
      assert.is(errorOutput, "");
      assert.match(standardOutput, /All ran\n$/);
      assert.is(exitCode, 0);
    });
  }
});
