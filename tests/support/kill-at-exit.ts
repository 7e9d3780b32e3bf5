import type { ChildProcess } from "node:child_process";
import process from "node:process";

const children = new Set<ChildProcess>();
let listening = false;

/** Makes sure that the child does not outlive this process, however that ends (SIGKILL excepted: nobody hears it). */
export function killAtExit(child: ChildProcess): void {
  children.add(child);
  child.once("exit", () => children.delete(child));
  if (listening) return;
  listening = true;
  process.on("exit", killChildren);
  for (const [signal, exitCode] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
    process.on(signal, () => {
      killChildren();
      // A program that listens for the signal itself, as the demo does, decides by itself when to end.
      if (process.listenerCount(signal) === 1) process.exit(exitCode);
    });
  }
}

function killChildren(): void {
  for (const child of children) child.kill("SIGKILL");
}
