import { readFile } from "node:fs/promises";

/** The README's text. */
export const readme: string = await readFile(new URL("../../README.md", import.meta.url), "utf8");

const runtimes = await readFile(new URL("../../docs/runtimes.md", import.meta.url), "utf8");

/** The programs of the README and of docs/runtimes.md by the name that their first line gives them: `// service.js`. */
export const programs: ReadonlyMap<string, string> = new Map(
  [...`${readme}${runtimes}`.matchAll(/^```js\n(\/\/ (\S+\.js)\n.*?)^```$/gms)].map(([, text, name]) => [name!, text!]),
);

/** The text of one of them, with every part that stands for the reader's own replaced; throws where one is not there. */
export function programText(name: string, replacements: Readonly<Record<string, string>> = {}): string {
  let text = programs.get(name);
  if (text === undefined) throw new Error(`Neither the README nor docs/runtimes.md has the program ${name}`);
  for (const [part, replacement] of Object.entries(replacements)) {
    if (!text.includes(part)) throw new Error(`Expected to find ${part} in ${name}:\n${text}`);
    text = text.replaceAll(part, replacement);
  }
  return text;
}
