import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";

const pageBytes = 4_096;
const sampleEveryMs = 50;

/** The memory that a process has, in bytes. */
export function residentBytes(pid: number): number {
  if (process.platform === "linux") {
    return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * pageBytes;
  }
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) * 1_024;
}

/** Looks at a process's memory until it is disposed of. */
export class MemoryWatch implements Disposable {
  /** What it had when the watch began. */
  readonly baseBytes: number;
  #peakBytes: number;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(pid: number) {
    this.baseBytes = this.#peakBytes = residentBytes(pid);
    this.#timer = setInterval(() => {
      try {
        this.#peakBytes = Math.max(this.#peakBytes, residentBytes(pid));
      } catch {
        // It has ended.
        clearInterval(this.#timer);
      }
    }, sampleEveryMs);
  }

  /** By how much it has grown at most. */
  get grownBytes(): number {
    return this.#peakBytes - this.baseBytes;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
