import { access, readFile } from "node:fs/promises";
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

  test("name files that are there", async () => {
    const published = (deno.publish as { include: string[] }).include;
    const sources = targetsIn([npm.exports, npm.imports, npm.bin, deno.exports, published]).concat(
      targetsIn(deno.imports).filter((target) => !target.startsWith("jsr:")),
    );
    for (const source of sources) {
      await access(new URL(`../../${source.replace(/\.js$/, ".ts")}`, import.meta.url));
    }
  });

  test("publish every source to JSR, and neither tests nor tools", () => {
    const published = (deno.publish as { include: string[] }).include;
    for (const source of targetsIn([deno.exports, npm.exports, npm.imports])) {
      assert.ok(
        published.includes(source.replace("./", "").replace(/^src\/.*/, "src").replace(/\.js$/, ".ts")),
        source,
      );
    }
    assert.equal(published.filter((name) => /tests|scripts|bench|node_modules|package/.test(name)), []);
  });

  test("take the NATS packages of one release from npm and from JSR", () => {
    const versions = npm.dependencies as Record<string, string>;
    // transport-node pins nats-core to its own version: another one here would be a second copy of it.
    assert.is(versions["@nats-io/transport-node"], versions["@nats-io/nats-core"]);
    const fromJsr = targetsIn(deno.imports).filter((target) => target.startsWith("jsr:"));
    assert.ok(fromJsr.length > 0);
    for (const target of fromJsr) assert.ok(target.includes(`@${versions["@nats-io/nats-core"]}`), target);
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

/** Every path in a part of a manifest, whatever its shape. */
function targetsIn(entry: unknown): string[] {
  return typeof entry === "object" ? Object.values(entry ?? {}).flatMap(targetsIn) : [String(entry)];
}
