import * as assert from "uvu/assert";
import { isMessagingError, MessageHeaders } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { until } from "../transport-behaviour/desk.ts";
import type { EventStoreKind } from "./event-store-kind.ts";
import { callOptions, StoreScene, textOf } from "./store-scene.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const body = encoder.encode("x");

/** Storing messages, with what comes back. */
export function storingBehaviour(kind: EventStoreKind): void {
  describe(`${kind.name}: store()`, (test) => {
    test("gives the stream and the sequence, counted from 1", async () => {
      await using scene = await StoreScene.open(kind);
      const { name } = scene.stream;
      assert.equal(await scene.put("a"), { stream: name, sequence: 1, duplicate: false });
      assert.equal(await scene.put("b"), { stream: name, sequence: 2, duplicate: false });
      const { store } = await scene.join();
      const other = await store.store(scene.subject("c"), body, { ...callOptions, stream: name, messageId: "c" });
      assert.equal(other, { stream: name, sequence: 3, duplicate: false });
    });

    test("keeps bytes and headers as they are, with the message id, whatever becomes of the caller's", async () => {
      await using scene = await StoreScene.open(kind);
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      const headers = MessageHeaders.from({ "X-Case": "Kept" });
      const stored = scene.store.store(scene.subject("a"), bytes, {
        ...callOptions,
        stream: scene.stream.name,
        messageId: "the-id",
        headers,
      });
      bytes.fill(0);
      await stored;
      const message = await scene.store.read(scene.stream.name, { sequence: 1, subject: ">" }, callOptions);
      assert.equal([...message!.body], Array.from({ length: 256 }, (_, index) => index));
      const block = decoder.decode(message!.headerBlock);
      assert.match(block, /^NATS\/1\.0\r\n/);
      assert.match(block, "\r\nX-Case: Kept\r\n");
      assert.match(block, "\r\nNats-Msg-Id: the-id\r\n");
      assert.equal([...headers], [["X-Case", "Kept"]]);
    });

    test("stores a message id once in the whole stream, and says the sequence it has", async () => {
      await using scene = await StoreScene.open(kind);
      const { name } = scene.stream;
      await scene.put("a", "first", { messageId: "same" });
      await scene.put("a", "second", { messageId: "other" });
      const again = { stream: name, sequence: 1, duplicate: true };
      assert.equal(await scene.put("a", "third", { messageId: "same" }), again);
      assert.equal(await scene.put("elsewhere", "fourth", { messageId: "same" }), again);
      assert.is((await scene.store.bounds(name, callOptions)).last, 2);
      const first = await scene.store.read(name, { sequence: 1, subject: ">" }, callOptions);
      assert.is(textOf(first!), "first");
    });

    test("remembers a message id for the duplicate window, from the first time on", async () => {
      await using scene = await StoreScene.open(kind, { duplicateWindowMs: 300 });
      await scene.put("a", "a", { messageId: "same" });
      let duplicates = 0;
      const end = Date.now() + 5_000;
      while (Date.now() < end) {
        const { duplicate, sequence } = await scene.put("a", "a", { messageId: "same" });
        if (!duplicate) {
          return assert.ok(duplicates > 0 && sequence === 2, `${duplicates} duplicates, then ${sequence}`);
        }
        duplicates += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error("The id was remembered for 5 s");
    });

    test("rejects with NO_RESPONDERS where no stream takes the subject", async () => {
      await using scene = await StoreScene.open(kind);
      const options = { ...callOptions, stream: scene.stream.name, messageId: "1" };
      await expectRejection(scene.store.store(`none.${scene.root}`, body, options), { code: "NO_RESPONDERS" });
    });

    test("rejects with INTERNAL where another stream stores the subject, which then has nothing of it", async () => {
      await using scene = await StoreScene.open(kind);
      const options = { ...callOptions, stream: `${scene.stream.name}_WANTED`, messageId: "1" };
      await expectRejection(scene.store.store(scene.subject("a"), body, options), { code: "INTERNAL" });
      assert.is((await scene.store.bounds(scene.stream.name, callOptions)).last, 0);
    });

    for (
      const [what, answer] of [
        ["no JSON", "stored, trust me"],
        ["no sequence", `{"stream":"STREAM"}`],
        ["a sequence that is none", `{"stream":"STREAM","seq":"1"}`],
        ["another stream", `{"stream":"OTHER","seq":1}`],
        ["nothing at all", ""],
      ]
    ) {
      test(`rejects with INTERNAL where somebody who is no stream answers, with ${what}`, async () => {
        await using scene = await StoreScene.open(kind);
        const { connection } = await scene.join();
        const subject = `forged.${scene.root}`;
        await connection.subscribe(subject, {
          onMessage: ({ replySubject }) => {
            connection.send(replySubject!, encoder.encode(answer!.replace("STREAM", scene.stream.name)));
          },
        }).ready;
        const options = { ...callOptions, stream: scene.stream.name, messageId: "1" };
        await expectRejection(scene.store.store(subject, body, options), { code: "INTERNAL" });
      });
    }

    test("rejects with TIMEOUT where somebody listens and nobody acknowledges, with CANCELLED by its signal", async () => {
      await using scene = await StoreScene.open(kind);
      const subject = `silent.${scene.root}`;
      let heard = 0;
      await scene.connection.subscribe(subject, { onMessage: () => void (heard += 1) }).ready;
      const options = { ...callOptions, stream: scene.stream.name, messageId: "1" };
      const late = await expectRejection(scene.store.store(subject, body, { ...options, timeoutMs: 100 }));
      assert.ok(isMessagingError(late, "TIMEOUT") && late.execution === "unknown", String(late));
      heard = 0;
      const abort = new AbortController();
      const stored = expectRejection(scene.store.store(subject, body, { ...options, signal: abort.signal }), {
        code: "CANCELLED",
      });
      await until(() => heard === 1);
      abort.abort();
      await stored;
    });

    test("rejects with PAYLOAD_TOO_LARGE what is over the broker's limit", async () => {
      await using scene = await StoreScene.open(kind);
      const large = new Uint8Array(scene.connection.maxPayloadBytes + 1);
      const options = { ...callOptions, stream: scene.stream.name, messageId: "1" };
      await expectRejection(scene.store.store(scene.subject("a"), large, options), { code: "PAYLOAD_TOO_LARGE" });
    });

    test("rejects with INVALID_REQUEST a subject that is none", async () => {
      await using scene = await StoreScene.open(kind);
      const options = { ...callOptions, stream: scene.stream.name, messageId: "1" };
      await expectRejection(scene.store.store(scene.subject("a b"), body, options), { code: "INVALID_REQUEST" });
    });

    test("is heard by plain subscribers, too", async () => {
      await using scene = await StoreScene.open(kind);
      const { connection } = await scene.join();
      const heard: string[] = [];
      await connection.subscribe(scene.subject("*"), { onMessage: (message) => void heard.push(message.subject) })
        .ready;
      await scene.put("a");
      await until(() => heard.length === 1);
      assert.equal(heard, [scene.subject("a")]);
    });

    test("many at once are stored each once", async () => {
      await using scene = await StoreScene.open(kind);
      const stored = await Promise.all(Array.from({ length: 200 }, (_, index) => scene.put(`m${index}`)));
      assert.is(new Set(stored.map(({ sequence }) => sequence)).size, 200);
      assert.is((await scene.store.bounds(scene.stream.name, callOptions)).last, 200);
    });
  });

  describe(`${kind.name}: a plain message to a stored subject`, (test) => {
    test("is stored, and a request gets the stream's acknowledgement as JSON", async () => {
      await using scene = await StoreScene.open(kind);
      const { connection } = await scene.join();
      await connection.publish(scene.subject("a"), body, callOptions);
      await connection.flush(1_000);
      const answer = await connection.request(scene.subject("b"), body, {
        ...callOptions,
        requestId: "r1",
        read: (message) => JSON.parse(decoder.decode(message.body)),
      });
      assert.is(answer.stream, scene.stream.name);
      assert.is(answer.seq, 2);
      const first = await scene.store.read(scene.stream.name, { sequence: 1, subject: ">" }, callOptions);
      assert.is(first?.headerBlock, undefined);
      assert.is(textOf(first!), "x");
    });
  });
}
