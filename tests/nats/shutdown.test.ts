import * as assert from "uvu/assert";
import { createMessagingServer, isMessagingError, NatsTransport, type RequestHandler } from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { connectEcho, type Echo, echo } from "../support/echo.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { startStrangeServer } from "../support/strange-server.ts";
import { until } from "../support/until.ts";

const handlerMs = 300;

/** A server whose handlers take their time, a client, and how many handlers run or have run. */
async function startSlowService(
  url: string,
  options: { concurrency: number; queueLimit: number; work?: RequestHandler<Echo, "say"> },
) {
  const seen = { begun: 0 };
  const server = createMessagingServer({ contract: echo, transport: new NatsTransport({ servers: url }), ...options });
  server.registerHandler("say", async (request, context) => {
    seen.begun += 1;
    if (options.work !== undefined) return await options.work(request, context);
    await new Promise((settle) => setTimeout(settle, handlerMs));
    return request;
  });
  await server.start({ partial: true });
  const client = await connectEcho(new NatsTransport({ servers: url }), { timeoutMs: 10_000 });
  return { server, client, seen };
}

function callMany(client: Awaited<ReturnType<typeof connectEcho>>, times: number): Promise<string>[] {
  return Array.from({ length: times }, async (_, number) => {
    try {
      const { text } = await client.request("say", { text: String(number) });
      return text === String(number) ? "answered" : "another's answer";
    } catch (error) {
      return isMessagingError(error) ? `${error.code} ${error.execution}` : String(error);
    }
  });
}

async function timeOf(promise: Promise<void>): Promise<number> {
  const start = performance.now();
  await promise;
  return performance.now() - start;
}

async function tally(calls: readonly Promise<string>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const outcome of await Promise.all(calls)) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

describeWithNatsServer("stop()", {}, (test) => {
  test("answers 500 requests whose handlers run", async () => {
    await using broker = await startNatsServer();
    const { server, client, seen } = await startSlowService(broker.url, { concurrency: 500, queueLimit: 0 });
    const calls = callMany(client, 500);
    await until("500 handlers", () => seen.begun === 500);
    await server.stop();
    assert.equal(await tally(calls), { answered: 500 });
    await expectRejection(client.request("say", { text: "late" }), { code: "NO_RESPONDERS" });
    await client.disconnect();
  });

  test("answers all it took when only 64 run at once, and the others were told BUSY", async () => {
    await using broker = await startNatsServer();
    const { server, client, seen } = await startSlowService(broker.url, { concurrency: 64, queueLimit: 256 });
    const calls = callMany(client, 500);
    await until("64 handlers and the refusals", () => seen.begun >= 64);
    await client.request("ask", { text: "all were sent" }).catch(() => {});
    await server.stop();
    const counts = await tally(calls);
    assert.is((counts["answered"] ?? 0) + (counts["BUSY not-executed"] ?? 0), 500, JSON.stringify(counts));
    assert.is(counts["answered"], seen.begun);
    assert.ok(seen.begun >= 320, JSON.stringify(counts));
    console.log(`500 requests, 64 at once, 256 waiting: ${JSON.stringify(counts)}`);
    await client.disconnect();
  });

  test("leaves no request of a steady stream without an answer, in ten stops", { timeoutMs: 20_000 }, async () => {
    await using broker = await startNatsServer();
    const { server, client, seen } = await startSlowService(broker.url, {
      concurrency: 64,
      queueLimit: 256,
      work: async (request) => await new Promise((settle) => setTimeout(settle, 5, request)),
    });
    const calls: Promise<string>[] = [];
    let asking = true;
    const stream = (async () => {
      while (asking) {
        calls.push(...callMany(client, 5));
        await new Promise((settle) => setImmediate(settle));
      }
    })();
    for (let stop = 0; stop < 10; stop++) {
      const before = seen.begun;
      await until("some handlers", () => seen.begun > before + 50);
      await server.stop();
      await server.start({ partial: true });
    }
    asking = false;
    await stream;
    const { answered = 0, "NO_RESPONDERS not-executed": unserved = 0, "BUSY not-executed": busy = 0, ...others } =
      await tally(calls);
    assert.equal(others, {});
    assert.is(answered, seen.begun);
    console.log(`${calls.length} requests during ten stops: ${JSON.stringify({ answered, unserved, busy })}`);
    await Promise.all([server.stop(), client.disconnect()]);
  });

  test("gives every caller the same promise, and the server can be started again", async () => {
    await using broker = await startNatsServer();
    const { server, client, seen } = await startSlowService(broker.url, { concurrency: 1, queueLimit: 0 });
    const calls = callMany(client, 1);
    await until("the handler", () => seen.begun === 1);
    const first = server.stop();
    assert.is(server.stop({ graceMs: 1 }), first);
    await Promise.all([first, server.stop()]);
    assert.is(server.status, "closed");
    assert.equal(await tally(calls), { answered: 1 });
    await server.stop();
    await server.start({ partial: true });
    assert.equal(await client.request("say", { text: "again" }), { text: "again" });
    await Promise.all([server[Symbol.asyncDispose](), client.disconnect()]);
  });

  test("ends after its grace when a handler does not, and the callers are told", async () => {
    await using broker = await startNatsServer();
    let reason: unknown;
    const { server, client, seen } = await startSlowService(broker.url, {
      concurrency: 1,
      queueLimit: 1,
      work: (_, { signal }) => {
        signal.addEventListener("abort", () => reason = signal.reason);
        return new Promise(() => {});
      },
    });
    const calls = callMany(client, 2);
    await until("the handler", () => seen.begun === 1);
    const tookMs = await timeOf(server.stop({ graceMs: 200 }));
    assert.ok(tookMs >= 190 && tookMs < 1_000, `${tookMs} ms`);
    assert.equal(await tally(calls), { "CANCELLED unknown": 1, "BUSY not-executed": 1 });
    assert.ok(isMessagingError(reason, "CANCELLED"));
    await client.disconnect();
  });

  test("is bounded when the broker is frozen or gone", async () => {
    for (const away of ["freeze", "kill"] as const) {
      await using broker = await startNatsServer();
      const { server, client, seen } = await startSlowService(broker.url, { concurrency: 8, queueLimit: 0 });
      const calls = callMany(client, 8);
      await until("8 handlers", () => seen.begun === 8);
      await broker[away]();
      const tookMs = await timeOf(server.stop({ graceMs: 1_000 }));
      assert.ok(tookMs < 2_500, `${away}: ${tookMs} ms`);
      assert.is(server.status, "closed");
      await client.disconnect();
      assert.equal(await tally(calls), { "DISCONNECTED unknown": 8 });
    }
  });

  test("ends a start() that cannot finish", async () => {
    await using silent = await startStrangeServer();
    const transport = new NatsTransport({ servers: `nats://127.0.0.1:${silent.port}`, connectTimeoutMs: 60_000 });
    const server = createMessagingServer({ contract: echo, transport });
    const starting = server.start({ partial: true });
    await until("the dial", () => silent.taken === 1);
    const tookMs = await timeOf(server.stop());
    assert.ok(tookMs < 1_000, `${tookMs} ms`);
    await expectRejection(starting, { code: "CANCELLED" });
  });
});
