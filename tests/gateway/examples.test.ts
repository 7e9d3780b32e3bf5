// What stands in examples/gateway, each on its runtime: the same questions to all of them.
import process from "node:process";
import * as assert from "uvu/assert";
import { createMessagingServer, NatsTransport } from "../../mod.ts";
import { orders } from "../../examples/gateway/contract.ts";
import { findRuntime, type RuntimeName } from "../runtimes/find-runtimes.ts";
import { startWorkerd } from "../runtimes/start-workerd.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { freePort } from "../support/free-port.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";
import { answerOf, problemIn } from "./answer.ts";
import { FrameReader } from "./frame-reader.ts";
import { RawHttp } from "./raw-http.ts";

const timeoutMs = 60_000;

/** How each example is started, without the program itself. */
const processes: Readonly<Partial<Record<RuntimeName, readonly string[]>>> = {
  node: ["--import", "tsx", "examples/gateway/node.ts"],
  deno: [
    "run",
    "--no-prompt",
    "--allow-net=127.0.0.1",
    "--allow-env",
    "--allow-read",
    // npm's transport-node in place of JSR's transport-deno, which may be out of reach.
    "--import-map=tests/gateway/deno-import-map.json",
    "examples/gateway/deno.js",
  ],
  bun: ["run", "examples/gateway/bun.js"],
};

interface Served extends AsyncDisposable {
  readonly url: string;
  readonly server: ReturnType<typeof createMessagingServer<typeof orders>>;
  /** Why handlers of slow orders were told to end. */
  readonly cancelled: readonly string[];
  /** Asks the example to end, and gives its exit code and what it printed; `undefined` for a worker. */
  readonly stop: (() => Promise<{ exitCode: number | null; output: string }>) | undefined;
}

async function openExample(name: RuntimeName, path: string): Promise<Served> {
  const nats = await startNatsServer({ websocket: true });
  const server = createMessagingServer({ contract: orders, transport: new NatsTransport({ servers: nats.url }) });
  const cancelled: string[] = [];
  server.registerHandler("createOrder", async ({ sku, quantity }, { signal }) => {
    if (sku === "slow") {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      cancelled.push(String((signal.reason as { code?: unknown }).code));
    }
    return { id: sku, total: quantity };
  });
  await server.start();
  const started = name === "workerd"
    ? await startWorker(path, nats.websocketUrl)
    : await startServer(name, path, nats.url);
  return {
    ...started,
    server,
    cancelled,
    [Symbol.asyncDispose]: async () => {
      await started[Symbol.asyncDispose]();
      await server.stop({ graceMs: 10 });
      await nats.stop();
    },
  };
}

