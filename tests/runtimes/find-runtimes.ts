import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The runtimes that the suites run on; `node` is the one that runs the tests. */
export const runtimeNames = ["node", "node24", "bun", "deno", "workerd", "chromium"] as const;

export type RuntimeName = (typeof runtimeNames)[number];

/** A program, and what it calls itself. */
export interface FoundRuntime {
  readonly path: string;
  /** Such as `Bun 1.4.5`. */
  readonly title: string;
}

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const node24Folder = "tests/runtimes/node24";
const suffix = process.platform === "win32" ? ".exe" : "";

/**
 * Gets what `npm ci` does not: Node.js 24, and Chromium where the system has a package of it and this user may. Once,
 * before any test: two that install at the same time would hinder each other. What fails is told by `findRuntime`.
 */
export async function installRuntimes(): Promise<void> {
  await findRuntime("node24").catch(installNode24);
  await findRuntime("chromium").catch(installChromium);
}

/** Finds a runtime's program; throws an error that says how to get it when it is not there. */
export async function findRuntime(name: RuntimeName): Promise<FoundRuntime> {
  switch (name) {
    case "node":
      return { path: process.execPath, title: `Node.js ${process.versions.node}` };
    case "node24":
      return await probe(
        "Node.js",
        await programs(`${node24Folder}/node_modules`, "node-", "bin/node"),
        `npm ci --prefix ${node24Folder}`,
      );
    // The platform's packages, and not `node_modules/.bin`: npm 11 may be told to run no install script, and it is such
    // a script that puts Bun's program where its command looks for it.
    case "bun":
      return await probe("Bun", [
        ...await programs("node_modules/@oven", "bun-", "bin/bun"),
        join(root, "node_modules/bun/bin/bun.exe"),
      ], "npm install");
    case "deno":
      return await probe("Deno", [
        ...await programs("node_modules/@deno", "", "deno"),
        join(root, "node_modules/deno/deno") + suffix,
      ], "npm install");
    case "workerd":
      return await probe(
        "workerd",
        await programs("node_modules/@cloudflare", "workerd-", "bin/workerd"),
        "npm install",
      );
    case "chromium":
      return await findChromium();
  }
}

async function installNode24(): Promise<void> {
  console.error("Installing Node.js 24 into tests/runtimes/node24 (npm ci)…");
  const npm = process.env["npm_execpath"];
  const [command, prefix] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  await run(command, [...prefix, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: join(root, node24Folder),
    shell: command === "npm" && process.platform === "win32",
    timeout: 300_000,
  }).catch((error: Error) => console.error(error.message));
}

async function findChromium(): Promise<FoundRuntime> {
  const named = process.env["CHROMIUM"];
  if (named) return await probe("Chromium", [named], "CHROMIUM names no working program");
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return await probe("Chromium", paths, "apt-get install chromium, or CHROMIUM=<path of the program>");
}

async function installChromium(): Promise<void> {
  if (process.env["CHROMIUM"] || process.getuid?.() !== 0) return;
  const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, timeout: 300_000 };
  console.error("Installing the package chromium with apt-get…");
  try {
    await run("apt-get", ["update"], options);
    await run("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], options);
  } catch (error) {
    console.error((error as Error).message);
  }
}

/** The programs at a path inside those packages of a folder whose names start so. */
async function programs(folder: string, start: string, path: string): Promise<string[]> {
  const packages = await readdir(join(root, folder)).catch(() => []);
  return packages.filter((name) => name.startsWith(start)).map((name) => join(root, folder, name, path) + suffix);
}

/** The first of the programs that runs on this machine. */
async function probe(name: string, paths: readonly string[], wayOut: string): Promise<FoundRuntime> {
  for (const path of paths) {
    try {
      const { stdout } = await run(path, ["--version"], { timeout: 20_000 });
      const version = /\d+(?:[.-]\d+)+/.exec(stdout)?.[0];
      if (version !== undefined) return { path, title: `${name} ${version}` };
    } catch {
      // Not there, or built for another machine.
    }
  }
  throw new Error(`There is no ${name}: ${wayOut}`);
}
