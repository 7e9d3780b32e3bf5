import process from "node:process";
// Deno's own gives a number, which cannot be told not to keep the process.
import { setInterval } from "node:timers";

const lookEveryMs = 1_000;

/** Ends this process when the one that started it is gone, however that ended. */
export function endWithStarter(): void {
  const starter = process.ppid;
  setInterval(() => {
    if (process.ppid !== starter) process.exit(1);
  }, lookEveryMs).unref();
}
