import { readFile } from "node:fs/promises";
import { type CodeBlock, findCodeBlocks } from "../../scripts/documentation/code-blocks.ts";
import { withoutCode } from "../../scripts/documentation/without-code.ts";

/** The blocks of a page under docs/, in order. */
export async function blocksOf(path: string): Promise<readonly CodeBlock[]> {
  const text = await readFile(new URL(`../../${path}`, import.meta.url), "utf8");
  return findCodeBlocks({ path, text });
}

/** The blocks between two headings of a page, the second of which may be its end. */
export async function blocksUnder(path: string, heading: string): Promise<readonly CodeBlock[]> {
  const text = await readFile(new URL(`../../${path}`, import.meta.url), "utf8");
  const lines = withoutCode(text).split("\n");
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.includes(heading));
  if (start === -1) throw new Error(`${path} has no heading "${heading}"`);
  const level = lines[start]!.indexOf(" ");
  const end = lines.findIndex((line, index) => index > start && /^#+ /.test(line) && line.indexOf(" ") <= level);
  return (await blocksOf(path)).filter(({ line }) => line > start && (end === -1 || line <= end));
}
