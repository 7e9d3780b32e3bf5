import { execFile } from "node:child_process";
import { access, constants, readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { findActionlint } from "../../scripts/actionlint.ts";
import { runtimeNames } from "../runtimes/find-runtimes.ts";
import { describe } from "../support/suite.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Job {
  readonly uses?: string;
  readonly steps?: readonly Step[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly (string | number)[]>> };
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = new URL("../../", import.meta.url);
const folder = ".github/workflows/";
const names = (await readdir(new URL(folder, root))).filter((name) => /\.ya?ml$/.test(name)).sort();
const workflows = new Map(
  await Promise.all(names.map(async (name) => [name, await read<Workflow>(folder + name)] as const)),
);
const manifest = JSON.parse(await readFile(new URL("package.json", root), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};
const jobs = [...workflows].flatMap(([file, { jobs }]) =>
  Object.entries(jobs).map(([name, job]) => ({ label: `${file} ${name}`, job }))
);
const steps = jobs.flatMap(({ label, job }) => (job.steps ?? []).map((step) => ({ label, step })));
const actionlint = await findActionlint({ install: false }).catch((error: Error) => error);

async function read<Content>(path: string): Promise<Content> {
  return parse(await readFile(new URL(path, root), "utf8")) as Content;
}

/** The programs and scripts of the project that a command runs. */
async function checkCommand(label: string, command: string): Promise<void> {
  const script = /^npm (?:run )?(\S+)/.exec(command)?.[1];
  if (script !== undefined && !["ci", "publish"].includes(script)) {
    assert.ok(Object.hasOwn(manifest.scripts, script), `${label}: npm run ${script}`);
  }
  const file = /^(?:node --import tsx )?((?:\.ci|scripts)\/\S+)/.exec(command)?.[1];
  if (file !== undefined) {
    await access(new URL(file, root), command.startsWith(".ci/") ? constants.X_OK : constants.F_OK);
  }
  assert.ok(script !== undefined || file !== undefined || /^npx deno publish$/.test(command), `${label}: ${command}`);
}

describe("The workflows", (test) => {
  test("are those that test and that publish", () => {
    assert.equal(names, ["ci.yml", "publish.yml"]);
  });

  test("run commands of the project that are there", async () => {
    for (const { label, step } of steps) {
      if (step.run === undefined) continue;
      for (const line of step.run.trim().split("\n")) await checkCommand(label, line.trim());
    }
    for (const { job: { uses } } of jobs) if (uses !== undefined) await access(new URL(uses, root));
  });

  test("pin every action to a commit", () => {
    const used = steps.flatMap(({ step: { uses } }) => uses === undefined ? [] : [uses]);
    assert.ok(used.length > 0);
    for (const action of used) assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  });

  test("end by themselves, and may read and no more, but for the two jobs that publish", () => {
    for (const [name, { permissions }] of workflows) assert.equal(permissions, { contents: "read" }, name);
    for (const { label, job } of jobs) {
      if (job.uses === undefined) assert.ok((job["timeout-minutes"] ?? Infinity) <= 90, label);
      const isPublishing = /^publish\.yml (?:npm|jsr)$/.test(label);
      assert.equal(job.permissions, isPublishing ? { contents: "read", "id-token": "write" } : undefined, label);
    }
  });

  test("run every runtime, and Node.js from the oldest that the package names", () => {
    const { runtimes, node, systems } = workflows.get("ci.yml")!.jobs;
    assert.equal(["node", ...runtimes!.strategy!.matrix["runtime"]!].sort(), [...runtimeNames].sort());
    assert.equal(node!.strategy!.matrix["version"], [20, 22, 24]);
    assert.equal(systems!.strategy!.matrix["system"], ["macos-latest", "windows-latest"]);
  });

  test("publish with provenance, after everything was tested and the release was checked", () => {
    const { ci, npm, jsr } = workflows.get("publish.yml")!.jobs;
    assert.is(ci!.uses, "./.github/workflows/ci.yml");
    const commands = [npm!, jsr!].map((job) => job.steps!.flatMap(({ run }) => run === undefined ? [] : [run]));
    for (const list of commands) assert.ok(list.some((command) => command.includes("scripts/check-release.ts")));
    assert.match(commands[0]!.at(-1)!, /^npm publish \.\/dist .*--provenance/);
    assert.is(commands[1]!.at(-1), "npx deno publish");
  });

  const name = "are what GitHub understands, by actionlint";
  if (actionlint instanceof Error) test.skip(name, actionlint.message);
  else {
    test(name, { timeoutMs: 60_000 }, async () => {
      const files = names.map((file) => folder + file);
      const options = { cwd: fileURLToPath(root) };
      const { stdout } = await promisify(execFile)(actionlint.path, ["-no-color", "-shellcheck=", ...files], options)
        .catch((error: { stdout: string }) => error);
      assert.is(stdout, "");
    });
  }
});

describe("The issue templates", (test) => {
  test("are forms with what GitHub asks of one", async () => {
    for (const file of ["bug.yml", "idea.yml"]) {
      const form = await read<Record<string, unknown>>(`.github/ISSUE_TEMPLATE/${file}`);
      for (const field of ["name", "description"]) assert.type(form[field], "string");
      const body = form["body"] as { type: string; id: string; attributes: { label: string; options?: unknown[] } }[];
      assert.is(new Set(body.map(({ id }) => id)).size, body.length);
      for (const { type, attributes } of body) {
        assert.ok(["textarea", "input", "dropdown"].includes(type), type);
        assert.type(attributes.label, "string");
        assert.is(type === "dropdown", Array.isArray(attributes.options));
      }
    }
  });
});
