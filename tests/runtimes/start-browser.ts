import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { bundle } from "./bundle.ts";
import { ChildProgram } from "./child-program.ts";

/** What a page gets and may ask for. */
export interface PageOptions {
  /** JSON that the page reads from `/data`. */
  readonly data: unknown;
  /** What happens when the page posts to `/actions/<name>`; the answer comes when it is done. */
  readonly actions?: Readonly<Record<string, () => Promise<void>>>;
  /** How long the page may take until it posts to `/result`, in milliseconds. */
  readonly limitMs: number;
}

const flags = [
  "--headless",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--enable-logging=stderr",
];

/** Opens a page with one script of this folder in Chromium, and gives the JSON that it posts to `/result`. */
export async function runPage(path: string, file: string, options: PageOptions): Promise<unknown> {
  const script = await bundle(file, "browser");
  let settle!: (result: unknown) => void;
  const result = new Promise((resolve) => settle = resolve);
  const server = createServer((request, response) => {
    answer(request, response, script, options, settle).catch((error: unknown) => response.destroy(error as Error));
  });
  const profile = await mkdtemp(join(tmpdir(), "messaging-chromium-"));
  let browser: ChildProgram | undefined;
  try {
    const url = await listen(server);
    // Its sandbox refuses to be started by root, as whom continuous integration runs.
    const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    browser = new ChildProgram(path, [...flags, ...sandbox, `--user-data-dir=${profile}`, url]);
    const ended = browser.ended(options.limitMs).then((how) => {
      throw new Error(`The browser ended with ${how} before its page was done:\n${browser!.output}`);
    });
    return await Promise.race([result, ended]);
  } finally {
    await browser?.[Symbol.asyncDispose]();
    server.closeAllConnections();
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  script: string,
  options: PageOptions,
  settle: (result: unknown) => void,
): Promise<void> {
  const send = (type: string, body: string): void => void response.setHeader("content-type", type).end(body);
  const action = /^\/actions\/(\w+)$/.exec(request.url ?? "")?.[1];
  if (request.url === "/") send("text/html", '<!doctype html><script type="module" src="/page.js"></script>');
  else if (request.url === "/page.js") send("text/javascript", script);
  else if (request.url === "/data") send("application/json", JSON.stringify(options.data));
  else if (request.url === "/result") {
    settle(JSON.parse(await text(request)));
    send("text/plain", "");
  } else if (action !== undefined && options.actions?.[action] !== undefined) {
    await options.actions[action]();
    send("text/plain", "");
  } else response.writeHead(404).end();
}
