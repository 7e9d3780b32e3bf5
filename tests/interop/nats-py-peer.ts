import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Program, startProgram } from "../support/program.ts";
import type { PlainPeer } from "./plain-peer.ts";

const version = "2.16.0";
const program = fileURLToPath(new URL("plain_peer.py", import.meta.url));
const run = promisify(execFile);

/**
 * nats-py, installed once for this user with pip; rejects with a reason to read where there is no Python or pip, or where
 * the package cannot be had.
 */
export async function findNatsPyPeer(): Promise<PlainPeer> {
  const packages = await installNatsPy();
  const start = (...args: string[]): Program =>
    startProgram("python3", [program, ...args], { environment: { PYTHONPATH: packages } });
  return {
    async serve(url, subject) {
      const serving = start(url, "serve", subject);
      await serving.line(/^serving$/);
      return serving;
    },

    async request(url, subject, body, headers = {}) {
      await using asking = start(url, "request", subject, body, JSON.stringify(headers));
      return JSON.parse(await succeed(asking));
    },

    async publish(url, subject, body) {
      await using publishing = start(url, "publish", subject, body);
      await succeed(publishing);
    },

    async hear(url, subject) {
      const hearing = start(url, "hear", subject);
      await hearing.line(/^hearing$/);
      const body = succeed(hearing).then((output) => output.split("\n")[1]!);
      body.catch(() => {});
      return { body, [Symbol.asyncDispose]: () => hearing[Symbol.asyncDispose]() };
    },
  };
}

async function succeed(running: Program): Promise<string> {
  const { exitCode, standardOutput, errorOutput } = await running.ended();
  if (exitCode !== 0) throw new Error(`The Python program ended with ${exitCode}:\n${errorOutput}`);
  return standardOutput;
}

async function installNatsPy(): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "magicbutton-messaging");
  const packages = join(cache, `nats-py-${version}`);
  await run("python3", ["--version"]).catch(() => Promise.reject(new Error("there is no python3")));
  if (await access(packages).then(() => true, () => false)) return packages;

  await run("python3", ["-m", "pip", "--version"]).catch(() => Promise.reject(new Error("python3 has no pip")));
  await mkdir(cache, { recursive: true });
  // Installed aside and renamed: two processes that install at once both end with a whole package.
  const folder = await mkdtemp(join(cache, "nats-py-"));
  try {
    await run("python3", ["-m", "pip", "install", "--quiet", "--target", folder, `nats-py==${version}`]);
    await rename(folder, packages);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (await access(packages).then(() => true, () => false)) return packages;
    throw new Error(`pip could not install nats-py ${version}: ${(error as Error).message}`);
  }
  return packages;
}
