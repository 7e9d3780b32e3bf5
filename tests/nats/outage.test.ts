import * as assert from "uvu/assert";
import {
  createMessagingServer,
  isMessagingError,
  type MessagingError,
  NatsTransport,
  type TransportConnection,
} from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { connectEcho, echo, serveEcho } from "../support/echo.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";

const bufferedMessages = 1_000;

/** One connection with a server and a client on it: what is sent after an outage meets subscriptions that are back. */
async function startScene() {
  const broker = await startNatsServer();
  const transport = new NatsTransport({ servers: broker.url });
  const server = await serveEcho(transport);
  const client = await connectEcho(transport);
  return {
    broker,
    transport,
    server,
    client,
    lose: async () => {
      await broker.kill();
      await until("the loss of the broker", () => client.status === "reconnecting");
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([client.disconnect(), server.stop({ graceMs: 100 })]);
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

describeWithNatsServer("broadcast()", {}, (test) => {
  test("resolves after the return, or rejects with DISCONNECTED at its deadline", async () => {
    await using scene = await startScene();
    const heard: number[] = [];
    await scene.client.subscribe("heard", ({ number }) => void heard.push(number)).ready;
    await scene.lose();
    const impatient = scene.server.broadcast("heard", { number: 1 }, { timeoutMs: 50 });
    const patient = [2, 3].map((number) => scene.server.broadcast("heard", { number }, { timeoutMs: 10_000 }));
    const error = await expectRejection(impatient, { code: "DISCONNECTED" }) as MessagingError;
    assert.is(error.execution, "not-executed");
    await scene.broker.restart();
    await Promise.all(patient);
    await until("the events", () => heard.length === 2);
    assert.equal(heard, [2, 3]);
  });

  test("loses none of 1,000 events in silence across a kill and a restart", { timeoutMs: 20_000 }, async () => {
    await using scene = await startScene();
    const heard = new Set<number>();
    await scene.client.subscribe("heard", { queueLimit: 2_000 }, ({ number }) => void heard.add(number)).ready;
    const told = new Map<number, Promise<string>>();
    let killed: Promise<void> | undefined;
    for (let number = 0; number < 1_000; number++) {
      told.set(number, settled(scene.server.broadcast("heard", { number }, { timeoutMs: 10_000 })));
      if (number === 300) killed = scene.broker.kill();
      if (number === 600) {
        await killed;
        await until("the loss of the broker", () => scene.client.status === "reconnecting");
      }
      if (number % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await scene.broker.restart();
    const outcomes = await Promise.all([...told].map(async ([number, outcome]) => [number, await outcome] as const));
    await scene.server.broadcast("heard", { number: -1 });
    await until("the last event", () => heard.has(-1));
    const counts: Record<string, number> = {};
    for (const [number, outcome] of outcomes) {
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      if (outcome === "fulfilled") assert.ok(heard.has(number), `${number} was told and not heard`);
      if (outcome.endsWith("not-executed")) assert.not(heard.has(number), `${number} was heard and said not to be`);
    }
    const { fulfilled = 0, "DISCONNECTED unknown": unknown = 0, ...others } = counts;
    assert.equal(others, {});
    assert.ok(fulfilled >= 400 && fulfilled + unknown === 1_000, JSON.stringify(counts));
    console.log(`1,000 events across a kill: ${JSON.stringify(counts)}, ${heard.size - 1} heard`);
  });

  test("rejects at once, not executed, when 1,000 messages wait already", async () => {
    await using scene = await startScene();
    await scene.lose();
    const waiting = Array.from({ length: bufferedMessages }, (_, number) => {
      return settled(scene.server.broadcast("heard", { number }, { timeoutMs: 30_000 }));
    });
    const start = performance.now();
    const error = await expectRejection(scene.server.broadcast("heard", { number: 1_000 }, { timeoutMs: 30_000 }));
    assert.ok(isMessagingError(error, "DISCONNECTED"), String(error));
    assert.is(error.execution, "not-executed");
    const refused = await settled(scene.client.request("say", { text: "?" }, { timeoutMs: 30_000 }));
    assert.is(refused, "DISCONNECTED not-executed");
    assert.ok(performance.now() - start < 500);
    await scene.broker.restart();
    assert.equal(new Set(await Promise.all(waiting)), new Set(["fulfilled"]));
  });
});

describeWithNatsServer("request()", {}, (test) => {
  test("is answered after an outage when its deadline allows, else rejects with TIMEOUT, not executed", async () => {
    await using scene = await startScene();
    await scene.lose();
    const patient = Array.from({ length: 100 }, (_, number) => {
      return scene.client.request("say", { text: String(number) }, { timeoutMs: 10_000 });
    });
    const start = performance.now();
    const outcome = await settled(scene.client.request("say", { text: "?" }, { timeoutMs: 200 }));
    const tookMs = performance.now() - start;
    assert.is(outcome, "TIMEOUT not-executed");
    assert.ok(tookMs > 180 && tookMs < 400, `${tookMs} ms`);
    await scene.broker.restart();
    assert.equal((await Promise.all(patient)).map(({ text }) => Number(text)), [...patient.keys()]);
  });

  test("settles at once, unknown, when it was sent before the outage", async () => {
    await using scene = await startScene();
    let reached = 0;
    const transport = new NatsTransport({ servers: scene.broker.url });
    const service = createMessagingServer({ contract: echo, transport });
    service.registerHandler("ask", () => {
      reached += 1;
      return new Promise(() => {});
    });
    await service.start({ partial: true });
    const start = performance.now();
    const pending = settled(scene.client.request("ask", { text: "?" }, { timeoutMs: 60_000 }));
    await until("the handler", () => reached === 1);
    await scene.lose();
    assert.is(await pending, "DISCONNECTED unknown");
    const tookMs = performance.now() - start;
    assert.ok(tookMs < 900, `${tookMs} ms`);
    await service.stop({ graceMs: 0 });
  });

  test("settles at its deadline when the broker is frozen", async () => {
    await using scene = await startScene();
    scene.broker.freeze();
    const start = performance.now();
    assert.is(await settled(scene.client.request("say", { text: "?" }, { timeoutMs: 300 })), "TIMEOUT unknown");
    assert.ok(performance.now() - start < 600);
    scene.broker.thaw();
    assert.equal(await scene.client.request("say", { text: "thawed" }), { text: "thawed" });
  });
});

describeWithNatsServer("requestMany()", {}, (test) => {
  const subject = "echo.v1.request.say";
  const ask = (connection: TransportConnection, requestId: string, timeoutMs: number) => {
    const body = new TextEncoder().encode('{"text":"?"}');
    return connection.requestMany(subject, body, { requestId, timeoutMs, operation: "everyone", limit: 1 });
  };

  test("is answered after an outage when its time allows, else rejects: an empty list would be a guess", async () => {
    await using scene = await startScene();
    const connection = await scene.transport.open();
    await scene.lose();
    const patient = ask(connection, "patient", 10_000);
    assert.is(await settled(ask(connection, "impatient", 100)), "TIMEOUT not-executed");
    await scene.broker.restart();
    assert.is((await patient).length, 1);
    await connection.close();
  });

  test("gives what had come when the broker is lost meanwhile, at its own time", async () => {
    await using scene = await startScene();
    const connection = await scene.transport.open();
    let asked = 0;
    const listening = connection.subscribe("everyone", {
      onMessage: ({ replySubject }) => {
        asked += 1;
        connection.send(replySubject!, new Uint8Array(1));
      },
    });
    await listening.ready;
    const options = { requestId: "lost", timeoutMs: 600, operation: "everyone" };
    const answers = connection.requestMany("everyone", new Uint8Array(0), options);
    await until("the question", () => asked === 1);
    await connection.flush(1_000);
    await scene.lose();
    assert.is((await answers).length, 1);
    await connection.close();
  });
});
