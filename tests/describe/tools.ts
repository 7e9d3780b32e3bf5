import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
/** A project of its own: it has 200 packages, and a TypeScript that is not the project's. */
const folder = fileURLToPath(new URL("tools/", import.meta.url));
const require = createRequire(new URL("tools/package.json", import.meta.url));

/** The tools that read documents. */
export interface DescribeTools {
  /** Where packages are found. */
  readonly folder: string;
  /** Loads a package of CommonJS. */
  readonly require: NodeJS.Require;
}

/** Gets the tools, once, before any test. What fails is told by `findDescribeTools`. */
export async function installDescribeTools(): Promise<void> {
  try {
    findDescribeTools();
  } catch {
    console.error("Installing the tools of tests/describe/tools (npm ci)…");
    const npm = process.env["npm_execpath"];
    const [command, prefix] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
    await run(command, [...prefix, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: folder,
      shell: command === "npm" && process.platform === "win32",
      timeout: 300_000,
    }).catch((error: Error) => console.error(error.message));
  }
}

/** Finds the tools; throws an error that says how to get them when they are not there. */
export function findDescribeTools(): DescribeTools {
  for (const name of Object.keys(require("./package.json").devDependencies)) {
    try {
      const { version } = require(`./node_modules/${name}/package.json`);
      const wanted = require("./package.json").devDependencies[name];
      if (version !== wanted) throw new Error(`${name} ${version} is there, ${wanted} is wanted`);
    } catch (error) {
      throw new Error("There are no tools that read documents: npm ci --prefix tests/describe/tools", { cause: error });
    }
  }
  return { folder, require };
}
