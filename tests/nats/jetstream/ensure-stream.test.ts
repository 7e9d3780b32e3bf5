import * as assert from "uvu/assert";
import type { MessagingError } from "../../../mod.ts";
import type { StreamDefinition } from "../../../src/transport/event-store.ts";
import { describeWithNatsServer } from "../../support/describe-with-nats-server.ts";
import { startNatsServer } from "../../support/nats-server.ts";
import { openManager } from "./manager.ts";
import { call, openStreams, orders } from "./stream-scene.ts";

async function refusal(work: Promise<unknown>): Promise<MessagingError> {
  const error = await work.then(() => undefined, (thrown) => thrown);
  if (error === undefined) throw new Error("It was expected to be refused");
  return error;
}

describeWithNatsServer("ensureStream() over JetStream", {}, (test) => {
  test("makes a stream with the limits that it is told, and finds it again", async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using manager = await openManager(server.url);
    await using scene = await openStreams(server.url);
    const definition: StreamDefinition = {
      ...orders,
      maxAgeMs: 3_600_000,
      maxMessages: 1_000,
      maxBytes: 1_000_000,
      duplicateWindowMs: 60_000,
    };
    await scene.store.ensureStream(definition, call);
    const { config } = await manager.streams.info(orders.name);
    assert.equal(config.subjects, ["orders.>"]);
    assert.is(config.max_age, 3_600_000 * 1e6);
    assert.is(config.max_msgs, 1_000);
    assert.is(config.max_bytes, 1_000_000);
    assert.is(config.duplicate_window, 60_000 * 1e6);
    assert.is(`${config.retention} ${config.storage} ${config.discard}`, "limits file old");
    await scene.store.ensureStream(definition, call);
  });

  test("shows each difference to the stream that is there, and changes none of it", async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using manager = await openManager(server.url);
    await using scene = await openStreams(server.url);
    await scene.store.ensureStream({ ...orders, maxAgeMs: 3_600_000 }, call);
    const error = await refusal(scene.store.ensureStream({ ...orders, maxAgeMs: 600_000, maxMessages: 5 }, call));
    assert.is(error.code, "UNSUPPORTED");
    assert.match(error.message, "maxAgeMs: 600000 is wanted, 3600000 is there");
    assert.match(error.message, "maxMessages: 5 is wanted, none is there");
    assert.not.match(error.message, "maxBytes");
    assert.is((await manager.streams.info(orders.name)).config.max_age, 3_600_000 * 1e6);
  });

  test("refuses a stream that would lose or change messages in silence", async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using manager = await openManager(server.url);
    await using scene = await openStreams(server.url);
    const wrong: readonly [part: object, text: string][] = [
      [{ discard: "new" }, "discard: old is wanted, new is there"],
      [{ retention: "workqueue" }, "retention: limits is wanted, workqueue is there"],
      [{ storage: "memory" }, "storage: file is wanted, memory is there"],
      [{ no_ack: true }, "no_ack: false is wanted, true is there"],
      [{ max_msgs_per_subject: 1 }, "maxMessagesPerSubject: none is wanted, 1 is there"],
      [{ subjects: ["orders.moved"] }, "subjects: orders.> is wanted, orders.moved is there"],
    ];
    for (const [part, text] of wrong) {
      await manager.streams.add({ name: orders.name, subjects: [...orders.subjects], ...part });
      const error = await refusal(scene.store.ensureStream(orders, call));
      assert.is(error.code, "UNSUPPORTED", text);
      assert.match(error.message, text);
      await manager.streams.delete(orders.name);
    }
    await manager.streams.add({ name: orders.name, subjects: [...orders.subjects] });
    await manager.streams.update(orders.name, { sealed: true } as object);
    assert.match(
      (await refusal(scene.store.ensureStream(orders, call))).message,
      "sealed: false is wanted, true is there",
    );
    await manager.streams.delete(orders.name);
    await manager.streams.add({ name: "SOURCE", subjects: ["source.>"] });
    await manager.streams.add({ name: orders.name, mirror: { name: "SOURCE" } });
    const error = await refusal(scene.store.ensureStream(orders, call));
    assert.match(error.message, 'mirror: none is wanted, one of "SOURCE" is there');
  });

  test("names the stream that has the subjects already", async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using manager = await openManager(server.url);
    await using scene = await openStreams(server.url);
    await manager.streams.add({ name: "EVERYTHING", subjects: ["orders.*"] });
    const error = await refusal(scene.store.ensureStream(orders, call));
    assert.is(error.code, "UNSUPPORTED");
    assert.match(error.message, 'stream "EVERYTHING" stores some of its subjects already');
  });

  test("may be called by twenty servers at once", async () => {
    await using server = await startNatsServer({ jetstream: true });
    const scenes = await Promise.all(Array.from({ length: 20 }, () => openStreams(server.url)));
    await Promise.all(scenes.map(({ store }) => store.ensureStream({ ...orders, maxMessages: 7 }, call)));
    await Promise.all(scenes.map(({ connection }) => connection.close()));
  });

  test("shows the difference, too, to who loses a race to make it", async () => {
    await using server = await startNatsServer({ jetstream: true });
    const scenes = await Promise.all(Array.from({ length: 10 }, () => openStreams(server.url)));
    const outcomes = await Promise.allSettled(
      scenes.map(({ store }, index) => store.ensureStream({ ...orders, maxMessages: 7 + index % 2 }, call)),
    );
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    assert.is(refused.length, 5);
    for (const { reason } of refused) {
      assert.is(reason.code, "UNSUPPORTED");
      assert.match(reason.message, /maxMessages: (7 is wanted, 8 is there|8 is wanted, 7 is there)$/);
    }
    await Promise.all(scenes.map(({ connection }) => connection.close()));
  });

  test("says that the broker has no streams, and who may not ask", async () => {
    await using server = await startNatsServer();
    await using scene = await openStreams(server.url);
    const started = performance.now();
    const error = await refusal(scene.store.ensureStream(orders, call));
    assert.is(error.code, "UNSUPPORTED");
    assert.match(error.message, "JetStream is off");
    assert.ok(performance.now() - started < 1_000);
    await using guarded = await startNatsServer({
      jetstream: true,
      config:
        `authorization { users: [{ user: "ann", password: "secret", permissions { publish { allow: ["orders.>"] } } }] }`,
    });
    await using low = await openStreams(guarded.url, { authentication: { user: "ann", password: "secret" } });
    const denied = await refusal(low.store.ensureStream(orders, call));
    assert.is(denied.code, "FORBIDDEN");
    assert.match(denied.message, "$JS.API.STREAM.INFO.ORDERS");
  });
});
