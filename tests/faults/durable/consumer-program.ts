import { build } from "esbuild";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Program, startProgram } from "../../support/program.ts";
import type { KillPlan } from "./kill-points.ts";

/** What a consumer does. */
export interface ConsumerChoice {
  readonly servers: readonly string[];
  readonly durable: string;
  readonly concurrency: number;
  readonly ackWaitMs: number;
  /** How long a handler takes, in milliseconds. */
  readonly handlerMs: number;
  /** The file that it logs to. */
  readonly log: string;
  readonly kill?: KillPlan;
  readonly orderedBy?: "key";
  /** The SQLite file in which it counts each event, with an inbox. */
  readonly counter?: string;
  /** Whether the stream stands on three servers. */
  readonly replicated?: boolean;
}

const file = fileURLToPath(new URL("../../../node_modules/.cache/messaging-faults/consumer.js", import.meta.url));
let built: Promise<unknown> | undefined;

/** Starts a consumer. Hundreds of them live one after another, so it is built once for all. */
export async function startConsumer(choice: ConsumerChoice): Promise<Program> {
  await (built ??= build({
    entryPoints: [fileURLToPath(new URL("consumer.ts", import.meta.url))],
    outfile: file,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["node"],
    packages: "external",
    logLevel: "silent",
  }));
  return startProgram(process.execPath, [file, JSON.stringify(choice)]);
}
