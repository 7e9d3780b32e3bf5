import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { CodeBlock } from "./code-blocks.ts";
import { layOutPrograms, type Project } from "./lay-out-programs.ts";
import type { Problem } from "./problem.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const preludes = fileURLToPath(new URL("preludes/", import.meta.url));

const compilerOptions = {
  target: "es2023",
  lib: ["es2024", "dom", "dom.iterable", "esnext.disposable"],
  module: "esnext",
  moduleResolution: "bundler",
  moduleDetection: "force",
  // The library is source here, and its files name each other with .ts.
  allowImportingTsExtensions: true,
  // NestJS is written with these.
  experimentalDecorators: true,
  types: ["node"],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
};

/** Checks the types of programs against the library's sources. */
export async function checkPrograms(blocks: readonly CodeBlock[]): Promise<readonly Problem[]> {
  const folder = await mkdtemp(join(tmpdir(), "messaging-pages-"));
  try {
    await linkPackages(join(folder, "node_modules"));
    const problems: Problem[] = [];
    for (const [index, project] of layOutPrograms(blocks).entries()) {
      problems.push(...await checkProject(join(folder, String(index)), project));
    }
    return problems;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkProject(folder: string, { language, prelude, files }: Project): Promise<readonly Problem[]> {
  await mkdir(folder);
  if (prelude !== undefined) {
    const file = join(preludes, `${prelude}.ts`);
    if (!existsSync(file)) {
      const { page, line } = files[0]!.block;
      return [{ page, line, text: `There is no prelude "${prelude}" in scripts/documentation/preludes` }];
    }
    await copyFile(file, join(folder, "prelude.ts"));
  }
  for (const { path, block } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), block.text);
  }
  // A reader of JavaScript writes no types of parameters.
  const ofLanguage = language === "js" ? { allowJs: true, checkJs: true, noImplicitAny: false } : {};
  const programs = files.filter(({ copy }) => !copy).map(({ path }) => path);
  const options = {
    compilerOptions: { ...compilerOptions, ...ofLanguage },
    files: [...programs, ...(prelude === undefined ? [] : ["prelude.ts"])],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(options));
  const output = await compile(folder);
  const problems = [...output.matchAll(/^(\S+)\((\d+),\d+\): (error .*)$/gm)].map(([, path, line, text]) => {
    const block = files.find((file) => file.path === path)?.block;
    return block === undefined
      ? { page: `${path} of the prelude "${prelude}" or the library`, line: Number(line), text: text! }
      : { page: block.page, line: block.line + Number(line) - 1, text: text! };
  });
  if (output.trim() !== "" && problems.length === 0) throw new Error(`The type checker said:\n${output}`);
  return problems;
}

async function compile(folder: string): Promise<string> {
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const child = spawn(process.execPath, [compiler, "--project", "."], { cwd: folder });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => output += chunk);
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => output += chunk);
  await once(child, "close");
  return output;
}

/** What programs may import: the library under its two names, its own packages, and those it is compared with. */
export async function linkPackages(modules: string): Promise<void> {
  await mkdir(join(modules, "@magicbutton"), { recursive: true });
  for (const name of ["@magicbutton/messaging", "@magicbutton/nats-transport"]) {
    await symlink(root, join(modules, name), "junction");
  }
  for (const from of [join(root, "node_modules"), join(root, "bench", "node_modules")]) {
    for (const name of await packagesIn(from)) {
      if (existsSync(join(modules, name))) continue;
      await mkdir(dirname(join(modules, name)), { recursive: true });
      await symlink(join(from, name), join(modules, name), "junction");
    }
  }
}

async function packagesIn(modules: string): Promise<readonly string[]> {
  const names = await readdir(modules).catch(() => []);
  const inScopes = await Promise.all(
    names.filter((name) => name.startsWith("@")).map(async (scope) =>
      (await readdir(join(modules, scope))).map((name) => `${scope}/${name}`)
    ),
  );
  return [...names.filter((name) => !/^[.@]/.test(name)), ...inScopes.flat()];
}
