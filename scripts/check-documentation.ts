// Checks what the pages of the documentation say: their programs against the library's types, their links, and the scripts
// and files that they name.
import process from "node:process";
import { fileURLToPath } from "node:url";
import { installContenders } from "../bench/harness/set-up.ts";
import { checkCommands } from "./documentation/check-commands.ts";
import { checkLinks } from "./documentation/check-links.ts";
import { checkPrograms } from "./documentation/check-programs.ts";
import { findCodeBlocks, isProgram } from "./documentation/code-blocks.ts";
import { readPages } from "./documentation/pages.ts";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const pages = await readPages();
const programs = pages.flatMap(findCodeBlocks).filter(isProgram);
// NestJS and the older nats.js are installed for the benchmark, and never for users of the library.
const obstacle = await installContenders().then(() => undefined, (error: Error) => error.message);
const needsThem = (text: string): boolean => /from "(?:@nestjs\/|rxjs|nats")/.test(text);
const checkable = programs.filter(({ text }) => obstacle === undefined || !needsThem(text));
if (checkable.length < programs.length) {
  console.log(`NOT CHECKED: ${programs.length - checkable.length} programs with NestJS or nats: ${obstacle}`);
}
const problems = [
  ...await checkPrograms(checkable),
  ...await checkLinks(pages),
  ...await checkCommands(pages),
];
for (const { page, line, text } of problems) console.log(`${page}:${line}: ${text}`);
console.log(`${pages.length} pages, ${checkable.length} programs, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
