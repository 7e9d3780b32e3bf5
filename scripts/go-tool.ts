// Finds a program written in Go, and installs it once for this user when it may. The pinned version is never put into
// node_modules, which `npm ci` empties.
import { execFile } from "node:child_process";
import { access, constants, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

/** A program that was found, and what it calls its version (without a leading `v`). */
export interface FoundTool {
  readonly path: string;
  readonly version: string;
}

/** What to look for, and how to get it. */
export interface GoTool {
  /** File name of the program, without `.exe`. */
  readonly name: string;
  /** Environment variable that names the program and then decides alone. */
  readonly variable: string;
  /** Go module path of the program. */
  readonly module: string;
  /** Version that is installed, without a leading `v`. */
  readonly version: string;
  /** A program on the PATH older than this is used only when nothing better can be had. */
  readonly minimumVersion: string;
  /** Package of Debian and its descendants that has the program. */
  readonly debianPackage?: string;
}

export interface FindOptions {
  /** Whether to install the program when it is not there. @default true */
  readonly install?: boolean;
}

const run = promisify(execFile);
const suffix = process.platform === "win32" ? ".exe" : "";

/** Finds the program; throws an error whose one line says what to do when it cannot be had. */
export async function findGoTool(tool: GoTool, options: FindOptions = {}): Promise<FoundTool> {
  const named = process.env[tool.variable];
  if (named) return await probeNamed(tool, named);

  const onPath = await findOnPath(tool);
  if (onPath !== undefined && isVersionAtLeast(onPath.version, tool.minimumVersion)) return onPath;

  const cached = await probe(tool, cachedPath(tool));
  if (cached !== undefined) return cached;

  if (options.install ?? true) {
    const installed = await installWithGo(tool) ?? onPath ?? await installWithApt(tool);
    if (installed !== undefined) return installed;
  }
  if (onPath !== undefined) return onPath;
  throw new Error(
    `No ${tool.name} found: put it on the PATH, name it in ${tool.variable}, or install Go so that it can be built`,
  );
}

/** Whether the dotted version is the wanted one or a later one; a version that cannot be read is the oldest. */
export function isVersionAtLeast(version: string, wanted: string): boolean {
  const [left, right] = [version, wanted].map((text) => (/\d+(\.\d+)*/.exec(text)?.[0] ?? "0").split(".").map(Number));
  for (let index = 0; index < Math.max(left!.length, right!.length); index++) {
    const difference = (left![index] ?? 0) - (right![index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

async function probeNamed(tool: GoTool, path: string): Promise<FoundTool> {
  const found = await probe(tool, path);
  if (found === undefined) throw new Error(`${tool.variable} names no working ${tool.name}: ${path}`);
  return found;
}

async function probe(tool: GoTool, path: string): Promise<FoundTool | undefined> {
  try {
    const { stdout, stderr } = await run(path, ["--version"], { timeout: 10_000 });
    // A program built by `go install` may know no version of its own ("development").
    return { path, version: /\d+\.\d+\.\d+[\w.+-]*/.exec(stdout + stderr)?.[0] ?? tool.version };
  } catch {
    return undefined;
  }
}

async function findOnPath(tool: GoTool): Promise<FoundTool | undefined> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, tool.name + suffix);
    if (folder === "" || !await isExecutable(path)) continue;
    const found = await probe(tool, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(() => true, () => false);
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "magicbutton-messaging");
}

function cachedPath(tool: GoTool): string {
  return join(cacheFolder(), `${tool.name}-v${tool.version}${suffix}`);
}

async function canRun(program: string, argument: string): Promise<boolean> {
  return await run(program, [argument]).then(() => true, () => false);
}

async function installWithGo(tool: GoTool): Promise<FoundTool | undefined> {
  if (!await canRun("go", "version")) return undefined;
  console.error(`Installing ${tool.name} v${tool.version} with Go (once for this user, about a minute)…`);
  await mkdir(cacheFolder(), { recursive: true });
  // Built aside and renamed: two processes that install at once both end with a whole program.
  const folder = await mkdtemp(join(cacheFolder(), `${tool.name}-`));
  try {
    await run("go", ["install", `${tool.module}@v${tool.version}`], {
      env: { ...process.env, GOBIN: folder, CGO_ENABLED: "0" },
      timeout: 600_000,
    });
    await rename(join(folder, tool.name + suffix), cachedPath(tool));
    return await probe(tool, cachedPath(tool));
  } catch (error) {
    console.error(`Go could not install ${tool.name} v${tool.version}: ${(error as Error).message}`);
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function installWithApt(tool: GoTool): Promise<FoundTool | undefined> {
  if (tool.debianPackage === undefined || process.getuid?.() !== 0) return undefined;
  if (!await canRun("apt-get", "--version")) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    console.error(`Installing the package ${tool.debianPackage} with apt-get…`);
    await run("apt-get", ["update"], { env, timeout: 300_000 });
    await run("apt-get", ["install", "-y", "--no-install-recommends", tool.debianPackage], { env, timeout: 300_000 });
  } catch (error) {
    console.error(`apt-get could not install ${tool.debianPackage}: ${(error as Error).message}`);
    return undefined;
  }
  return await findOnPath(tool) ?? await probe(tool, `/usr/sbin/${tool.name}`);
}
