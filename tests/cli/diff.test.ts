import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import * as v from "valibot";
import { compareContracts, describeContract } from "../../src/describe/mod.ts";
import { version } from "../describe/contract-versions.ts";
import { kiosk } from "../discovery/kiosk.ts";
import { describe } from "../support/suite.ts";
import { runCli } from "./run-cli.ts";

const timeoutMs = 30_000;

const text = v.object({ text: v.string() });
const versions = {
  first: version({ version: "1.0.0", requests: { find: { request: text, response: text } } }),
  more: version({
    version: "1.1.0",
    requests: {
      find: { request: v.object({ text: v.string(), limit: v.optional(v.number()) }), response: text },
      list: { request: text, response: text },
    },
  }),
  less: version({
    version: "1.2.0",
    requests: { find: { request: v.object({ text: v.string(), limit: v.number() }), response: text } },
  }),
  other: version({
    version: "2.0.0",
    requests: { find: { request: v.object({ id: v.string() }), response: text } },
  }),
};

/** Every version as the file that `describe --description` makes. */
async function withVersions(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "messaging-cli-"));
  try {
    for (const [name, contract] of Object.entries(versions)) {
      await writeFile(join(folder, `${name}.json`), JSON.stringify(describeContract(contract)));
    }
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("diff", (test) => {
  test("ends with 0 where nothing is breaking, and with 1 where something is", { timeoutMs }, async () => {
    await withVersions(async (folder) => {
      const diff = (...args: string[]) => runCli(["diff", ...args], { folder });
      const compatible = await diff("first.json", "more.json");
      assert.equal([compatible.exitCode, compatible.errorOutput], [0, ""]);
      assert.match(compatible.output, /^orders 1\.0\.0 → orders 1\.1\.0\n/);
      assert.match(compatible.output, /^compatible +request +list +REQUEST_ADDED /m);
      assert.match(compatible.output, /\nNo change is breaking\n$/);
      const breaking = await diff("first.json", "less.json");
      assert.is(breaking.exitCode, 1);
      assert.match(breaking.output, /^breaking +request +find +REQUEST_NARROWED /m);
      assert.match(breaking.output, /\n1 change is breaking\n$/);
      const same = await diff("first.json", "first.json");
      assert.equal(same, {
        exitCode: 0,
        output: "orders 1.0.0 → orders 1.0.0\n\nNothing has changed\n",
        errorOutput: "",
      });
    });
  });

  test("prints what compareContracts gives, with --json", { timeoutMs }, async () => {
    await withVersions(async (folder) => {
      const { exitCode, output } = await runCli(["diff", "first.json", "less.json", "--json"], { folder });
      assert.is(exitCode, 1);
      assert.equal(JSON.parse(output), compareContracts(versions.first, versions.less));
    });
  });

  test("lets a higher major version break where it may", { timeoutMs }, async () => {
    await withVersions(async (folder) => {
      const end = async (...args: string[]): Promise<number> => (await runCli(["diff", ...args], { folder })).exitCode;
      assert.is(await end("first.json", "other.json"), 1);
      assert.is(await end("first.json", "other.json", "--allow-major"), 0);
      assert.is(await end("other.json", "first.json", "--allow-major"), 1);
      assert.is(await end("first.json", "less.json", "--allow-major"), 1);
    });
  });

  test("compares contract files with the description that describe made", { timeoutMs }, async () => {
    await withVersions(async (folder) => {
      const file = join(folder, "kiosk.json");
      const made = await runCli(["describe", "kiosk.ts", "--description", "-o", file]);
      assert.is(made.exitCode, 0);
      const same = await runCli(["diff", file, "several.ts", "--export", "kiosk", "--json"]);
      assert.equal(same, { exitCode: 0, output: '{"compatible":true,"changes":[]}\n', errorOutput: "" });
      const { output } = await runCli(["describe", "kiosk.ts", "--description", "--json"]);
      assert.equal(JSON.parse(output), JSON.parse(JSON.stringify(describeContract(kiosk))));
    });
  });

  test("ends with 2 for what is no contract", { timeoutMs }, async () => {
    await withVersions(async (folder) => {
      await writeFile(join(folder, "text.json"), "no JSON");
      await writeFile(join(folder, "list.json"), "[]");
      const wrong: [string, RegExp][] = [
        ["missing.json", /There is no file missing\.json/],
        ["text.json", /text\.json is no description of a contract: it is no JSON\n {2}hint: Make it with/],
        ["list.json", /list\.json is no description of a contract: Cannot read a contract/],
        ["missing.ts", /There is no file missing\.ts/],
      ];
      for (const [file, message] of wrong) {
        const { exitCode, errorOutput } = await runCli(["diff", "first.json", file], { folder });
        assert.is(exitCode, 2, file);
        assert.match(errorOutput, message);
      }
      const several = await runCli(["diff", "several.ts", "several.ts"]);
      assert.match(several.errorOutput, /exports several contracts/);
    });
  });
});
