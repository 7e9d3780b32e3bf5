import { build } from "esbuild";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { livePageResponse } from "../../../src/gateway/live-page/live-page.ts";
import { documentPath, documentSource } from "../../../scripts/live-page/document-source.ts";
import { describe } from "../../support/suite.ts";

const folder = new URL("../../../src/gateway/live-page/browser/", import.meta.url);

function hashesIn(html: string, name: "script" | "style"): string[] {
  return [...html.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs"))].map(([, text]) =>
    `'sha256-${createHash("sha256").update(text!).digest("base64")}'`
  );
}

describe("The live page's document", (test) => {
  test("is what `npm run build:page` makes of the page's own files", async () => {
    const carried = await readFile(documentPath, "utf8");
    assert.ok(carried === await documentSource(), "run `npm run build:page`: the page's files were changed since");
  });

  test("may run its one script, use its one style, and ask its own gateway; nothing else", async () => {
    const response = livePageResponse();
    const html = await response.text();
    const policy = response.headers.get("Content-Security-Policy")!.split("; ");
    assert.equal(policy, [
      "default-src 'none'",
      `script-src ${hashesIn(html, "script").join(" ")}`,
      `style-src ${hashesIn(html, "style").join(" ")}`,
      "connect-src 'self'",
      "img-src data:",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
    assert.is(hashesIn(html, "script").length, 1);
    assert.is(hashesIn(html, "style").length, 1);
    assert.is(response.status, 200);
    assert.is(response.headers.get("Content-Type"), "text/html; charset=utf-8");
    assert.is(response.headers.get("Cache-Control"), "no-store");
    assert.is(response.headers.get("X-Content-Type-Options"), "nosniff");
    assert.is(response.headers.get("Referrer-Policy"), "no-referrer");
  });

  test("is the same, and its policy fits it, after a bundler has minified the gateway", async () => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL("../live-page.ts", folder))],
      bundle: true,
      write: false,
      minify: true,
      keepNames: true,
      format: "esm",
      target: "es2022",
      conditions: ["workerd", "worker", "browser"],
    });
    const bundle = `data:text/javascript;base64,${Buffer.from(outputFiles[0]!.text).toString("base64")}`;
    const bundled: Response = (await import(bundle)).livePageResponse();
    const policy = "Content-Security-Policy";
    assert.is(bundled.headers.get(policy), livePageResponse().headers.get(policy));
    assert.ok(await bundled.text() === await livePageResponse().text());
  });

  test("names no other host, and has no script or style in an attribute", async () => {
    const html = await livePageResponse().text();
    const hosts = [...html.matchAll(/https?:\/\/([\w.-]+)/g)].map(([, host]) => host);
    // A namespace is no address, and example.com stands in a text that an editor starts with.
    assert.equal(hosts.filter((host) => host !== "www.w3.org" && host !== "example.com"), []);
    const markup = html.replace(/<(script|style)>.*?<\/\1>/gs, "");
    assert.not.match(markup, /\son\w+\s*=|\sstyle\s*=|javascript:/i);
  });

  test("is made of files that put texts into the page as texts, and keep nothing in the browser", async () => {
    const files = (await readdir(folder)).filter((name) => name.endsWith(".ts"));
    assert.ok(files.length > 10);
    for (const name of files) {
      const source = await readFile(new URL(name, folder), "utf8");
      assert.not.match(
        source,
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|Function\(/,
        name,
      );
      assert.not.match(source, /localStorage|sessionStorage|indexedDB|\.cookie|caches\./, name);
    }
  });
});

/** Pairs of the page's colours that meet, with the least contrast that WCAG 2.2 AA asks for: 1.4.3 for texts, 1.4.11 for lines. */
const pairs: readonly (readonly [string, readonly string[], number])[] = [
  ["text", ["page", "surface", "sunken", "tint"], 4.5],
  ["quiet", ["page", "surface", "sunken", "tint"], 4.5],
  ["accent", ["page", "surface", "tint"], 4.5],
  ["on-accent", ["accent"], 4.5],
  ["good", ["surface"], 4.5],
  ["warning", ["surface", "sunken"], 4.5],
  ["bad", ["surface"], 4.5],
  ...["key", "string", "number", "word"].map((name) => [name, ["sunken", "surface"], 4.5] as const),
  ["control", ["surface"], 3],
  ...[1, 2, 3, 4, 5, 6].map((line) => [`line-${line}`, ["surface"], 3] as const),
];

/** The variables of the style's first block, and of the block for dark screens with those of the first behind them. */
async function palettes(): Promise<Record<string, ReadonlyMap<string, string>>> {
  const css = await readFile(new URL("page.css", folder), "utf8");
  const read = (block: string) =>
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!] as const);
  const [light, dark] = css.split("prefers-color-scheme: dark");
  return { light: new Map(read(light!)), dark: new Map([...read(light!), ...read(dark!)]) };
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const part = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter! + 0.05) / (darker! + 0.05);
}

describe("The live page's colours", (test) => {
  for (const scheme of ["light", "dark"] as const) {
    test(`have the contrast that WCAG 2.2 AA asks for, where the screen is ${scheme}`, async () => {
      const palette = (await palettes())[scheme]!;
      const least = { text: Infinity, line: Infinity };
      for (const [name, grounds, wanted] of pairs) {
        for (const ground of grounds) {
          const found = contrast(palette.get(name)!, palette.get(ground)!);
          assert.ok(found >= wanted, `${name} on ${ground}: ${found.toFixed(2)}, at least ${wanted} is wanted`);
          const kind = wanted === 3 ? "line" : "text";
          least[kind] = Math.min(least[kind], found);
        }
      }
      console.log(`Least contrast, ${scheme}: texts ${least.text.toFixed(2)}, lines ${least.line.toFixed(2)}`);
    });
  }
});
