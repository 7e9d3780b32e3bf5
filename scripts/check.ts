// `npm run check [-- part-of-a-name …]`: everything that can be known without running the library, and about the two
// packages that are made of it. Stops at the first check that fails.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** What a failure says that only means that a registry cannot be reached; then it is told, and the next check runs. */
  readonly unreachable?: RegExp;
}

// `npm run` puts node_modules/.bin on the PATH, which is where `deno`, `tsc`, `publint` and `attw` come from.
process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { exports } = JSON.parse(await readFile("deno.json", "utf8"));
const entries = Object.values<string>(exports);

const checks: readonly Check[] = [
  { name: "format", command: "deno", args: ["fmt", "--check"] },
  { name: "lint", command: "deno", args: ["lint"] },
  { name: "types of the library", command: "tsc", args: ["--project", "."] },
  { name: "types of tests and scripts", command: "tsc", args: ["--project", "tests"] },
  { name: "imports", command: process.execPath, args: ["--import", "tsx", "scripts/check-imports.ts"] },
  { name: "types in Deno", command: "deno", args: ["check", ...entries] },
  {
    // Deno takes a module that it cannot load for `any`, but not one that is imported by name: this file's are.
    name: "types of src/nats/tcp/deno.ts against the real @nats-io/transport-deno",
    command: "deno",
    args: ["check", "src/nats/tcp/deno.ts"],
    unreachable: /JSR package manifest .* failed to load/,
  },
  { name: "documentation", command: "deno", args: ["doc", "--lint", ...entries] },
  { name: "examples in the documentation", command: "deno", args: ["check", "--doc", ...await filesWithExamples()] },
  {
    name: "pages of the documentation",
    command: process.execPath,
    args: ["--import", "tsx", "scripts/check-documentation.ts"],
  },
  { name: "JSR package", command: "deno", args: ["publish", "--dry-run", "--allow-dirty"] },
  { name: "npm package", command: process.execPath, args: ["--import", "tsx", "scripts/build.ts"] },
  { name: "npm package: publint", command: "publint", args: ["dist", "--strict"] },
  { name: "npm package: attw", command: "attw", args: ["--pack", "dist", "--profile", "esm-only"] },
];

const parts = process.argv.slice(2);
for (const check of checks.filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)))) {
  const startedAt = performance.now();
  const { exitCode, output } = await run(check);
  const durationMs = Math.round(performance.now() - startedAt);
  const wasUnreachable = exitCode !== 0 && (check.unreachable?.test(output) ?? false);
  if (wasUnreachable) {
    console.log(`NOT CHECKED ${check.name}: JSR cannot be reached`);
    continue;
  }
  console.log(`${exitCode === 0 ? "ok  " : "FAIL"} ${check.name} (${durationMs} ms)`);
  if (exitCode === 0) continue;
  console.log(output);
  process.exitCode = 1;
  break;
}

async function filesWithExamples(): Promise<string[]> {
  const inSource = (await readdir("src", { recursive: true })).filter((path) => path.endsWith(".ts"));
  const files: string[] = [];
  for (const path of ["mod.ts", ...inSource.map((name) => join("src", name)).sort()]) {
    if (/^ \* ```ts$/m.test(await readFile(path, "utf8"))) files.push(path);
  }
  return files;
}

async function run({ command, args }: Check): Promise<{ exitCode: number | null; output: string }> {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
    shell: process.platform === "win32" && command !== process.execPath,
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => output += chunk);
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => output += chunk);
  const [exitCode] = await once(child, "close") as [number | null];
  return { exitCode, output };
}
