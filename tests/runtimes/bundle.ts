import { build } from "esbuild";
import { fileURLToPath } from "node:url";

/** What a bundle runs in: its bundler's conditions are those that wrangler and browser bundlers set. */
export type BundleTarget = "workerd" | "browser";

const conditions: Readonly<Record<BundleTarget, string[]>> = {
  workerd: ["workerd", "worker", "browser"],
  browser: ["browser"],
};

/** Bundles a file of this folder into one module. */
export async function bundle(file: string, target: BundleTarget): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: conditions[target],
    logLevel: "silent",
  });
  return outputFiles[0]!.text;
}
