import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { posix } from "node:path";
import type { Page } from "./pages.ts";
import type { Problem } from "./problem.ts";
import { withoutCode } from "./without-code.ts";

const link = /!?\[(?:[^\][]|\[[^\]]*\])*\]\(([^)\s]+)\)/g;

/** Follows every link of the pages to other files and to headings, from the current folder. */
export async function checkLinks(pages: readonly Page[]): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const page of pages) {
    for (const { target, line } of linksOf(page.text)) {
      const text = await whyBroken(page, target);
      if (text !== undefined) problems.push({ page: page.path, line, text });
    }
  }
  return problems;
}

function linksOf(text: string): readonly { target: string; line: number }[] {
  const links: { target: string; line: number }[] = [];
  for (const [index, line] of withoutCode(text).split("\n").entries()) {
    for (const [, target = ""] of line.matchAll(link)) {
      if (!/^[a-z]+:/.test(target)) links.push({ target, line: index + 1 });
    }
  }
  return links;
}

async function whyBroken(page: Page, target: string): Promise<string | undefined> {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page.path : posix.normalize(posix.join(posix.dirname(page.path), path));
  const isThere = file === page.path || (!file.startsWith("..") && existsSync(file));
  if (!isThere) return `The link ${target} leads to no file`;
  if (anchor === undefined) return undefined;
  const text = file === page.path ? page.text : await readFile(file, "utf8");
  return anchorsOf(text).has(anchor) ? undefined : `The link ${target} leads to no heading`;
}

/** The anchors that GitHub gives the headings of a page. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutCode(text).matchAll(/^#{1,6} (.*)$/gm)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").trim().toLowerCase();
    const anchor = plain.replaceAll(/[^\p{L}\p{N}_ -]/gu, "").replaceAll(" ", "-");
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count++) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}
