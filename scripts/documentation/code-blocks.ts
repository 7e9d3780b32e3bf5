import type { Page } from "./pages.ts";

/** A fenced block of a page. */
export interface CodeBlock {
  readonly page: string;
  /** The line of its first line, counted from 1. */
  readonly line: number;
  /** The first word behind the fence; empty where there is none. */
  readonly language: string;
  /** The whole text without the fence and its indentation. */
  readonly text: string;
  /** The file that its first line names, `// orders.ts` or `# nats-server.conf`, or `<!-- file: name -->` in the line before. */
  readonly file: string | undefined;
  /** The prelude that completes it, which `<!-- with: name -->` in the line before names. */
  readonly prelude: string | undefined;
}

const fence = /^( *)```(\w*)/;
const marker = /^ *<!-- (with|file): ([\w.-]+) -->$/;

/** Finds the fenced blocks of a page, in order. @throws {Error} for a block that does not end */
export function findCodeBlocks({ path, text }: Page): readonly CodeBlock[] {
  const lines = text.split("\n");
  const blocks: CodeBlock[] = [];
  for (let index = 0; index < lines.length; index++) {
    const opened = fence.exec(lines[index]!);
    if (opened === null) continue;
    const [, indentation = "", language = ""] = opened;
    const end = lines.findIndex((line, at) => at > index && line.trimEnd() === `${indentation}\`\`\``);
    if (end === -1) throw new Error(`${path}:${index + 1}: the block does not end`);
    const [, kind, marked] = marker.exec(lines[index - 1] ?? "") ?? [];
    const code = lines.slice(index + 1, end).map((line) => line.slice(indentation.length));
    blocks.push({
      page: path,
      line: index + 2,
      language,
      text: `${code.join("\n")}\n`,
      file: kind === "file" ? marked : /^(?:\/\/|#) ([\w.-]+\.\w+)$/.exec(code[0] ?? "")?.[1],
      prelude: kind === "with" ? marked : undefined,
    });
    index = end;
  }
  return blocks;
}

/** Whether it is a program in TypeScript or JavaScript. */
export function isProgram({ language }: CodeBlock): boolean {
  return ["ts", "typescript", "js", "javascript"].includes(language);
}
