import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";

/** How many tests of a file ended in which way. */
export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What came of one test file. */
export interface TestFileRun {
  readonly path: string;
  readonly counts: TestCounts;
  readonly durationMs: number;
  /** What the process wrote, both streams in the order in which they came. */
  readonly output: string;
  /** Why the counts are not the file's own, when its process gave none. */
  readonly problem?: string;
}

const fileLimitMs = 180_000;
// How long the pipes may stay open after the process: a program that moved to another group may hold them.
const pipesLimitMs = 2_000;
const resultMark = "@@result ";
const running = new Set<ChildProcess>();

/** Runs one test file in a process group of its own and kills what is left of the group when the file is done. */
export async function runTestFile(path: string, environment: Record<string, string>): Promise<TestFileRun> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ["--import", "tsx", "tests/support/run-file.ts", path], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  running.add(child);
  const chunks: Uint8Array[] = [];
  const standardOutput: Uint8Array[] = [];
  child.stdout.on("data", (chunk: Uint8Array) => chunks.push(chunk) && standardOutput.push(chunk));
  child.stderr.on("data", (chunk: Uint8Array) => chunks.push(chunk));

  let ranOut = false;
  const limit = setTimeout(() => {
    ranOut = true;
    killGroup(child);
  }, fileLimitMs);
  const ending = await untilEnded(child);
  clearTimeout(limit);
  running.delete(child);

  // Looked for in one stream alone: a line of the other may have come in the middle of it.
  const resultLine = textOf(standardOutput).split("\n").findLast((line) => line.startsWith(resultMark));
  const output = textOf(chunks).replace(resultLine ?? "", "");
  const durationMs = Math.round(performance.now() - startedAt);
  const counts: TestCounts = JSON.parse(resultLine?.slice(resultMark.length) ?? `{"passed":0,"failed":0,"skipped":0}`);
  const run = { path, counts, durationMs, output };
  if (resultLine !== undefined && !ranOut && (counts.failed > 0 || ending === "exit code 0")) return run;

  counts.failed++;
  const missing = resultLine === undefined ? " and gave no result" : "";
  return { ...run, problem: `ended with ${ranOut ? `its limit of ${fileLimitMs} ms` : ending}${missing}` };
}

/** Ends every file that is running, for when the runner itself is told to stop. */
export function killRunningFiles(): void {
  for (const child of running) killGroup(child);
}

async function untilEnded(child: ChildProcess): Promise<string> {
  const closed = new Promise((settle) => child.once("close", settle));
  const ending = await new Promise<string>((settle) => {
    child.once("error", (error) => settle(error.message));
    child.once("exit", (code, signal) => settle(signal === null ? `exit code ${code}` : signal));
  });
  // A server that the file left behind would hold the pipes open for ever.
  killGroup(child);
  const pipesLimit = new Promise((settle) => setTimeout(settle, pipesLimitMs).unref());
  await Promise.race([closed, pipesLimit]);
  return ending;
}

function textOf(chunks: Uint8Array[]): string {
  return Buffer.concat(chunks).toString("utf8");
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? child.pid : -child.pid, "SIGKILL");
  } catch {
    // ESRCH: the whole group has ended.
  }
}
