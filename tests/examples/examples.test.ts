// Every folder of examples/ that has no test of its own, as a user runs it.
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { chromium } from "playwright-core";
import * as assert from "uvu/assert";
import { createServer } from "vite";
import { createMessagingServer, NatsTransport } from "../../mod.ts";
import { room } from "../../examples/browser/contract.ts";
import { tickets } from "../../examples/gateway-hono/contract.ts";
import { prices } from "../../examples/worker/contract.ts";
import { installPackage } from "../packaging/installed-package.ts";
import { findRuntime } from "../runtimes/find-runtimes.ts";
import { startWorkerd } from "../runtimes/start-workerd.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { freePort } from "../support/free-port.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { openExampleProject } from "./example-projects.ts";

const timeoutMs = 90_000;
const workerd = await findRuntime("workerd").catch((error: Error) => error);
const chromiumFound = await findRuntime("chromium").catch((error: Error) => error);

describeWithNatsServer("The example", {}, (test) => {
  test("quickstart asks, hears and is refused, without a broker", { timeoutMs }, async () => {
    const { run } = await openExampleProject("quickstart");
    const lines = (await run("quickstart.ts")).trim().split("\n");
    assert.equal(lines.sort(), ["answer { id: 'A1-1' }", "created A1-1", "only 10 left"]);
  });

  for (const runtime of ["deno", "bun"] as const) {
    test(`${runtime}-service answers, ticks and ends`, { timeoutMs }, async () => {
      await using nats = await startNatsServer();
      const environment = { NATS_URL: nats.url };
      const { start, run } = await openExampleProject(`${runtime}-service`);
      await using service = await start("service.ts", environment, runtime);
      await service.line(/The clock is there/);
      assert.match(await run("ask.ts", environment, runtime), /^time \d\d:\d\d:\d\d\ntick \d{4}-/);
      assert.is((await service.stop()).exitCode, 0);
    });
  }

  test("node-service answers what it has taken when it is stopped", { timeoutMs }, async () => {
    await using nats = await startNatsServer();
    const environment = { NATS_URL: nats.url };
    const { start } = await openExampleProject("node-service");
    await using service = await start("service.ts", environment);
    await service.line(/The reports are there/);
    await using asking = await start("ask.ts", environment);
    await service.line(/Building/);
    const stopped = service.stop();
    const { exitCode, standardOutput, errorOutput } = await asking.ended();
    assert.is(exitCode, 0, errorOutput);
    assert.match(standardOutput, /built 10/);
    const { exitCode: code, standardOutput: output } = await stopped;
    assert.equal([code, output.includes("Stopped in good order")], [0, true]);
  });

  test("durable-orders bills every order once, also when it is killed", { timeoutMs }, async () => {
    await using nats = await startNatsServer({ jetstream: true });
    const manifest = await readFile(new URL("../../package.json", import.meta.url), "utf8");
    const { install } = await installPackage();
    await install(`libsql@${JSON.parse(manifest).devDependencies.libsql}`);
    const environment = { NATS_URL: nats.url };
    const { start, run } = await openExampleProject("durable-orders");
    await using killed = await start("billing.ts", environment);
    await killed.line(/Billing is there/);
    assert.match(await run("shop.ts", environment), /Ten orders are paid/);
    await killed.line(/^billed/m);
    process.kill(killed.pid!, "SIGKILL");
    await killed.ended();
    await using billing = await start("billing.ts", environment);
    await billing.line(/Billing is there/);
    await run("shop.ts", environment);
    await billing.line(/total 110$/);
    const { exitCode, standardOutput } = await billing.stop();
    assert.equal([exitCode, /total 1(?:1[1-9]|[2-9])/.test(standardOutput)], [0, false]);
  });

  for (const name of ["worker", "worker-durable-object"]) {
    const title = `${name} asks a service, and tells what went wrong by its status`;
    if (workerd instanceof Error) {
      test.skip(title, workerd.message);
      continue;
    }
    test(title, { timeoutMs }, async () => {
      await using nats = await startNatsServer({ websocket: true });
      await using worker = await startWorkerd(workerd.path, `../../examples/${name}/worker.ts`, {
        bindings: { NATS_URL: nats.websocketUrl },
        ...(name === "worker" ? {} : { durableObjects: { PRICES: "PricesObject" } }),
      });
      const quote = async (): Promise<readonly [number, unknown]> => {
        const response = await fetch(`${worker.url}?sku=A1`);
        return [response.status, await response.json()];
      };
      const nobody = await quote();
      assert.equal([nobody[0], (nobody[1] as { code: string }).code], [503, "NO_RESPONDERS"]);
      await using server = createMessagingServer({
        contract: prices,
        transport: new NatsTransport({ servers: nats.url }),
      });
      server.registerHandler("quote", ({ sku }) => ({ price: sku.length }));
      await server.start();
      assert.equal([await quote(), await quote()], [[200, { price: 2 }], [200, { price: 2 }]]);
    });
  }

  if (chromiumFound instanceof Error) test.skip("browser says and hears", chromiumFound.message);
  else {
    test("browser says and hears", { timeoutMs }, async () => {
      await using nats = await startNatsServer({ websocket: true });
      await using server = createMessagingServer({
        contract: room,
        transport: new NatsTransport({ servers: nats.url }),
      });
      server.registerHandler("say", async ({ text }) => {
        await server.broadcast("said", { text });
        return { heard: 1 };
      });
      await server.start();
      const { folder } = await openExampleProject("browser");
      const pages = await createServer({
        root: folder,
        configFile: false,
        logLevel: "error",
        server: { host: "127.0.0.1", port: await freePort() },
      });
      await pages.listen();
      const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
      const browser = await chromium.launch({
        executablePath: chromiumFound.path,
        args: ["--disable-quic", ...sandbox],
      });
      try {
        const page = await browser.newPage();
        await page.goto(`${pages.resolvedUrls!.local[0]}?servers=${encodeURIComponent(nats.websocketUrl)}`);
        await page.locator("[role=status]", { hasText: /^connected$/ }).waitFor();
        await page.fill("[name=text]", "hello");
        await page.click("button");
        await page.locator("li", { hasText: /^hello$/ }).waitFor();
      } finally {
        await browser.close();
        await pages.close();
      }
    });
  }

  test("gateway-hono lets in who has a token, beside the application's own routes", { timeoutMs }, async () => {
    await using nats = await startNatsServer();
    const { install } = await installPackage();
    const { devDependencies } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
    await install(...["hono", "@hono/node-server"].map((name) => `${name}@${devDependencies[name]}`));
    await using server = createMessagingServer({
      contract: tickets,
      transport: new NatsTransport({ servers: nats.url }),
      authenticate: ({ token }) => token === undefined ? undefined : { id: "agent", roles: ["agent"] },
    });
    server.registerHandler("open", ({ title }) => ({ id: title.length }));
    await server.start();

    const { publicKey, privateKey } = await generateKeyPair("ES256");
    const port = await freePort();
    const { start } = await openExampleProject("gateway-hono");
    await using app = await start("app.ts", {
      NATS_URL: nats.url,
      PORT: String(port),
      PUBLIC_JWK: JSON.stringify(await exportJWK(publicKey)),
    });
    await app.line(/Listening/);
    const token = await new SignJWT({ roles: ["agent"] }).setProtectedHeader({ alg: "ES256" }).setSubject("ann")
      .setIssuer("https://id.example.com").setAudience("tickets").setIssuedAt().setExpirationTime("1m").sign(
        privateKey,
      );
    const open = (headers: Record<string, string>): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/api/tickets/v1/open`, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body: '{"title":"It works"}',
      });
    assert.is(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "Tickets");
    assert.is((await open({})).status, 401);
    const answer = await open({ Authorization: `Bearer ${token}` });
    assert.equal([answer.status, await answer.json()], [200, { id: 8 }]);
    assert.is((await app.stop()).exitCode, 0);
  });

  test("multi-tenant keeps tenants apart, at the service and at the broker", { timeoutMs }, async () => {
    const passwords = { SERVICE_PASSWORD: "service-pw", ACME_PASSWORD: "acme-pw", GLOBEX_PASSWORD: "globex-pw" };
    const { run, start } = await openExampleProject("multi-tenant");
    await using nats = await startNatsServer({ config: await run("broker-config.ts", passwords) });
    const environment = { NATS_URL: nats.url, ...passwords };
    await using service = await start("service.ts", environment);
    await service.line(/The files are there/);
    assert.equal((await run("member.ts", environment)).trim().split("\n"), [
      "own [ 'acme.txt' ]",
      "heard { tenant: 'acme', name: 'list.txt' }",
      "another tenant's files: FORBIDDEN",
      "another tenant's events: FORBIDDEN",
    ]);
  });
});
