import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Contract } from "../contract/contract.ts";
import { withResolvers } from "../transport/with-resolvers.ts";
import { importModule, type ModuleExports } from "./import-module.ts";
import { withoutSecrets } from "./secrets.ts";
import { UsageError } from "./usage-error.ts";

/** How a contract file is read. */
export interface ContractFileOptions {
  /** The folder that its path starts from. */
  readonly folder: string;
  /** The export to take. @default the only contract there is */
  readonly exportName?: string | undefined;
  /** How long each wait may last, in milliseconds; a file has ten seconds to load at least, in which it is compiled too. */
  readonly timeoutMs: number | undefined;
}

const leastLoadMs = 10_000;

/**
 * The contract that a file exports.
 *
 * @throws {UsageError} for a file that is not there, cannot be read, or does not say which contract is meant
 */
export async function loadContract(path: string, options: ContractFileOptions): Promise<Contract> {
  const found = await contractsIn(path, options);
  if (found.size === 1) return [...found.keys()][0]!;
  throw new UsageError(
    `${path} exports several contracts: ${[...found.values()].join(", ")}`,
    "Name one with --export",
  );
}

/**
 * Every contract that a file exports, or the one that is named.
 *
 * @throws {UsageError} for a file that is not there, cannot be read, or exports none
 */
export async function loadContracts(path: string, options: ContractFileOptions): Promise<readonly Contract[]> {
  return [...(await contractsIn(path, options)).keys()];
}

/** The contracts with the name of their export; one that has several counts once. */
async function contractsIn(path: string, options: ContractFileOptions): Promise<ReadonlyMap<Contract, string>> {
  const { exportName } = options;
  const exports = await load(path, options);
  if (exportName !== undefined) {
    const chosen = Object.hasOwn(exports, exportName) ? exports[exportName] : undefined;
    if (isContract(chosen)) return new Map([[chosen, exportName]]);
    const what = chosen === undefined ? "has no export" : "exports no contract as";
    throw new UsageError(`${path} ${what} "${exportName.slice(0, 64)}"`, exportsHint(exports));
  }
  const found = new Map<Contract, string>();
  for (const [name, value] of Object.entries(exports)) {
    if (isContract(value) && (!found.has(value) || found.get(value) === "default")) found.set(value, name);
  }
  if (found.size === 0) throw new UsageError(`${path} exports no contract`, exportsHint(exports));
  return found;
}

async function load(path: string, { folder, timeoutMs = 0 }: ContractFileOptions): Promise<ModuleExports> {
  const limitMs = Math.max(timeoutMs, leastLoadMs);
  const absolute = resolve(folder, path);
  const found = await stat(absolute).catch(() => undefined);
  if (found === undefined) throw new UsageError(`There is no file ${path}`, hintOfPath(path));
  if (!found.isFile()) throw new UsageError(`${path} is no file`, "Name the file that exports the contract");
  const { promise: late, reject } = withResolvers<never>();
  const timer = setTimeout(() => {
    reject(
      new UsageError(
        `${path} did not load within ${limitMs} ms`,
        "Does it start something? Wait longer with --timeout",
      ),
    );
  }, limitMs);
  try {
    return await Promise.race([importModule(absolute), late]);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`Cannot load ${path}: ${reasonOf(error, folder)}`, hintOfFailure(error));
  } finally {
    clearTimeout(timer);
  }
}

/** A contract of this library, or of another copy of it: the file's own. */
function isContract(value: unknown): value is Contract {
  if (typeof value !== "object" || value === null) return false;
  const { name, version, major, roles, errors, requests, events } = value as Partial<Contract>;
  return typeof name === "string" && typeof version === "string" && typeof major === "number" &&
    [roles, errors, requests, events].every((part) => part instanceof Map);
}

function exportsHint(exports: ModuleExports): string {
  const names = Object.entries(exports).filter(([, value]) => isContract(value)).map(([name]) => name);
  if (names.length > 0) return `It exports the contracts ${names.join(", ")}`;
  return "Export what createContract gives: export const orders = createContract({ … })";
}

function hintOfPath(path: string): string {
  return path.includes("://") ? "The contract file comes first; servers go to --server" : "Is the path right?";
}

function hintOfFailure(error: unknown): string | undefined {
  if ((error as { readonly code?: unknown } | null)?.code !== "ERR_MODULE_NOT_FOUND") return undefined;
  return "What it imports has to be installed beside it: npm install @magicbutton/messaging valibot";
}

/** The first line of the reason, with paths as the reader knows them. */
function reasonOf(error: unknown, folder: string): string {
  const text = error instanceof Error ? error.message : String(error);
  const first = withoutSecrets(text.split("\n").find((line) => line.trim() !== "") ?? "no reason given");
  return first.replaceAll(`${folder}/`, "");
}
