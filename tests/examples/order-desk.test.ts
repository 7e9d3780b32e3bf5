import { type Browser, chromium, type Page } from "playwright-core";
import process from "node:process";
import * as assert from "uvu/assert";
import { findRuntime } from "../runtimes/find-runtimes.ts";
import { describe } from "../support/suite.ts";
import { freePort } from "../support/free-port.ts";
import { hasNatsServer, startNatsServer } from "../support/nats-server.ts";
import { type Program, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";
import { openOrderDeskProject } from "./order-desk-project.ts";

const timeoutMs = 60_000;
const browserProgram = await findRuntime("chromium").catch((error: Error) => error);
const obstacle = browserProgram instanceof Error
  ? browserProgram.message
  : hasNatsServer
  ? undefined
  : "there is no nats-server";

/** What the page does on every transport: an order, a typed error, an event. */
async function useDesk(page: Page, url: string, wanted: { id: string; left: number }): Promise<void> {
  const order = async (sku: string, quantity: number, answer: string): Promise<void> => {
    await page.fill("[name=sku]", sku);
    await page.fill("[name=quantity]", String(quantity));
    await page.click("button");
    await page.getByText(answer, { exact: true }).waitFor();
  };
  await page.goto(url);
  await page.locator("#status", { hasText: /^connected$/ }).waitFor();
  // Its subscription goes out behind the connection; an order's event is what shows that it is there.
  await order("A1", 2, `Placed as ${wanted.id}`);
  await order("A1", 100, `Only ${wanted.left} left`);
  await page.locator("#placed li", { hasText: `2 × A1 to eu (${wanted.id})` }).waitFor();
}

async function curl(...args: string[]): Promise<{ status: number; body: string }> {
  const program = startProgram("curl", ["--silent", "--show-error", "--write-out", "\n%{http_code}", ...args]);
  const { exitCode, standardOutput, errorOutput } = await program.ended();
  assert.is(exitCode, 0, errorOutput);
  const end = standardOutput.lastIndexOf("\n");
  return { status: Number(standardOutput.slice(end + 1)), body: standardOutput.slice(0, end) };
}

describe("The order desk, one page on three transports,", (test) => {
  if (obstacle !== undefined) return test.skip("in Chromium and by curl", obstacle);

  test(
    "works in Chromium in memory, on NATS and through the gateway, whose death it survives",
    { timeoutMs },
    async () => {
      await using project = await openOrderDeskProject();
      await using nats = await startNatsServer({ websocket: true });
      const port = await freePort();
      const environment = { NATS_URL: nats.url, ORIGIN: project.pageUrl, PORT: String(port) };
      const gatewayUrl = `http://127.0.0.1:${port}`;
      const startGateway = (): Promise<Program> => project.start("serve-gateway.js", /The gateway is at/, environment);
      await using _service = await project.start("serve-service.js", /The service is there/, environment);
      const gateway = await startGateway();
      const { path } = browserProgram as { path: string };
      const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
      const browser: Browser = await chromium.launch({ executablePath: path, args: ["--disable-quic", ...sandbox] });
      try {
        const problems: string[] = [];
        const open = async (): Promise<Page> => {
          const page = await browser.newPage();
          page.on("pageerror", (error) => problems.push(String(error)));
          return page;
        };
        await useDesk(await open(), `${project.pageUrl}/?transport=memory`, { id: "order-1", left: 10 });
        const natsUrl = `${project.pageUrl}/?transport=nats&servers=${encodeURIComponent(nats.websocketUrl)}`;
        await useDesk(await open(), natsUrl, { id: "order-1", left: 10 });
        const page = await open();
        const httpUrl = `${project.pageUrl}/?transport=http&gateway=${encodeURIComponent(gatewayUrl)}`;
        await useDesk(page, httpUrl, { id: "order-2", left: 8 });

        await gateway[Symbol.asyncDispose]();
        await page.locator("#status", { hasText: "reconnecting" }).waitFor();
        await using _again = await startGateway();
        await page.locator("#status", { hasText: /^connected$/ }).waitFor();
        await until("the page's stream", async () => {
          return /^\w*streams\w*(?:\{\})? 1$/m.test((await curl(`${gatewayUrl}/metrics`)).body);
        });
        const placed = await curl(
          `${gatewayUrl}/orders/v1/placeOrder`,
          "--json",
          '{"sku":"B2","quantity":3,"region":"eu"}',
        );
        assert.equal([placed.status, JSON.parse(placed.body).id], [200, "order-3"]);
        await page.locator("#placed li", { hasText: "3 × B2 to eu (order-3)" }).waitFor();
        assert.equal(problems, []);
      } finally {
        await browser.close();
      }
    },
  );

  test("is used by curl: a request, a typed error, and events as they come", { timeoutMs }, async () => {
    await using project = await openOrderDeskProject();
    await using nats = await startNatsServer();
    const port = await freePort();
    const environment = { NATS_URL: nats.url, ORIGIN: project.pageUrl, PORT: String(port) };
    await using _service = await project.start("serve-service.js", /The service is there/, environment);
    await using _gateway = await project.start("serve-gateway.js", /The gateway is at/, environment);
    const url = `http://127.0.0.1:${port}/orders/v1`;
    await using events = startProgram("curl", ["--silent", "--no-buffer", `${url}/events?name=orderPlaced&region=eu`]);
    await events.line(/^: ready/);
    const placed = await curl(`${url}/placeOrder`, "--json", '{"sku":"A1","quantity":2,"region":"eu"}');
    assert.equal([placed.status, JSON.parse(placed.body)], [200, {
      id: "order-1",
      sku: "A1",
      quantity: 2,
      region: "eu",
    }]);
    assert.is(await events.line(/^data: /), `data: ${placed.body}`);
    const short = await curl(`${url}/placeOrder`, "--json", '{"sku":"A1","quantity":11,"region":"eu"}');
    const { code, data } = JSON.parse(short.body);
    assert.equal([short.status, code, data], [409, "OUT_OF_STOCK", { sku: "A1", left: 10 }]);
  });
});
