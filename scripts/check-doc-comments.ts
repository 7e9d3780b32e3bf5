// Everything that the package exports is documented: what it is, how it fails, and how it is used. That the examples are
// sound TypeScript is checked by `deno check --doc`.
import { readFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { examineSymbol, hasExample, isDocumented } from "./doc-comments/doc-comment-rules.ts";
import { readEntry } from "./doc-comments/exported-symbols.ts";

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
for (const symbol of symbols.values()) {
  const found = examineSymbol(symbol);
  for (const name of ["documented", "throws", "examples"] as const) counts[name] += found[name];
  problems.push(...found.problems.map((problem) => `${symbol.place} ${problem}`));
}

for (const problem of problems) console.log(problem);
console.log(
  `${symbols.size} exported symbols, ${counts.documented} doc comments, ${counts.throws} functions and methods that ` +
    `say how they fail, ${counts.examples} examples, ${problems.length} problems`,
);
process.exitCode = problems.length > 0 ? 1 : 0;