async function startServer(name: RuntimeName, path: string, servers: string) {
  const port = await freePort();
  const program = startProgram(path, processes[name]!, { environment: { NATS_URL: servers, PORT: String(port) } });
  await program.line(/Listening on \d+/);
  const stop = async () => {
    const { exitCode, standardOutput, errorOutput } = await program.stop();
    return { exitCode, output: standardOutput + errorOutput };
  };
  return { url: `http://127.0.0.1:${port}`, stop, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}

async function startWorker(path: string, servers: string) {
  const workerd = await startWorkerd(path, "../../examples/gateway/worker.js", {
    bindings: { NATS_URL: servers },
    durableObjects: { GATEWAY: "GatewayObject" },
  });
  return {
    url: workerd.url.replace(/\/$/, ""),
    stop: undefined,
    [Symbol.asyncDispose]: () => workerd[Symbol.asyncDispose](),
  };
}

function post(url: string, body: string, type = "application/json"): Promise<Response> {
  return fetch(`${url}/orders/v1/createOrder`, { method: "POST", headers: { "Content-Type": type }, body });
}

async function askAndLeave(url: string): Promise<void> {
  const body = '{"sku":"slow","quantity":1}';
  const headers = { "Content-Type": "application/json" };
  const order = { method: "POST", headers, body, signal: AbortSignal.timeout(400) };
  await fetch(`${url}/orders/v1/createOrder`, order).then(() => assert.unreachable(), () => {});
}

const found = new Map<RuntimeName, string | Error>();
for (const name of ["node", "deno", "bun", "workerd"] as const) {
  found.set(name, await findRuntime(name).then(({ path }) => path, (error: Error) => error));
}

describeWithNatsServer("The gateway's examples", {}, (test) => {
  for (const [name, path] of found) {
    const title = `${name}: a request, a problem, an event stream, and an end in good order`;
    if (path instanceof Error) {
      test.skip(title, path.message);
      continue;
    }
    test(title, { timeoutMs }, async () => {
      await using served = await openExample(name, path);
      const { url, server, stop, cancelled } = served;
      const answer = await answerOf(await post(url, '{"sku":"A1","quantity":2}'));
      assert.equal([answer.status, answer.json], [200, { id: "A1", total: 2 }]);
      // Where the server knows an address there is a limit for it.
      const policy = answer.headers.get("RateLimit-Policy");
      if (name !== "workerd") assert.is(policy, '"address";q=12000;w=60, "identity";q=6000;w=60');
      problemIn(await answerOf(await post(url, '{"sku":"A1","quantity":0}')), "INVALID_REQUEST", 400);
      problemIn(await answerOf(await post(url, '{"sku":"A1","sku":"B"}')), "MALFORMED_MESSAGE", 400);
      problemIn(await answerOf(await post(url, "{}", "text/plain")), "UNSUPPORTED", 415);
      problemIn(await answerOf(await post(url, `"${"x".repeat(300_000)}"`)), "PAYLOAD_TOO_LARGE", 413);

      await askAndLeave(url);
      // A Durable Object is not told: what it was asked for ends at its deadline.
      const why = name === "workerd" ? "TIMEOUT" : "CANCELLED";
      await until("the handler is told that nobody waits", () => cancelled.length === 1, 8_000);
      assert.equal(cancelled, [why]);

      const frames = await FrameReader.of(await fetch(`${url}/orders/v1/events?name=orderMoved&region=eu`));
      const left = await FrameReader.of(await fetch(`${url}/orders/v1/events?name=orderMoved`));
      for (let count = 0; count < 50; count++) {
        await server.broadcast("orderMoved", { id: String(count), region: count % 2 === 0 ? "eu" : "us" });
      }
      for (let count = 0; count < 50; count += 2) {
        assert.equal(await frames.data(), { id: String(count), region: "eu" });
      }
      await left.cancel();
      const streams = async (): Promise<string> => await (await fetch(`${url}/metrics`)).text();
      // A Durable Object hears that a reader left when it writes to them: by the next event or heartbeat.
      await until("the gateway has heard that a reader left", async () => {
        await server.broadcast("orderMoved", { id: "later", region: "us" });
        return /^messaging_gateway_streams 1$/m.test(await streams());
      }, 15_000);
      if (stop === undefined) return await frames.cancel();
      const stopped = stop();
      assert.is((await frames.end()).code, "DISCONNECTED");
      const { exitCode, output } = await stopped;
      assert.is(exitCode, 0, output);
    });
  }

  test(
    "node: slow headers are cut within 12 s, a slow body within 17 s, and others notice nothing",
    { timeoutMs },
    async () => {
      await using served = await openExample("node", process.execPath);
      const port = Number(new URL(served.url).port);
      const slow = await Promise.all(Array.from({ length: 100 }, () => RawHttp.open(port)));
      const start = "POST /orders/v1/createOrder HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
      const [headers, bodies] = [slow.slice(0, 50), slow.slice(50)];
      for (const caller of headers) caller.write(`${start}X-`);
      for (const caller of bodies) caller.write(`${start}Content-Length: 40\r\n\r\n{`);
      const startedAt = performance.now();
      const drip = setInterval(() => headers.forEach((caller) => caller.write("a")), 1_000);
      const waits: number[] = [];
      let goesOn = true;
      const canary = (async () => {
        while (goesOn) {
          const asked = performance.now();
          assert.is((await post(served.url, '{"sku":"A1","quantity":2}')).status, 200);
          waits.push(performance.now() - asked);
          // Inside the rate of one address.
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      })();
      await Promise.all(headers.map(({ closed }) => closed));
      assert.ok(performance.now() - startedAt < 12_000);
      clearInterval(drip);
      await Promise.all(bodies.map(({ closed }) => closed));
      assert.ok(performance.now() - startedAt < 17_000);
      for (const { status } of bodies) assert.is(status, 408);
      goesOn = false;
      await canary;
      waits.sort((one, other) => one - other);
      assert.ok(waits[Math.floor(waits.length * 0.99)]! < 250, `${waits.length} canaries`);
    },
  );
});
