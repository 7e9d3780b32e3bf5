import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPackage, type NpmRuntime } from "../packaging/installed-package.ts";
import { type Program, startProgram } from "../support/program.ts";
import { findRuntime } from "../runtimes/find-runtimes.ts";

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));

/** An example as a user has it: a folder of their project, over the packed library. */
export interface ExampleProject {
  readonly folder: string;
  /** Starts one of its files in a runtime. */
  start(file: string, environment?: Readonly<Record<string, string>>, runtime?: NpmRuntime): Promise<Program>;
  /** Runs one of its files until it ends in good order; gives what it printed. */
  run(file: string, environment?: Readonly<Record<string, string>>, runtime?: NpmRuntime): Promise<string>;
}

/** Lays an example out. */
export async function openExampleProject(name: string): Promise<ExampleProject> {
  const project = await installPackage();
  const folder = join(project.folder, name);
  await cp(join(examples, name), folder, { recursive: true });
  const start: ExampleProject["start"] = async (file, environment = {}, runtime = "node") => {
    const { path } = await findRuntime(runtime);
    return startProgram(path, [...argumentsOf[runtime], file], { folder, environment });
  };
  const run: ExampleProject["run"] = async (file, environment, runtime) => {
    const { exitCode, standardOutput, errorOutput } = await (await start(file, environment, runtime)).ended();
    if (exitCode !== 0) throw new Error(`${name}/${file} ended with ${exitCode}:\n${standardOutput}${errorOutput}`);
    return standardOutput;
  };
  return { folder, start, run };
}

const argumentsOf: Readonly<Record<NpmRuntime, readonly string[]>> = {
  node: ["--import", import.meta.resolve("tsx")],
  bun: ["run"],
  deno: ["run", "--check", "--no-lock", "--allow-net", "--allow-env", "--allow-read"],
};
