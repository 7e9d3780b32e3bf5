// Everything that the package exports is documented: what it is, how it fails, and how it is used. That the examples are
// sound TypeScript is checked by `deno check --doc`.
import process from "node:process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { libraryCodes } from "../src/errors/error-codes.ts";
import { type DocComment, type ExportedSymbol, readEntry } from "./documentation/exported-symbols.ts";

/** Says that nothing is thrown: of a function, of a method, or of everything that an interface has. */
const harmless = /\bnever\s+(?:throws?|rejects?)\b|\bmust\s+not\s+throw\b/i;
/** What programs write themselves. */
const writtenType = /(?:Options|Definition|Limits)$/;
const block = /```ts\n[\s\S]+?\n```/;

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { exports } = JSON.parse(await readFile("deno.json", "utf8"));
const entries = Object.values<string>(exports).map(readEntry);
const symbols = new Map(
  entries.flatMap((entry) => entry.symbols).map((symbol) => [symbol.place + symbol.name, symbol]),
);
const counts = { documented: 0, throws: 0, examples: 0 };
const problems: string[] = [];

for (const { path, comment } of entries) {
  if (!isDocumented(comment)) problems.push(`${path} has no module documentation`);
  if (!hasExample(comment)) problems.push(`${path} has no example in its module documentation`);
}
for (const symbol of symbols.values()) check(symbol);

for (const problem of problems) console.log(problem);
console.log(
  `${symbols.size} exported symbols, ${counts.documented} doc comments, ${counts.throws} functions and methods that say how ` +
    `they fail, ${counts.examples} examples, ${problems.length} problems`,
);
process.exitCode = problems.length > 0 ? 1 : 0;

function check(symbol: ExportedSymbol): void {
  const { name, kind, place, comment, members, isFunctionType } = symbol;
  const say = (what: string): unknown => problems.push(`${place} ${what}`);
  if (isDocumented(comment)) counts.documented += 1;
  else say(`${name} has no doc comment`);
  if (kind === "function") checkThrows(name, comment, comment, say);
  for (const member of members) {
    const label = `${name}.${member.name}`;
    if (isDocumented(member.comment)) counts.documented += 1;
    else say(`${label} has no doc comment`);
    if (member.isCalled) checkThrows(label, member.comment, comment, say);
  }
  const isWritten = isFunctionType || ((kind === "interface" || kind === "typeAlias") && writtenType.test(name));
  if (hasExample(comment)) counts.examples += 1;
  else if (kind === "function" || kind === "class" || isWritten) say(`${name} has no @example`);
}

function checkThrows(label: string, comment: DocComment, owner: DocComment, say: (what: string) => unknown): void {
  const tags = (comment.tags ?? []).filter((tag) => tag.kind === "throws");
  if (tags.length === 0 && !harmless.test(comment.doc ?? "") && !harmless.test(owner.doc ?? "")) {
    say(`${label} has no @throws, and does not say that it never throws`);
    return;
  }
  counts.throws += 1;
  for (const { type, doc = "" } of tags) {
    if (type !== "MessagingError") {
      if (doc.trim() === "") say(`${label} has a @throws that does not say for what`);
      continue;
    }
    const codes = [...doc.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, code]) => code!);
    if (codes.length === 0 && !/\bas `/.test(doc)) say(`${label} has a @throws {MessagingError} without a code`);
    for (const code of codes) if (!Object.hasOwn(libraryCodes, code)) say(`${label} throws ${code}, which is no code`);
  }
}

function isDocumented({ doc = "" }: DocComment): boolean {
  return doc.trim() !== "";
}

function hasExample({ tags = [] }: DocComment): boolean {
  return tags.some((tag) => tag.kind === "example" && block.test(tag.doc ?? ""));
}
