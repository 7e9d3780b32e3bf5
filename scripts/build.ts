// `npm run build`: makes `dist/`, the whole npm package; `npm pack ./dist` is what users get. Another folder may be named.
import { spawnSync } from "node:child_process";
import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, "dist"));

await rm(folder, { recursive: true, force: true });
compile();
const manifest = await writeManifest();
for (const source of Object.values<string>(manifest.exports)) {
  if (source.endsWith(".js")) await declareDisposable(join(folder, source.replace(/\.js$/, ".d.ts")));
}
for (const name of ["README.md", "LICENSE", "CHANGELOG.md"]) await copyFile(join(root, name), join(folder, name));

/** One file for every source but `src/nats/tcp/deno.ts`, which only JSR can serve: tsconfig.json leaves it out. */
function compile(): void {
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const options = ["--project", root, "--noEmit", "false", "--rootDir", root, "--outDir", folder];
  const { status } = spawnSync(process.execPath, [compiler, ...options], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** The folder mirrors the root, so that `exports` and `imports` are the same text in both. */
async function writeManifest(): Promise<{ exports: Record<string, string> }> {
  const text = await readFile(join(root, "package.json"), "utf8");
  const { scripts: _, devDependencies: __, ...manifest } = JSON.parse(text);
  // Tools look for a package's version in this file, by the package's name.
  manifest.exports["./package.json"] = "./package.json";
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return manifest;
}

/** `await using` is in no library that TypeScript loads by default, and JSR takes no such line in a source. */
async function declareDisposable(entry: string): Promise<void> {
  await writeFile(entry, `/// <reference lib="esnext.disposable" />\n${await readFile(entry, "utf8")}`);
}
