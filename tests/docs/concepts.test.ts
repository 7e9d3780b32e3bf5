// What the concept pages say: their table of codes, and their whole programs, which the types allow and which can still be
// refused when they run.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { type LibraryCode, libraryCodes } from "../../mod.ts";
import { isProgram } from "../../scripts/documentation/code-blocks.ts";
import { describe } from "../support/suite.ts";
import { blocksOf } from "./page-blocks.ts";
import { PageProject } from "./page-project.ts";

describe("docs/errors.md", (test) => {
  test("has every code of the library with its status and what it says of the work", async () => {
    const page = await readFile(new URL("../../docs/errors.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| \[`([A-Z_]+)`\]\(\S+\) \| (\d+) \| (.+) \|$/gm)];
    assert.equal(rows.map(([, code]) => code).sort(), Object.keys(libraryCodes).sort());
    for (const [, code, status, told] of rows) {
      const { execution, ...meaning } = libraryCodes[code as LibraryCode];
      assert.is(Number(status), meaning.status, code);
      assert.match(told!, new RegExp(`\\b${execution}\\b`), code);
    }
  });
});

describe("docs/README.md", (test) => {
  test("leads to every page", async () => {
    const index = await readFile(new URL("../../docs/README.md", import.meta.url), "utf8");
    const pages = (await readdir(new URL("../../docs/", import.meta.url))).filter((name) => name.endsWith(".md"));
    for (const page of pages) assert.ok(page === "README.md" || index.includes(`](${page})`), page);
  });
});

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
