// `npm run check`: everything that can be known without running the library. Stops at the first check that fails.
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";

interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

const checks: readonly Check[] = [
  { name: "format", command: "deno", args: ["fmt", "--check"] },
  { name: "lint", command: "deno", args: ["lint"] },
  { name: "types of the library", command: "tsc", args: ["--project", "."] },
  { name: "types of tests and scripts", command: "tsc", args: ["--project", "tests"] },
  { name: "imports", command: process.execPath, args: ["--import", "tsx", "scripts/check-imports.ts"] },
];

// `npm run` puts node_modules/.bin on the PATH, which is where `deno` and `tsc` come from.
process.chdir(fileURLToPath(new URL("..", import.meta.url)));
for (const check of checks) {
  const startedAt = performance.now();
  const { exitCode, output } = await run(check);
  const durationMs = Math.round(performance.now() - startedAt);
  console.log(`${exitCode === 0 ? "ok  " : "FAIL"} ${check.name} (${durationMs} ms)`);
  if (exitCode === 0) continue;
  console.log(output);
  process.exitCode = 1;
  break;
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
