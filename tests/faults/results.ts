import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus, platform, release } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { natsServerVersion } from "../support/nats-server-program.ts";
import type { ContenderName } from "./contender.ts";
import { type Figure, figuresFromJson, figuresToJson, type Size } from "./figures.ts";
import type { JobPlace } from "./start-job.ts";

/** One experiment with one contender at one place. */
export interface Cell {
  readonly id: string;
  readonly size: Size;
  readonly contender: ContenderName;
  readonly place: JobPlace;
  readonly figures: readonly Figure[];
  readonly seed: number;
  readonly tookMs: number;
  /** The day, as `2026-11-24`. */
  readonly takenOn: string;
  /** The machine's load average of the minute when it began: others may be at work on it. */
  readonly load?: number;
  /** Why there are no figures. */
  readonly problem?: string;
}

/** What was measured where. */
export interface Results {
  readonly machine: {
    readonly system: string;
    readonly cores: number;
    readonly node: string;
    readonly natsServer: string;
  };
  readonly cells: readonly Cell[];
}

const folder = new URL("results/", import.meta.url);
const file = fileURLToPath(new URL("latest.json", folder));

/** The newest results; empty where there are none. */
export async function readResults(): Promise<Results> {
  try {
    const results = JSON.parse(await readFile(file, "utf8")) as Results;
    return { ...results, cells: results.cells.map((cell) => ({ ...cell, figures: figuresFromJson(cell.figures) })) };
  } catch {
    return { machine: thisMachine(), cells: [] };
  }
}

/** Puts a cell in place of the one that was there before. */
export async function keepCell(cell: Cell): Promise<Results> {
  const { cells } = await readResults();
  const isOther = (one: Cell): boolean => keyOf(one) !== keyOf(cell);
  const results = { machine: thisMachine(), cells: [...cells.filter(isOther), cell].sort(byKey) };
  const json = { ...results, cells: results.cells.map((one) => ({ ...one, figures: figuresToJson(one.figures) })) };
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${JSON.stringify(json, undefined, 2)}\n`);
  return results;
}

function byKey(one: Cell, other: Cell): number {
  return keyOf(one) < keyOf(other) ? -1 : 1;
}

function keyOf({ id, size, contender, place }: Cell): string {
  return [id, size, contender, place].join(" ");
}

function thisMachine(): Results["machine"] {
  return {
    system: `${platform()} ${release().replace(/-.*/, "")}`,
    cores: cpus().length,
    node: process.versions.node,
    natsServer: natsServerVersion,
  };
}
