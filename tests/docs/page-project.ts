import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { linkPackages } from "../../scripts/documentation/check-programs.ts";
import { type Program, type ProgramResult, startProgram } from "../support/program.ts";
import { blocksOf, blocksUnder } from "./page-blocks.ts";

/** A reader's folder with the programs of a page, over the library's sources. */
export class PageProject implements AsyncDisposable {
  readonly #page: string;
  /** Where the programs lie. */
  readonly folder: string;

  private constructor(page: string, folder: string) {
    this.#page = page;
    this.folder = folder;
  }

  /** Makes the folder; nothing of the page is in it yet. */
  static async of(page: string): Promise<PageProject> {
    const folder = await mkdtemp(join(tmpdir(), "messaging-page-"));
    await mkdir(join(folder, "node_modules"));
    await linkPackages(join(folder, "node_modules"));
    await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
    const compilerOptions = { target: "es2023", experimentalDecorators: true };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    return new PageProject(page, folder);
  }

  /** Writes what stands under a heading, over what was there. */
  async read(heading: string): Promise<void> {
    for (const { file, text } of await blocksUnder(this.#page, heading)) {
      if (file !== undefined) await writeFile(join(this.folder, file), text);
    }
  }

  /** A configuration of the page. */
  async configuration(name: string): Promise<string> {
    const block = (await blocksOf(this.#page)).find(({ file }) => file === name);
    if (block === undefined) throw new Error(`${this.#page} has no ${name}`);
    return block.text;
  }

  /** Starts one of its programs. */
  start(file: string, environment: Readonly<Record<string, string>>): Program {
    const args = ["--import", import.meta.resolve("tsx"), file];
    return startProgram(process.execPath, args, { folder: this.folder, environment });
  }

  /** Runs one to its end. */
  async run(file: string, environment: Readonly<Record<string, string>>): Promise<ProgramResult> {
    await using program = this.start(file, environment);
    return await program.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
