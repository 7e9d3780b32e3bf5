import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Program, startProgram } from "../support/program.ts";
import { findRuntime } from "../runtimes/find-runtimes.ts";
import { yourContractText } from "../mission/your-contract.ts";

/** The runtimes that install from npm. */
export const npmRuntimes = ["node", "bun", "deno"] as const;

export type NpmRuntime = (typeof npmRuntimes)[number];

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

/** A user's project into which npm installed the packed library, under both of its names. */
export interface InstalledPackage {
  readonly folder: string;
  /** The folder that was packed. */
  readonly dist: string;
  /** The packed file. */
  readonly tarball: string;
  /** Writes a file of the project. */
  write(name: string, text: string): Promise<void>;
  /** Starts a file of the project in a runtime. */
  start(runtime: NpmRuntime, name: string): Promise<Program>;
  /** Adds packages from the registry. */
  install(...packages: string[]): Promise<void>;
}

let installed: Promise<InstalledPackage> | undefined;

/** Builds, packs and installs the library once for each file of tests; the folder goes with the process. */
export function installPackage(): Promise<InstalledPackage> {
  return installed ??= create();
}

async function create(): Promise<InstalledPackage> {
  const base = mkdtempSync(join(tmpdir(), "messaging-package-"));
  process.once("exit", () => rmSync(base, { recursive: true, force: true }));
  const dist = join(base, "dist");
  const folder = join(base, "project");
  await mkdir(folder);
  await run(process.execPath, ["--import", "tsx", "scripts/build.ts", dist], { cwd: root });
  const packed = await npm(["pack", dist, "--pack-destination", base, "--json"], base);
  const tarball = join(base, JSON.parse(packed)[0].filename);

  const write = async (name: string, text: string): Promise<void> => {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  };
  const install = async (...packages: string[]): Promise<void> => {
    await npm(["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", ...packages], folder);
  };
  const dependencies = {
    "@magicbutton/messaging": `file:${tarball}`,
    "@magicbutton/nats-transport": `file:${tarball}`,
    valibot: "^1.0.0",
    // Whoever uses `./otel` has it already.
    "@opentelemetry/api": "^1.9.0",
  };
  await write(
    "package.json",
    JSON.stringify({ name: "your-application", private: true, type: "module", dependencies }),
  );
  // Node and Bun find './your-contract' by themselves.
  const imports = { "./your-contract": "./your-contract.ts" };
  await write("deno.json", JSON.stringify({ nodeModulesDir: "manual", imports }));
  await write("your-contract.ts", yourContractText);
  await install();

  const start = async (runtime: NpmRuntime, name: string): Promise<Program> => {
    const { path } = await findRuntime(runtime);
    return startProgram(path, [...programArguments(runtime, name), name], { folder });
  };
  return { folder, dist, tarball, write, start, install };
}

function programArguments(runtime: NpmRuntime, name: string): string[] {
  // Node 20 runs no TypeScript by itself.
  if (runtime === "node") return name.endsWith(".ts") ? ["--import", import.meta.resolve("tsx")] : [];
  return runtime === "deno" ? ["run", "--allow-all", "--quiet", "--no-lock"] : ["run"];
}

/** Runs npm: the one that runs these tests, where it is one. */
async function npm(commands: string[], folder: string): Promise<string> {
  const running = process.env["npm_execpath"];
  const [command, prefix] = running?.endsWith(".js") ? [process.execPath, [running]] : ["npm", []];
  const { stdout } = await run(command, [...prefix, ...commands], {
    cwd: folder,
    // What `npm test` was started with is for that project.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(?!config_cache)/i.test(name))),
    shell: command === "npm" && process.platform === "win32",
  });
  return stdout;
}
