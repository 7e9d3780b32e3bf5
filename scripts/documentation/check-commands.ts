import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Page } from "./pages.ts";
import type { Problem } from "./problem.ts";

const scriptCall = /\bnpm (?:run ([\w:-]+)|(test)\b)/g;
/** A path of this repository, wherever a page names one. */
const repositoryPath = /(?<![\w./-])(?:docs|examples|bench|scripts|src|tests)\/[\w./-]*\w/g;

/** Looks for every `npm run x` and every path of this repository that the pages name, from the current folder. */
export async function checkCommands(pages: readonly Page[]): Promise<readonly Problem[]> {
  const { scripts } = JSON.parse(await readFile("package.json", "utf8"));
  const problems: Problem[] = [];
  for (const { path: page, text } of pages) {
    for (const [index, line] of text.split("\n").entries()) {
      const add = (text: string): void => void problems.push({ page, line: index + 1, text });
      for (const [, run, test] of line.matchAll(scriptCall)) {
        const name = run ?? test!;
        if (!Object.hasOwn(scripts, name)) add(`There is no script "${name}" in package.json`);
      }
      for (const [path] of line.matchAll(repositoryPath)) {
        if (!existsSync(path)) add(`There is no ${path}`);
      }
    }
  }
  return problems;
}
