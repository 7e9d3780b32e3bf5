import { build } from "esbuild";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build as buildWithVite } from "vite";
import { installPackage } from "./installed-package.ts";

/** A file that a bundler made. */
export interface BundledFile {
  readonly name: string;
  readonly text: string;
  /** Whether a program gets it before it asks for it with `import()`. */
  readonly eager: boolean;
  /** The modules that something of is in it, as paths from the project's folder. */
  readonly modules: readonly string[];
}

export interface BundleOptions {
  /** Conditions beside the bundler's own for browsers. @default none */
  readonly conditions?: readonly string[];
  /** Whether `import()` makes files of their own. @default false */
  readonly splitting?: boolean;
}

/** What wrangler sets for a Worker. */
export const wranglerConditions: readonly string[] = ["workerd", "worker", "browser"];

/** Bundles a program with esbuild for a browser, minified. */
export async function bundleWithEsbuild(program: string, options: BundleOptions = {}): Promise<BundledFile[]> {
  const { folder } = await installPackage();
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: folder },
    absWorkingDir: folder,
    outdir: join(folder, "out"),
    bundle: true,
    write: false,
    minify: true,
    metafile: true,
    splitting: options.splitting ?? false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    logLevel: "silent",
    ...(options.conditions === undefined ? {} : { conditions: [...options.conditions] }),
  });
  const outputs = new Map(Object.entries(metafile.outputs));
  const nameOf = (path: string): string => relative(folder, path).replaceAll("\\", "/");
  const eager = new Set([nameOf(outputFiles.find(({ path }) => path.endsWith("stdin.js"))!.path)]);
  // A set visits what is added to it while it is being visited.
  for (const name of eager) {
    for (const { path, kind } of outputs.get(name)!.imports) if (kind === "import-statement") eager.add(path);
  }
  return outputFiles.map(({ path, text }) => {
    const name = nameOf(path);
    const { inputs } = outputs.get(name)!;
    const modules = Object.keys(inputs).filter((input) => inputs[input]!.bytesInOutput > 0);
    return { name, text, eager: eager.has(name), modules };
  });
}

/** Bundles a program with Vite, as a library. */
export async function bundleWithVite(program: string): Promise<BundledFile[]> {
  const { folder, write } = await installPackage();
  await write("vite-entry.js", program);
  const result = await buildWithVite({
    root: folder,
    configFile: false,
    logLevel: "silent",
    build: { write: false, lib: { entry: "vite-entry.js", formats: ["es"] } },
  });
  if (!Array.isArray(result)) throw new Error("Expected Vite to give what it built");
  return result.flatMap(({ output }) => output).flatMap((file) => {
    if (file.type !== "chunk") return [];
    const modules = Object.entries(file.modules).filter(([, { renderedLength }]) => renderedLength > 0);
    return [{
      name: file.fileName,
      text: file.code,
      eager: !file.isDynamicEntry,
      modules: modules.map(([path]) => relative(folder, path).replaceAll("\\", "/")),
    }];
  });
}

/** How many bytes of the files travel, each compressed by gzip at its best. */
export function gzippedBytes(files: readonly BundledFile[]): number {
  return files.reduce((sum, { text }) => sum + gzipSync(text, { level: 9 }).length, 0);
}
