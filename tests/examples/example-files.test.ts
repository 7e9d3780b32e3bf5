import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { describe } from "../support/suite.ts";

const folder = fileURLToPath(new URL("../../examples/", import.meta.url));
const ideas = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());

describe("Each example", (test) => {
  for (const { name } of ideas) {
    test(`${name} is short, says how it is run, and is in the list`, async () => {
      const files = await readdir(`${folder}${name}`);
      const texts = await Promise.all(files.map((file) => readFile(`${folder}${name}/${file}`, "utf8")));
      const long = files.filter((_, index) => texts[index]!.trimEnd().split("\n").length > 60);
      assert.equal(long, []);
      assert.ok(texts.some((text) => /Run this: |^ {4}\w|```sh/m.test(text)), "no line says how it is run");
      assert.match(await readFile(`${folder}README.md`, "utf8"), `](${name})`);
    });
  }
});
