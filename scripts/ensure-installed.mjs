// Makes `npm test` and `npm run demo` work in a fresh clone: installs what package-lock.json names when it is not there.
// Plain JavaScript, because tsx itself may be what is missing. A folder of the project with a lock file of its own may be
// named: `node scripts/ensure-installed.mjs bench`.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";

const folder = new URL(`../${process.argv[2] ?? "."}/`, import.meta.url);
const wanted = readPackages("package-lock.json");
// npm writes this file at the end of every install, so a half-done install has none.
const installed = readPackages("node_modules/.package-lock.json");

if (wanted !== undefined && !isInstalled()) {
  install();
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(new URL(path, folder), "utf8")).packages;
  } catch {
    return undefined;
  }
}

// Compared by content, not by file time: `git checkout` touches the lock file, and a needless `npm ci` would take
// node_modules away from under whatever else is running.
function isInstalled() {
  if (installed === undefined) return false;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "") continue;
    const found = installed[path];
    if (found === undefined ? !entry.optional : found.version !== entry.version) return false;
  }
  return Object.keys(installed).every((path) => path in wanted);
}

function install() {
  console.error("Installing dependencies (npm ci)…");
  const inheritedNpm = process.env.npm_execpath;
  const [command, prefix] = inheritedNpm?.endsWith(".js") ? [process.execPath, [inheritedNpm]] : ["npm", []];
  const result = spawnSync(command, [...prefix, "ci", "--include=dev", "--no-audit", "--no-fund"], {
    cwd: folder,
    encoding: "utf8",
    shell: command === "npm" && process.platform === "win32",
  });
  if (result.status !== 0) {
    console.error(`npm ci failed\n${result.error ?? ""}${result.stdout ?? ""}${result.stderr ?? ""}`);
    process.exit(1);
  }
}
