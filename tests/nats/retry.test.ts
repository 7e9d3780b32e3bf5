import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
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

/** Stands before a broker and, on demand, swallows the frames that are answers of the service. */
async function startDeafProxy(targetPort: number) {
  let deaf = false;
  let dropped = 0;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(targetPort, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
    }
    near.pipe(far);
    far.on("data", (data) => {
      if (deaf && String(data).includes('{"number":')) dropped += 1;
      else near.write(data);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as { port: number }).port,
    get dropped() {
      return dropped;
    },
    dropAnswers: () => void (deaf = true),
    passAnswers: () => void (deaf = false),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
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

  test("is sent again under its id when its connection is lost, where it is idempotent, and runs once", async () => {
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => release = resolve);
    await using scene = await startScene({ work: () => gate });
    const answers = [1, 2, 3].map((number) => scene.client.request("read", { number }));
    await until("the handlers", () => scene.arrivals.length === 3);
    await scene.broker.kill();
    await until("the loss at both ends", () => {
      return scene.client.status === "reconnecting" && scene.server.status === "reconnecting";
    });
    await scene.broker.restart();
    // Nobody else may answer them: what their handlers give now goes to whoever asked again.
    await until("the return of both", () => scene.client.status === "connected" && scene.server.status === "connected");
    release();
    assert.equal((await Promise.all(answers)).map(({ number }) => number), [1, 2, 3]);
    assert.is(scene.arrivals.length, 3);
  });

  test("runs once when its answer is lost on the way", async () => {
    await using scene = await startScene({ retry: { attemptTimeoutMs: 100 } });
    await using deaf = await startDeafProxy(scene.broker.port);
    const client = createMessagingClient({
      contract: counter,
      transport: new NatsTransport({ servers: `nats://127.0.0.1:${deaf.port}` }),
      retry: { attemptTimeoutMs: 100 },
    });
    await client.connect();
    deaf.dropAnswers();
    const answer = client.request("read", { number: 1 });
    await until("the second arrival", () => deaf.dropped >= 2);
    deaf.passAnswers();
    assert.equal(await answer, { number: 1 });
    assert.is(scene.arrivals.length, 1);
    await client.disconnect();
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
