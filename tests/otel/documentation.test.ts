import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { attributeNames, metricNames, schemaUrl } from "../../src/otel/semantic-conventions.ts";
import { findRuntime } from "../runtimes/find-runtimes.ts";
import { startProgram } from "../support/program.ts";
import { describe } from "../support/suite.ts";

const folder = fileURLToPath(new URL("../..", import.meta.url));
const page = await readFile(new URL("../../docs/telemetry.md", import.meta.url), "utf8");

describe("docs/telemetry.md", (test) => {
  test("names every attribute, every metric and the version of the conventions", () => {
    for (const name of [...Object.values(attributeNames), ...Object.values(metricNames)]) {
      assert.ok(page.includes(`\`${name}\``), name);
    }
    assert.ok(page.includes(schemaUrl.slice(schemaUrl.lastIndexOf("/") + 1)));
  });

  test("has programs that type-check", { timeoutMs: 100_000 }, async () => {
    assert.equal(page.match(/^```ts$/gm)?.length, 5);
    const { path } = await findRuntime("deno");
    await using checking = startProgram(path, ["check", "--quiet", "--doc-only", "docs/telemetry.md"], { folder });
    const { exitCode, errorOutput } = await checking.ended(90_000);
    assert.equal(exitCode, 0, errorOutput);
  });
});
