import { readFile, writeFile } from "node:fs/promises";
import type { Allocations } from "./count-allocations.ts";

/** What each kind of work may allocate, in bytes, for each major version of Node: their engines differ. */
export interface Budget {
  /** By how much a budget may be exceeded, as a share of it. */
  readonly room: number;
  readonly bytes: Readonly<Record<string, Allocations>>;
}

const file = new URL("../budget.json", import.meta.url);

/** The key of this Node's budgets. */
export const nodeKey: string = `node${process.versions.node.split(".")[0]}`;

/** Reads the budgets. */
export async function readBudget(): Promise<Budget> {
  return JSON.parse(await readFile(file, "utf8"));
}

/** Makes what was counted the budget of this Node. */
export async function setBudget(counted: Allocations): Promise<void> {
  const budget = await readBudget();
  const rounded = Object.fromEntries(
    Object.entries(counted).map(([name, bytes]) => [name, Math.round(bytes)]),
  );
  const bytes = { ...budget.bytes, [nodeKey]: rounded };
  await writeFile(
    file,
    `${JSON.stringify({ ...budget, bytes }, undefined, 2)}\n`,
  );
}

/** Whether so many bytes are more than the budget and its room; work without a budget is over it. */
export function isOverBudget(
  bytes: number,
  allowed: number | undefined,
  room: number,
): boolean {
  return !(allowed !== undefined && bytes <= allowed * (1 + room));
}
