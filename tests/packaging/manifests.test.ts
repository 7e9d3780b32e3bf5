import { readFile } from "node:fs/promises";
import * as assert from "uvu/assert";
import { describe } from "../support/suite.ts";

async function read(name: string): Promise<Record<string, Record<string, unknown>>> {
  return JSON.parse(await readFile(new URL(`../../${name}`, import.meta.url), "utf8"));
}

const npm = await read("package.json");
const deno = await read("deno.json");
const jsr = await read("jsr.json");

describe("the manifests", (test) => {
  test("agree on name, version and license", () => {
    for (const field of ["name", "version", "license"]) {
      assert.is(deno[field], npm[field], `deno.json ${field}`);
      assert.is(jsr[field], npm[field], `jsr.json ${field}`);
    }
  });

  test("export the same names from the same sources", () => {
    assert.equal(jsr.exports, deno.exports);
    assert.equal(Object.keys(deno.exports!), Object.keys(npm.exports!));
    for (const [name, source] of Object.entries(deno.exports!)) {
      assert.match(JSON.stringify(npm.exports![name]), String(source).replace(/\.ts$/, ".js"), name);
    }
  });

  test("publish the same files to JSR", () => {
    assert.equal(jsr.publish, deno.publish);
  });

  test("name the same runtime files", () => {
    const names = Object.keys(npm.imports!);
    assert.equal(names.filter((name) => !(name in deno.imports!)), []);
    for (const name of names) {
      const conditions = Object.keys(npm.imports![name] as object);
      assert.ok(
        conditions.indexOf("node") > conditions.indexOf("browser"),
        `${name}: bundlers set "node" beside "browser"`,
      );
      assert.is(conditions.at(-1), "default", name);
    }
  });
});
