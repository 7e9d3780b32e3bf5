import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

const freezeLimitMs = 2_000;

/**
 * Stops a process (SIGSTOP) and returns when it has stopped.
 *
 * The signal alone is not enough: the threads of a server that are on another processor go on for a moment and answer
 * what comes in then. Blocks on purpose, so that no turn of this process falls into that moment.
 */
export function freezeProcess(pid: number): void {
  process.kill(pid, "SIGSTOP");
  const deadline = performance.now() + freezeLimitMs;
  while (!hasStopped(pid)) {
    if (performance.now() > deadline) throw new Error(`Process ${pid} did not stop within ${freezeLimitMs} ms`);
  }
}

function hasStopped(pid: number): boolean {
  if (process.platform !== "linux") {
    return execFileSync("ps", ["-o", "state=", "-p", String(pid)], { encoding: "utf8" }).trim().startsWith("T");
  }
  const threads = readdirSync(`/proc/${pid}/task`);
  // "pid (name) state …", where the name may hold anything, a closing parenthesis too.
  return threads.every((thread) => /\) T [^)]*$/.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8")));
}
