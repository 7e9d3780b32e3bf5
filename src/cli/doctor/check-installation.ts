import process from "node:process";
import { ownPackage } from "../own-package.ts";
import { type Check, ok, problem, warning } from "./check.ts";
import { findCopies, installedVersion } from "./installed-copies.ts";

const natsCore = "@nats-io/nats-core";

/** What is installed in a folder: versions, and packages that are there more than once. */
export async function checkInstallation(folder: string): Promise<readonly Check[]> {
  const own = await ownPackage();
  return [checkRuntime(), ...await checkVersions(folder, own), ...await checkCopies(folder, own.name)];
}

function checkRuntime(): Check {
  const { versions } = process;
  const other = versions["bun"] !== undefined
    ? `Bun ${versions["bun"]}`
    : versions["deno"] !== undefined
    ? `Deno ${versions["deno"]}`
    : undefined;
  if (other !== undefined) return ok("runtime", other);
  if (Number(versions.node.split(".")[0]) >= 20) return ok("runtime", `Node.js ${versions.node}`);
  return problem("runtime", `Node.js ${versions.node} is too old`, "Install Node.js 20 or newer");
}

async function checkVersions(folder: string, own: { name: string; version: string }): Promise<readonly Check[]> {
  const [library, core, valibot] = await Promise.all(
    [own.name, natsCore, "valibot"].map((name) => installedVersion(folder, name)),
  );
  const text = [
    `command line ${own.version}`,
    `library ${library ?? "not installed here"}`,
    `nats-core ${core ?? "not installed here"}`,
    `valibot ${valibot ?? "not installed here"}`,
  ].join(", ");
  if (library !== undefined && library !== own.version) {
    return [warning(
      "versions",
      `${text}: the command line is another version than the project's library`,
      "Run the project's own: npx messaging; or update it: npm install @magicbutton/messaging@latest",
    )];
  }
  if (valibot !== undefined && !/^1\./.test(valibot)) {
    return [problem("versions", `${text}: Valibot 1 is wanted`, "npm install valibot@^1")];
  }
  return [ok("versions", text)];
}

/** Two copies of nats-core share no types and no state; two of the library share errors, but are loaded twice. */
async function checkCopies(folder: string, library: string): Promise<readonly Check[]> {
  const copies = await findCopies(folder, [natsCore, library, "valibot"]);
  const several = [natsCore, library, "valibot"].flatMap((name) => {
    const own = copies.filter((copy) => copy.name === name);
    return own.length > 1 ? [own] : [];
  });
  if (several.length === 0) return [ok("copies", `${natsCore}, ${library} and valibot are there once at most`)];
  return several.map((own) => {
    const { name } = own[0]!;
    const places = own.map(({ version, path }) => `${version} in ${path}`).join(", ");
    return warning(
      "copies",
      `${name} is there ${own.length} times: ${places}`,
      `npm dedupe, or bring what depends on it to one version: npm ls ${name}`,
    );
  });
}
