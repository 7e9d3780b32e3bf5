// `npm run build`: makes `dist/`, the whole npm package. What users get is `npm pack ./dist`.
import { spawnSync } from "node:child_process";
import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, process.argv[2] ?? "dist");

await rm(folder, { recursive: true, force: true });
compile();
for (const name of ["README.md", "LICENSE", "CHANGELOG.md"]) await copyFile(join(root, name), join(folder, name));
await writeManifest();

/** One file for every source but `src/nats/tcp/deno.ts`, which only JSR can serve: tsconfig.json leaves it out. */
function compile(): void {
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const options = ["--project", root, "--noEmit", "false", "--rootDir", root, "--outDir", folder];
  const { status } = spawnSync(process.execPath, [compiler, ...options], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** The folder mirrors the root, so that `exports` and `imports` are the same text in both. */
async function writeManifest(): Promise<void> {
  const { scripts: _, devDependencies: __, ...manifest } = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  );
  // Tools that look for a package's version read this file by the package's name.
  manifest.exports["./package.json"] = "./package.json";
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
}
