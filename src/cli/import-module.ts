import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { UsageError } from "./usage-error.ts";

/** What a module exports. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/** What Node says where its own reading of TypeScript does not do: another reader may. */
const beyondStripping = new Set([
  "ERR_UNKNOWN_FILE_EXTENSION",
  "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
  "ERR_MODULE_NOT_FOUND",
  "ERR_UNSUPPORTED_DIR_IMPORT",
  "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING",
]);

/**
 * Imports a file of the user's. TypeScript is read by the runtime itself where it can; else by `tsx`, where it can be found
 * from the file.
 *
 * @throws {UsageError} where the runtime reads no TypeScript and there is no `tsx`
 */
export async function importModule(path: string): Promise<ModuleExports> {
  const isTypeScript = /^\.[cm]?tsx?$/.test(extname(path));
  if (!isTypeScript || readsTypeScript()) {
    try {
      return await importNatively(path);
    } catch (error) {
      const importer = isTypeScript && beyondStripping.has(codeOf(error)) ? await findTsx(path) : undefined;
      if (importer === undefined) throw error;
      return await importer(path);
    }
  }
  const importer = await findTsx(path);
  if (importer !== undefined) return await importer(path);
  throw new UsageError(
    `Cannot read ${path}: Node ${process.versions.node} reads no TypeScript by itself`,
    "Install tsx beside it (npm install --save-dev tsx), use Node 22.18 or newer, or name a .js file",
  );
}

async function importNatively(path: string): Promise<ModuleExports> {
  return await import(pathToFileURL(path).href);
}

/** Whether this runtime reads TypeScript: Bun and Deno do, Node where it strips types, or where a loader was registered. */
function readsTypeScript(): boolean {
  if ("Bun" in globalThis || "Deno" in globalThis) return true;
  return Boolean((process.features as { readonly typescript?: string | false }).typescript);
}

/**
 * tsx's own import, of the project that the file is in. Its module for `import` is taken, which nobody but a file there could
 * resolve: the one for `require` does not find its own parts (4.23).
 */
async function findTsx(path: string): Promise<((path: string) => Promise<ModuleExports>) | undefined> {
  let api: string;
  try {
    const manifestPath = createRequire(path).resolve("tsx/package.json");
    const { exports } = JSON.parse(await readFile(manifestPath, "utf8"));
    api = join(dirname(manifestPath), exports["./esm/api"].import.default);
  } catch {
    return undefined;
  }
  const { tsImport } = await importNatively(api) as {
    readonly tsImport: (specifier: string, parent: string) => Promise<ModuleExports>;
  };
  const url = pathToFileURL(path).href;
  return () => tsImport(url, url);
}

function codeOf(error: unknown): string {
  return String((error as { readonly code?: unknown } | null)?.code);
}
