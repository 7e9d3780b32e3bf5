import { mkdir, readFile, writeFile } from "node:fs/promises";
import {
  availableParallelism,
  cpus,
  loadavg,
  release,
  totalmem,
  type,
} from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plan } from "./bench.ts";
import type { PartResult } from "./workload.ts";

/** A part's result as it is kept. */
export interface SavedPart extends PartResult {
  /** When it began, in UTC. */
  readonly measuredAt: string;
  readonly rounds: number;
  readonly durationMs: number;
  /** The system's load before it began, over the last minute: others' work, where it is not about 0. */
  readonly loadBefore: number;
  /** What it ran on. */
  readonly machine: Readonly<Record<string, string>>;
}

/** All parts, the newest of each. */
interface SavedResults {
  readonly parts: Readonly<Record<string, SavedPart>>;
}

const folder = fileURLToPath(new URL("../results/", import.meta.url));

/** Where a run's results go: a smoke run must not stand in the place of a measurement. */
export function resultFile(quick: boolean, name: string): string {
  return join(folder, quick ? "quick" : "", name);
}

/** Describes this machine. */
export function describeMachine(
  natsServerVersion: string,
): Record<string, string> {
  return {
    processor: `${
      cpus()[0]?.model.trim() ?? "unknown"
    }, ${availableParallelism()} cores`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()}`,
    node: process.versions.node,
    natsServer: natsServerVersion,
  };
}

/** Runs a part, and notes when, how and under what load. */
export async function measurePart(
  plan: Plan,
  natsServer: string,
  work: () => Promise<PartResult>,
): Promise<SavedPart> {
  const { rounds, durationMs } = plan;
  const measuredAt = new Date().toISOString();
  const loadBefore = loadavg()[0]!;
  const { workloads, notes } = await work();
  return {
    measuredAt,
    rounds,
    durationMs,
    loadBefore,
    machine: describeMachine(natsServer),
    workloads,
    notes,
  };
}

/** Puts a part in the place of an older one of its name. */
export async function savePart(
  file: string,
  name: string,
  part: SavedPart,
): Promise<void> {
  const { parts } = await readResults(file);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(
    file,
    `${JSON.stringify({ parts: { ...parts, [name]: part } }, undefined, 2)}\n`,
  );
}

async function readResults(file: string): Promise<SavedResults> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return { parts: {} };
    }
    throw error;
  }
}
