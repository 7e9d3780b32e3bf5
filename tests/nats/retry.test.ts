import * as v from "valibot";
import * as assert from "uvu/assert";
import {
  createContract,
  createMessagingClient,
  createMessagingServer,
  isMessagingError,
  NatsTransport,
  type RetryOptions,
} from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";

const number = v.object({ number: v.number() });

const counter = createContract({
  name: "counter",
  version: "1.0.0",
  requests: {
    read: { request: number, response: number, idempotent: true },
    add: { request: number, response: number },
  },
});

/** Handles one arrival of a request. */
type Work = (arrival: { readonly name: string; readonly number: number; readonly requestId: string }) => unknown;

/** A broker, a service and a client, each on a connection of its own. */
async function startScene(options: { work?: Work; retry?: RetryOptions; pingIntervalMs?: number } = {}) {
  const { work = () => {}, retry, pingIntervalMs = 15_000 } = options;
  const broker = await startNatsServer();
  const arrivals: { readonly name: string; readonly number: number; readonly requestId: string }[] = [];
  const transport = () => new NatsTransport({ servers: broker.url, pingIntervalMs });
  const server = createMessagingServer({ contract: counter, transport: transport(), concurrency: 1_000 });
  for (const name of ["read", "add"] as const) {
    server.registerHandler(name, async ({ number }, { requestId }) => {
      const arrival = { name, number, requestId };
      arrivals.push(arrival);
      await work(arrival);
      return { number };
    });
  }
  await server.start();
  const client = createMessagingClient({
    contract: counter,
    transport: transport(),
    ...(retry === undefined ? {} : { retry }),
  });
  await client.connect();
  return {
    broker,
    server,
    client,
    arrivals,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([client.disconnect(), server.stop({ graceMs: 0 })]);
      await broker.stop();
    },
  };
}

async function settled(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "fulfilled";
  } catch (error) {
    return isMessagingError(error) ? `${error.code} ${error.execution}` : `untyped: ${String(error)}`;
  }
}

describeWithNatsServer("request()", {}, (test) => {
  test("settles at once, unknown, when its connection is lost before the answer", async () => {
    await using scene = await startScene({ work: () => new Promise(() => {}) });
    const pending = Array.from({ length: 50 }, (_, number) => settled(scene.client.request("add", { number })));
    await until("the handlers", () => scene.arrivals.length === 50);
    const start = performance.now();
    await scene.broker.kill();
    assert.equal(new Set(await Promise.all(pending)), new Set(["DISCONNECTED unknown"]));
    const tookMs = performance.now() - start;
    assert.ok(tookMs < 500, `${tookMs} ms`);
  });

  test("is sent again under its id when its connection is lost, where it is idempotent", async () => {
    let hold: Promise<void> | undefined = new Promise(() => {});
    await using scene = await startScene({ work: () => hold });
    const answer = scene.client.request("read", { number: 7 });
    await until("the handler", () => scene.arrivals.length === 1);
    hold = undefined;
    await scene.broker.kill();
    await scene.broker.restart();
    assert.equal(await answer, { number: 7 });
    assert.ok(scene.arrivals.every(({ requestId }) => requestId === scene.arrivals[0]!.requestId));
  });

  test("waits for a service that comes back after its caller, where it is idempotent", async () => {
    await using scene = await startScene();
    await scene.server.stop();
    const refused = scene.client.request("add", { number: 1 });
    const patient = scene.client.request("read", { number: 2 });
    await expectRejection(refused, { code: "NO_RESPONDERS" });
    await scene.server.start();
    assert.equal(await patient, { number: 2 });
  });

  test("finds a connection that is open and dead by its attempt's time, where it is idempotent", async () => {
    await using scene = await startScene({ retry: { attemptTimeoutMs: 200 } });
    scene.broker.freeze();
    const patient = scene.client.request("read", { number: 1 });
    assert.is(await settled(scene.client.request("add", { number: 2 }, { timeoutMs: 300 })), "TIMEOUT unknown");
    scene.broker.thaw();
    assert.equal(await patient, { number: 1 });
  });

  test("of an idempotent operation settles at once when the client leaves between two attempts", async () => {
    await using scene = await startScene();
    await scene.server.stop();
    const pending = settled(scene.client.request("read", { number: 1 }));
    await settled(scene.client.request("add", { number: 1 }));
    const start = performance.now();
    await scene.client.disconnect();
    const outcome = await pending;
    assert.ok(outcome === "DISCONNECTED not-executed" || outcome === "NO_RESPONDERS not-executed", outcome);
    assert.ok(performance.now() - start < 200);
  });
});
