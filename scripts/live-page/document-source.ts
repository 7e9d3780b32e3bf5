import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const folder = new URL("../../src/gateway/live-page/", import.meta.url);

/** The module that carries the page. */
export const documentPath: string = fileURLToPath(new URL("document.ts", folder));

/** The text of that module, from the page's own HTML, CSS and TypeScript. */
export async function documentSource(): Promise<string> {
  const [style, script] = await Promise.all([bundle("page.css"), bundle("main.ts")]);
  const html = await readFile(new URL("browser/page.html", folder), "utf8");
  // Only the indentation goes: a line break is the same white space to a browser.
  const document = put(
    put(html.replace(/\s*\n\s*/g, "\n"), '<link rel="stylesheet" href="page.css">', `<style>${style}</style>`),
    '<script src="main.ts"></script>',
    `<script>${script}</script>`,
  );
  return [
    "// Made by `npm run build:page` of the files in browser/: change those.",
    "",
    "/** The live page's document. */",
    `export const documentHtml: string = \`${escape(document)}\`;`,
    "",
    "/** What its `Content-Security-Policy` knows its script by. */",
    `export const scriptHash = "${hashOf(script)}" as const;`,
    "",
    "/** What its `Content-Security-Policy` knows its style by. */",
    `export const styleHash = "${hashOf(style)}" as const;`,
    "",
  ].join("\n");
}

async function bundle(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`browser/${file}`, folder))],
    bundle: true,
    write: false,
    minify: true,
    charset: "utf8",
    format: "iife",
    platform: "browser",
    target: ["chrome111", "firefox114", "safari16.4"],
    logLevel: "silent",
  });
  const text = outputFiles[0]!.text.trim();
  if (/<\/(?:script|style)/i.test(text)) throw new Error(`${file} has a tag in it that would end it early`);
  return text;
}

/** Not `replace`, which would read the dollar signs of a script. */
function put(html: string, mark: string, text: string): string {
  const parts = html.split(mark);
  if (parts.length !== 2) throw new Error(`Expected ${mark} once in page.html`);
  return parts.join(text);
}

/** As it stands in a template literal, which a formatter leaves alone. */
function escape(text: string): string {
  return text.replace(/[\\`]|\$\{/g, "\\$&");
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
