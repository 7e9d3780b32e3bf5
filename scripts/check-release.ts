// `node --import tsx scripts/check-release.ts v1.2.3`: refuses a release that the manifests and the changelog do not know.
import { readFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** What a release's tag, the manifests' versions and the changelog do not agree on. */
export function releaseProblems(
  tag: string,
  versions: Readonly<Record<string, string>>,
  changelog: string,
): string[] {
  const version = /^v(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/.exec(tag)?.[1];
  if (version === undefined) return [`The tag "${tag}" is no version: one such as "v1.2.3" is wanted`];
  const problems = Object.entries(versions).filter(([, own]) => own !== version)
    .map(([name, own]) => `${name} has version ${own}, the release is ${version}`);
  const headings = changelog.split("\n").filter((line) => line.startsWith("## ")).map((line) => line.slice(3).trim());
  if (!headings.includes(version)) problems.push(`CHANGELOG.md has no heading "## ${version}"`);
  return problems;
}

async function readVersion(name: string): Promise<string> {
  return (JSON.parse(await readFile(name, "utf8")) as { version: string }).version;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(fileURLToPath(new URL("..", import.meta.url)));
  const names = ["package.json", "deno.json", "jsr.json"];
  const versions = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readVersion(name)])));
  const problems = releaseProblems(process.argv[2] ?? "", versions, await readFile("CHANGELOG.md", "utf8"));
  for (const problem of problems) console.log(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
