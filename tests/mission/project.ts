import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Program, startProgram } from "../support/program.ts";
import { yourContractText } from "./your-contract.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** The code blocks of the mission document, word for word. */
export const blocks = {
  client: readBlock("client"),
  server: readBlock("server"),
  production: readBlock("production"),
} as const;

function readBlock(name: string): string {
  return readFileSync(new URL(`${name}-block.txt`, import.meta.url), "utf8");
}

/** `text` with `part` replaced wherever it stands; throws where it does not stand, so that a test cannot pass by accident. */
export function replace(text: string, part: string, replacement: string): string {
  if (!text.includes(part)) throw new Error(`Expected to find ${JSON.stringify(part)} in:\n${text}`);
  return text.replaceAll(part, replacement);
}

const compilerOptions = {
  target: "es2023",
  lib: ["es2024", "dom", "dom.iterable", "esnext.disposable"],
  module: "esnext",
  // The document imports './your-contract' without an extension.
  moduleResolution: "bundler",
  // The library is source here, and its files name each other with .ts.
  allowImportingTsExtensions: true,
  types: ["node"],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
};

/** A user's project in a temporary folder: both names of the library, Valibot, and `your-contract.ts`. */
export class Project implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<Project> {
    const folder = await mkdtemp(join(tmpdir(), "messaging-project-"));
    const modules = join(folder, "node_modules");
    await mkdir(join(modules, "@magicbutton"), { recursive: true });
    await mkdir(join(modules, "@types"));
    const links = {
      "@magicbutton/messaging": repository,
      "@magicbutton/nats-transport": repository,
      "@types/node": join(repository, "node_modules", "@types", "node"),
      valibot: join(repository, "node_modules", "valibot"),
    };
    for (const [name, target] of Object.entries(links)) await symlink(target, join(modules, name), "junction");
    const project = new Project(folder);
    await project.write("package.json", JSON.stringify({ name: "your-application", private: true, type: "module" }));
    await project.write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    await project.write("your-contract.ts", yourContractText);
    return project;
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, name), text);
  }

  /** Runs a file with Node, as `node --import tsx` does. */
  async run(name: string, text: string): Promise<Program> {
    await this.write(name, text);
    return startProgram(process.execPath, ["--import", import.meta.resolve("tsx"), name], { folder: this.folder });
  }

  /** Checks the types of every file. */
  checkTypes(): Program {
    const compiler = join(repository, "node_modules", "typescript", "bin", "tsc");
    return startProgram(process.execPath, [compiler, "--project", "."], { folder: this.folder });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
