#!/usr/bin/env node
import process from "node:process";
import { runCommandLine } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";
import type { TextOutput } from "./surroundings.ts";

const maximumInputBytes = 64 * 1024 * 1024;

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // Who asks twice does not want to wait.
    if (interruption.signal.aborted) process.exit(exitCodes.interrupted);
    interruption.abort(new Error(`${signal} came`));
  });
}

const exitCode = await runCommandLine(process.argv.slice(2), {
  output: outputOf(process.stdout),
  errorOutput: outputOf(process.stderr),
  input: { isTerminal: process.stdin.isTTY === true, read: readInput },
  environment: process.env,
  folder: process.cwd(),
  interrupted: interruption.signal,
});
// A contract file is a program: it may have started what would keep the process.
process.exit(exitCode);

function outputOf(stream: NodeJS.WriteStream): TextOutput {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever read has read enough, as `head` does.
    process.exit(error.code === "EPIPE" ? exitCodes.done : exitCodes.failed);
  });
  return {
    write: (text) => new Promise((resolve) => stream.write(text, () => resolve())),
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
  };
}

async function readInput(signal: AbortSignal): Promise<Uint8Array> {
  const { stdin } = process;
  const onAbort = (): void => void stdin.destroy(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of stdin) {
      length += chunk.length;
      if (length > maximumInputBytes) throw new Error(`Standard input has more than ${maximumInputBytes} bytes`);
      chunks.push(chunk);
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
  return Buffer.concat(chunks);
}
