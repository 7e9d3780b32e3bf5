// The checks of the pages themselves: each finds what is wrong, and where.
import * as assert from "uvu/assert";
import { checkCommands } from "../../scripts/documentation/check-commands.ts";
import { anchorsOf, checkLinks } from "../../scripts/documentation/check-links.ts";
import { checkPrograms } from "../../scripts/documentation/check-programs.ts";
import { findCodeBlocks, isProgram } from "../../scripts/documentation/code-blocks.ts";
import { describe } from "../support/suite.ts";

const fence = "```";
// The pages are looked for from here, as the check itself does.
const page = (text: string) => ({ path: "docs/page.md", text });

function programsOf(text: string) {
  return findCodeBlocks(page(text)).filter(isProgram);
}

describe("The check of the pages' programs", (test) => {
  const timeoutMs = 60_000;

  test("finds a wrong type with its line, and nothing in what is right", { timeoutMs }, async () => {
    const text = `# A page
${fence}ts
import { MemoryTransport } from "@magicbutton/messaging";
const transport = new MemoryTransport({ borker: 1 });
${fence}
${fence}js
const right = 1;
${fence}
`;
    const problems = await checkPrograms(programsOf(text));
    assert.equal(problems.map(({ page, line }) => [page, line]), [["docs/page.md", 4]]);
    assert.match(problems[0]!.text, /borker/);
  });

  test("completes a part of a program from its prelude", { timeoutMs }, async () => {
    const part = `${fence}ts\nawait client.request("createOrder", { sku: "A1", quantity: 2 });\n${fence}\n`;
    assert.equal(await checkPrograms(programsOf(`<!-- with: orders -->\n${part}`)), []);
    assert.match((await checkPrograms(programsOf(part)))[0]!.text, /Cannot find name 'client'/);
    const wrong = part.replace('"A1"', "1");
    assert.match((await checkPrograms(programsOf(`<!-- with: orders -->\n${wrong}`)))[0]!.text, /not assignable/);
    const unknown = await checkPrograms(programsOf(`<!-- with: nothing -->\n${part}`));
    assert.match(unknown[0]!.text, /no prelude "nothing"/);
  });

  test("lets programs of one page import each other, each the version that stands above", { timeoutMs }, async () => {
    const text = `${fence}ts
// one.ts
export const one = 1;
${fence}
${fence}ts
import { one } from "./one.ts";
const number: number = one;
${fence}
${fence}ts
// one.ts
export const one = "now a text";
${fence}
${fence}ts
import { one } from "./one.ts";
const text: string = one;
${fence}
`;
    assert.equal(await checkPrograms(programsOf(text)), []);
    const wrong = text.replace("const text: string", "const text: number");
    assert.equal((await checkPrograms(programsOf(wrong))).map(({ line }) => line), [15]);
  });

  test("refuses a block without an end", () => {
    assert.throws(() => findCodeBlocks(page(`text\n${fence}ts\nconst one = 1;\n`)), /docs\/page\.md:2/);
  });
});

describe("The check of the pages' links", (test) => {
  test("finds files and headings that are not there", async () => {
    const problems = await checkLinks([page(`# Some *Heading*: \`a_b\`!
[here](#some-heading-a_b) [not here](#nowhere)
[a file](gateway.md#routes) [no file](not-there.md) [no heading](gateway.md#not-there)
[outside](https://example.com/not-there) ![an image](not-there.png)
${fence}
[not a link](nowhere.md)
${fence}
`)]);
    assert.equal(problems.map(({ line, text }) => [line, text]), [
      [2, "The link #nowhere leads to no heading"],
      [3, "The link not-there.md leads to no file"],
      [3, "The link gateway.md#not-there leads to no heading"],
      [4, "The link not-there.png leads to no file"],
    ]);
  });

  test("knows the anchors of headings, also of two alike and of those in code", () => {
    const text = `# One\n## One\n${fence}sh\n# no heading\n${fence}\n### [Two](x.md): \`three_four\`\n`;
    assert.equal([...anchorsOf(text)], ["one", "one-1", "two-three_four"]);
  });
});

describe("The check of the pages' commands", (test) => {
  test("finds scripts and paths that are not there", async () => {
    const text =
      "`npm run demo`, `npm run dmeo`, npm test, examples/gateway, examples/gatewya and src/nats/tcp/deno.ts";
    const problems = await checkCommands([page(text)]);
    assert.equal(problems.map(({ text }) => text), [
      'There is no script "dmeo" in package.json',
      "There is no examples/gatewya",
    ]);
  });
});
