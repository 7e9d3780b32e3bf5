import { readFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { installPackage, npmRuntimes } from "../packaging/installed-package.ts";
import { startProgram } from "../support/program.ts";
import { describe } from "../support/suite.ts";

const page = await readFile(new URL("../../docs/testing.md", import.meta.url), "utf8");
const programs = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text]) => text!);
const timeoutMs = 90_000;

describe("docs/testing.md", (test) => {
  test("has a program in each of its parts", () => {
    const parts = page.split("\n## ").slice(1);
    assert.is(parts.length, 7);
    for (const part of parts) assert.match(part, /^```ts$/m);
  });

  test("has programs that pass the type checker and run in Node, Bun and Deno", { timeoutMs }, async () => {
    const { folder, write, start } = await installPackage();
    for (const [index, text] of programs.entries()) await write(`testing-page/${index}.ts`, text);
    const compilerOptions = {
      target: "es2022",
      lib: ["es2023", "dom", "esnext.disposable"],
      module: "nodenext",
      types: ["node"],
      typeRoots: [fileURLToPath(new URL("../../node_modules/@types", import.meta.url))],
      skipLibCheck: true,
      strict: true,
    };
    await write("testing-page/tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    const compiler = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
    await using checking = startProgram(process.execPath, [compiler, "--project", "testing-page"], { folder });
    const { standardOutput } = await checking.ended();
    assert.is(standardOutput, "");
    for (const runtime of npmRuntimes) {
      for (const [index, text] of programs.entries()) {
        // Outside of their own test commands these two do not run what is registered there.
        if (runtime !== "node" && text.includes("node:test")) continue;
        await using program = await start(runtime, `testing-page/${index}.js`);
        const { exitCode, errorOutput } = await program.ended();
        assert.is(exitCode, 0, `${runtime}: ${text}\n${errorOutput}`);
      }
    }
  });
});
