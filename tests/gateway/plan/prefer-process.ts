import { readdirSync } from "node:fs";
import { setPriority } from "node:os";
import process from "node:process";

const preferred = -10;

/**
 * Lets a process run before others, where this one may do that: callers who attack are on other machines, and what else
 * runs on this one is none of the experiment. Where it may not, times tell of both.
 */
export function preferProcess(pid: number): void {
  for (const thread of threadsOf(pid)) {
    try {
      setPriority(thread, preferred);
    } catch {
      // No right to, or the thread has ended.
    }
  }
}

/** On Linux a priority is a thread's own. */
function threadsOf(pid: number): readonly number[] {
  if (process.platform !== "linux") return [pid];
  return readdirSync(`/proc/${pid}/task`).map(Number);
}
