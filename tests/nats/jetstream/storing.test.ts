import * as assert from "uvu/assert";
import { MessageHeaders, type MessagingError } from "../../../mod.ts";
import { describeWithNatsServer } from "../../support/describe-with-nats-server.ts";
import { startNatsServer } from "../../support/nats-server.ts";
import { RawPeer } from "../../support/raw-peer.ts";
import { until } from "../../support/until.ts";
import { openManager } from "./manager.ts";
import { call, numbers, openStreams, orders, storeTexts } from "./stream-scene.ts";

const body = new TextEncoder().encode("body");

async function refusal(work: Promise<unknown>): Promise<MessagingError> {
  const error = await work.then(() => undefined, (thrown) => thrown);
  if (error === undefined) throw new Error("It was expected to be refused");
  return error;
}

describeWithNatsServer("store() over JetStream", {}, (test) => {
  test("resolves with the stream and the sequence, and says of a second one of the id that it is there", async () => {
    await using server = await startNatsServer({ jetstream: true, websocket: true });
    for (const url of [server.url, server.websocketUrl]) {
      await using scene = await openStreams(url);
      await scene.store.ensureStream(orders, call);
      const options = { ...call, stream: orders.name, messageId: `id-${url}` };
      const first = await scene.store.store("orders.moved", body, options);
      assert.equal(first, { stream: "ORDERS", sequence: first.sequence, duplicate: false });
      const second = await scene.store.store("orders.moved", body, options);
      assert.equal(second, { ...first, duplicate: true });
    }
  });

  test("leaves the caller's headers as they are, and stores them", async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using manager = await openManager(server.url);
    await using scene = await openStreams(server.url);
    await scene.store.ensureStream(orders, call);
    const headers = MessageHeaders.from({ "X-Tenant": "acme" });
    for (const messageId of ["one", "two"]) {
      const stored = await scene.store.store("orders.moved", body, {
        ...call,
        stream: orders.name,
        messageId,
        headers,
      });
      assert.is(stored.duplicate, false);
    }
    assert.is(headers.size, 1);
    const kept = await manager.streams.getMessage(orders.name, { seq: 2 });
    assert.is(kept!.header.get("X-Tenant"), "acme");
    assert.is(kept!.header.get("Nats-Msg-Id"), "two");
    for (const messageId of ["", "a b", "a\r\nX: y", "x".repeat(513)]) {
      const options = { ...call, stream: orders.name, messageId };
      assert.is((await refusal(scene.store.store("orders.moved", body, options))).code, "INVALID_REQUEST");
    }
  });

  test("many that wait for a broker that is away reject as soon as the connection is left", async () => {
    await using server = await startNatsServer({ jetstream: true });
    const scene = await openStreams(server.url);
    await scene.store.ensureStream(orders, call);
    const warnings: string[] = [];
    const onWarning = ({ name }: Error): void => void warnings.push(name);
    process.on("warning", onWarning);
    const options = { stream: orders.name, timeoutMs: 20_000, operation: "order" };
    const stopped = numbers(20).map((messageId) =>
      refusal(scene.store.store("nobody.takes", body, { ...options, messageId }))
    );
    await new Promise((resolve) => setTimeout(resolve, 700));
    const startedAt = performance.now();
    await scene.connection.close();
    for (const error of await Promise.all(stopped)) assert.ok(["DISCONNECTED", "NO_RESPONDERS"].includes(error.code));
    assert.ok(performance.now() - startedAt < 1_000);
    process.off("warning", onWarning);
    assert.equal(warnings, []);
  });

  test("takes nobody's word but the stream's", async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using scene = await openStreams(server.url);
    await using peer = await RawPeer.connect(server.port);
    const answers = [
      '{"hello":1}',
      "no JSON",
      "",
      "[]",
      "null",
      '{"stream":"OTHER","seq":1}',
      '{"stream":"ORDERS","seq":0}',
      '{"stream":"ORDERS","seq":1.5}',
      '{"stream":"ORDERS","seq":"1"}',
      '{"stream":"ORDERS"}',
      '{"seq":1}',
    ];
    let next = 0;
    await peer.subscribe("orders.moved", ({ replySubject }) => peer.publish(replySubject!, answers[next++]));
    for (const answer of answers) {
      const error = await refusal(
        scene.store.store("orders.moved", body, { ...call, stream: orders.name, messageId: `id-${next}` }),
      );
      assert.is(error.code, "INTERNAL", answer);
      assert.match(error.message, 'in the place of stream "ORDERS"', answer);
    }
  });

  test("tries again what passes by itself: a cluster between two leaders, and its own attempt before, still in process", async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using scene = await openStreams(server.url);
    // It stands for a stream of a cluster, which says such things while a node is killed.
    await using peer = await RawPeer.connect(server.port);
    const refusals = [
      '{"error":{"code":503,"err_code":10008,"description":"JetStream system temporarily unavailable"}}',
      '{"error":{"code":500,"err_code":10118,"description":"stream is offline"}}',
      '{"error":{"code":409,"err_code":10158,"description":"duplicate message id is in process"}}',
    ];
    const ids: string[] = [];
    let answers: string[] = [];
    await peer.subscribe("orders.moved", ({ replySubject, header }) => {
      ids.push(/Nats-Msg-Id: (\S+)/.exec(header!)![1]!);
      peer.publish(replySubject!, answers.shift() ?? '{"stream":"ORDERS","seq":7}');
    });
    for (const [index, answer] of refusals.entries()) {
      answers = [answer, answer];
      ids.length = 0;
      const messageId = `id-${index}`;
      const stored = await scene.store.store("orders.moved", body, { ...call, stream: orders.name, messageId });
      assert.equal([stored.sequence, ids], [7, [messageId, messageId, messageId]], answer);
    }
    // Where it does not pass in time, what was in process may be stored.
    answers = Array.from({ length: 100 }, () => refusals[2]!);
    const options = { ...call, timeoutMs: 300, stream: orders.name, messageId: "late" };
    const { code, execution } = await refusal(scene.store.store("orders.moved", body, options));
    assert.equal([code, execution], ["BUSY", "unknown"]);
  });

  test("refuses another stream that has the subject", async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using manager = await openManager(server.url);
    await using scene = await openStreams(server.url);
    await manager.streams.add({ name: "OTHER", subjects: ["orders.>"] });
    const error = await refusal(
      scene.store.store("orders.moved", body, { ...call, stream: orders.name, messageId: "id" }),
    );
    assert.is(error.code, "INTERNAL");
    assert.match(error.message, 'another stream than "ORDERS" stores its subject');
    assert.is((await manager.streams.info("OTHER")).state.messages, 0);
  });

  test("says what is wrong: nobody there, full, too large, not permitted, cancelled", async () => {
    await using server = await startNatsServer({
      jetstream: true,
      config: `authorization { users: [
        { user: "root", password: "secret" }
        { user: "ann", password: "secret", permissions { publish { deny: ["orders.>"] } } }
      ] }`,
    });
    const as = (user: string) => ({ authentication: { user, password: "secret" } });
    await using scene = await openStreams(server.url, as("root"));
    const store = (id: string, part: object = {}, bytes: Uint8Array = body) =>
      refusal(scene.store.store("orders.moved", bytes, { ...call, stream: orders.name, messageId: id, ...part }));
    const nobody = await store("nobody", { timeoutMs: 600 });
    assert.is(`${nobody.code} ${nobody.execution}`, "NO_RESPONDERS not-executed");
    assert.match(nobody.message, 'Cannot store "order": no stream takes it; "ORDERS" is not there');
    const cancelled = await store("cancelled", { signal: AbortSignal.timeout(100) });
    assert.is(cancelled.code, "CANCELLED");
    await scene.connection.request(
      "$JS.API.STREAM.CREATE.ORDERS",
      new TextEncoder().encode(JSON.stringify({
        name: "ORDERS",
        subjects: ["orders.>"],
        max_msgs: 1,
        max_msg_size: 100,
        discard: "new",
      })),
      { requestId: "create", ...call },
    );
    await storeTexts(scene.store, ["one"]);
    const started = performance.now();
    const full = await store("full");
    assert.is(`${full.code} ${full.execution} ${full.retryable}`, "BUSY not-executed true");
    assert.match(full.message, "maximum messages exceeded");
    assert.is((await store("large", {}, new Uint8Array(200))).code, "PAYLOAD_TOO_LARGE");
    assert.is((await store("huge", {}, new Uint8Array(2_000_000))).code, "PAYLOAD_TOO_LARGE");
    await using low = await openStreams(server.url, as("ann"));
    const denied = await refusal(
      low.store.store("orders.moved", body, { ...call, stream: orders.name, messageId: "x" }),
    );
    assert.is(denied.code, "FORBIDDEN");
    assert.ok(performance.now() - started < 1_000, "none of these is tried again");
  });

  test("stores each message once through kills of the broker, and loses none", { timeoutMs: 60_000 }, async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using scene = await openStreams(server.url);
    await scene.store.ensureStream(orders, call);
    const acknowledged = new Map<string, number>();
    let going = true;
    let next = 0;
    const writer = async (): Promise<void> => {
      while (going) {
        const messageId = `id-${next++}`;
        const options = { timeoutMs: 20_000, operation: "order", stream: orders.name, messageId };
        const { sequence } = await scene.store.store("orders.moved", new TextEncoder().encode(messageId), options);
        acknowledged.set(messageId, sequence);
      }
    };
    const writers = Array.from({ length: 20 }, writer);
    for (let kill = 0; kill < 5; kill++) {
      const enough = acknowledged.size + 200;
      await until("some more", () => acknowledged.size >= enough, 10_000);
      await server.restart();
    }
    going = false;
    await Promise.all(writers);
    await using manager = await openManager(server.url);
    const { state } = await manager.streams.info(orders.name);
    assert.is(acknowledged.size, next);
    assert.is(state.messages, next, "as many are stored as were acknowledged");
    assert.is(new Set(acknowledged.values()).size, next, "each has a sequence of its own");
    for (const [id, seq] of [...acknowledged].slice(-50)) {
      assert.is((await manager.streams.getMessage(orders.name, { seq }))!.string(), id);
    }
  });

  test("waits for a stream that comes within the time that nobody may be there", async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using scene = await openStreams(server.url);
    const storing = scene.store.store("orders.moved", body, { ...call, stream: orders.name, messageId: "early" });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await scene.store.ensureStream(orders, call);
    assert.is((await storing).sequence, 1);
    await storeTexts(scene.store, numbers(3));
    assert.equal(await scene.store.bounds(orders.name, call), { first: 1, last: 4 });
  });
});
