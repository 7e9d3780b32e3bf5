import { serve, type ServerType } from "@hono/node-server";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { BrowserContextOptions, Page } from "playwright-core";
import {
  type Authenticate,
  type Contract,
  createMessagingServer,
  MemoryTransport,
  type MessagingServer,
  type Transport,
} from "../../../mod.ts";
import { createGateway, type ExposeOptions, type Gateway } from "../../../src/gateway/mod.ts";
import { type Desk, desk } from "./desk-contract.ts";
import { chromiumBrowser } from "./in-chromium.ts";

/** A token's text is the role it stands for. */
const authenticate: Authenticate = ({ token }) => token === undefined ? undefined : { id: token, roles: [token] };

/** What a scene is made of. */
export interface LivePageOptions {
  /** The contract that is shown. @default the desk's */
  readonly contract?: Contract;
  /** How messages travel. @default in memory */
  readonly transport?: Transport;
  /** How the page is looked at. */
  readonly view?: BrowserContextOptions;
  /** Routes that the gateway has. @default all */
  readonly expose?: ExposeOptions;
  /** Whether the test turns the page's clock. @default false */
  readonly controlledTime?: boolean;
  /** The path that the gateway is mounted under. @default "" */
  readonly mountedAt?: string;
}

/** A gateway that Chromium looks at. */
export interface LivePageScene extends AsyncDisposable {
  /** Where the page is. */
  readonly url: string;
  readonly page: Page;
  readonly gateway: Gateway;
  /** Requests that did not go to the gateway. */
  readonly foreignRequests: readonly string[];
  /** Requests to the gateway: method, path and token. */
  readonly requests: readonly string[];
  /** What the browser complained of: errors, warnings, and what the page's policy did not let it do. */
  readonly complaints: readonly string[];
}

/** Starts a gateway, and opens its live page in Chromium. */
export async function openLivePage(options: LivePageOptions = {}): Promise<LivePageScene> {
  const { contract = desk, transport = new MemoryTransport(), mountedAt = "" } = options;
  const gateway = createGateway({ contracts: [contract], transport, authenticate, expose: options.expose ?? {} });
  await gateway.start();
  const httpServer = serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request: Request) => {
      const url = new URL(request.url);
      if (!url.pathname.startsWith(mountedAt)) return new Response("Not found", { status: 404 });
      url.pathname = url.pathname.slice(mountedAt.length) || "/";
      return await gateway.fetch(new Request(url, request));
    },
  });
  await once(httpServer, "listening");
  const origin = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`;
  const context = await (await chromiumBrowser()).newContext(options.view);
  const page = await context.newPage();
  const watched = await watch(page, origin);
  if (options.controlledTime) await page.clock.install();
  await page.goto(`${origin}${mountedAt}`);
  return {
    url: origin + mountedAt,
    page,
    gateway,
    ...watched,
    [Symbol.asyncDispose]: async () => {
      await context.close();
      await closeServer(httpServer);
      await gateway.stop({ graceMs: 100 });
    },
  };
}

/** A service of the desk that is started. */
export async function serveDesk(transport: Transport): Promise<MessagingServer<Desk>> {
  const server = createMessagingServer({ contract: desk, transport, authenticate });
  server.registerHandler("createOrder", async ({ sku, quantity }, context) => {
    if (sku === "none") throw context.error("OUT_OF_STOCK", { sku, left: 0 });
    if (sku === "crash") throw new Error("the password is hunter2");
    const id = `A-${quantity}`;
    await server.broadcast("orderCreated", { id, region: "eu", total: quantity * 2.5 });
    return { id, total: quantity * 2.5, placed: sku };
  });
  server.registerHandler("findOrder", ({ id }, { signal }) => {
    if (id !== "slow") return { id, state: "sent" };
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
  });
  server.registerHandler("cancelOrder", () => undefined);
  server.registerHandler("ping", () => undefined);
  await server.start();
  return server;
}

async function watch(
  page: Page,
  origin: string,
): Promise<Pick<LivePageScene, "foreignRequests" | "requests" | "complaints">> {
  const foreignRequests: string[] = [];
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (url.startsWith("data:")) return;
    if (!url.startsWith(`${origin}/`)) foreignRequests.push(url);
    const { authorization = "no token" } = request.headers();
    requests.push(`${request.method()} ${url.slice(origin.length)} ${authorization}`);
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      console.error(`The policy was violated: ${violatedDirective} ${blockedURI}`);
    });
  });
  return { foreignRequests, requests, complaints };
}

async function closeServer(server: ServerType): Promise<void> {
  if ("closeAllConnections" in server) server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
