import * as assert from "uvu/assert";
import { isMessagingError, MessageHeaders, type TransportConnection } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { withConnectionPair } from "./connection-pair.ts";
import { until } from "./desk.ts";
import type { TransportKind } from "./transport-kind.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What the `Transport` interface promises by itself, without a contract. */
export function rawConnectionBehaviour(kind: TransportKind): void {
  const { publishing, foreignSubjects } = kind.refuses ?? {};

  const withPair = (use: Parameters<typeof withConnectionPair>[1]): Promise<void> => withConnectionPair(kind, use);

  /** Where publishing is refused there is nothing to hear: it says so, at once and in every way. */
  const assertPublishesNothing = async (one: TransportConnection, root: string, message: RegExp): Promise<void> => {
    for (const subject of [root, `${root}.a.b`, "desk.v2.event.opened", "_INBOX.a.b"]) {
      const refused = (error: unknown): boolean =>
        isMessagingError(error, "UNSUPPORTED") && message.test(error.message);
      assert.throws(() => one.send(subject, encoder.encode("x")), refused);
      await expectRejection(one.publish(subject, encoder.encode("x"), { timeoutMs: 1_000, operation: "raw" }), {
        code: "UNSUPPORTED",
        message,
      });
    }
    await one.flush(1_000);
  };

  describe(`${kind.name}: TransportConnection`, (test) => {
    test("subscribe() matches `*` for one token and a last `>` for one or more", () =>
      withPair(async (one, other, root) => {
        const heard: string[] = [];
        const listen = (pattern: string) =>
          other.subscribe(`${root}.${pattern}`, {
            onMessage: ({ subject }) => heard.push(`${pattern} ${subject.slice(root.length + 1)}`),
          });
        const patterns = ["a.*", "a.>", "*.b", "a.b"];
        if (foreignSubjects !== undefined) {
          for (const pattern of patterns) {
            await expectRejection(listen(pattern).ready, { code: "UNSUPPORTED", message: foreignSubjects });
          }
          return;
        }
        await Promise.all(patterns.map((pattern) => listen(pattern).ready));
        for (const subject of ["a", "a.b", "a.b.c", "c.b"]) {
          await one.publish(`${root}.${subject}`, encoder.encode(subject), { timeoutMs: 1_000, operation: "raw" });
        }
        await until(() => heard.length === 6);
        assert.equal(heard.sort(), ["*.b a.b", "*.b c.b", "a.* a.b", "a.> a.b", "a.> a.b.c", "a.b a.b"]);
      }));

    test("bytes and headers arrive as they were sent, and later changes of the sender's bytes do not", () =>
      withPair(async (one, other, root) => {
        if (publishing !== undefined) return await assertPublishesNothing(one, root, publishing);
        const heard: Uint8Array[] = [];
        const blocks: string[] = [];
        await other.subscribe(root, {
          onMessage: ({ body, headerBlock }) => {
            heard.push(body.slice());
            blocks.push(decoder.decode(headerBlock));
          },
        }).ready;
        const body = Uint8Array.from({ length: 256 }, (_, index) => index);
        one.send(root, body, MessageHeaders.from({ "X-Case": "Kept" }));
        await one.flush(1_000);
        body.fill(0);
        await until(() => heard.length === 1);
        assert.equal([...heard[0]!], Array.from({ length: 256 }, (_, index) => index));
        assert.equal(blocks, ["NATS/1.0\r\nX-Case: Kept\r\n\r\n"]);
      }));

    test("a subject, queue group or header that NATS would not take as it is, is refused", () =>
      withPair(async (one, _other, _root) => {
        for (
          const subject of ["", "a b", "a..b", ".a", "a.", "a\r\nPUB x 0\r\n\r\n", "a.*", ">", "é", "x".repeat(2_000)]
        ) {
          assert.throws(() => one.send(subject, encoder.encode("x")), /Cannot publish/);
          await expectRejection(one.publish(subject, encoder.encode("x"), { timeoutMs: 100, operation: "raw" }), {
            code: "INVALID_REQUEST",
          });
        }
        for (const subject of ["", "a b", "a.>.b", "a\n", "a>"]) {
          assert.throws(() => one.subscribe(subject, { onMessage: () => {} }), /Cannot subscribe/);
        }
        assert.throws(
          () => one.subscribe("a", { queueGroup: "q 1\r\nPUB x 0\r\n", onMessage: () => {} }),
          /queue group/,
        );
      }));

    test("a callback that throws hurts only itself", () =>
      withPair(async (one, other, root) => {
        if (publishing !== undefined) return await assertPublishesNothing(one, root, publishing);
        let heard = 0;
        await other.subscribe(root, {
          onMessage: () => {
            heard += 1;
            throw new Error("from a callback");
          },
        }).ready;
        for (let count = 0; count < 10; count++) one.send(root, encoder.encode("x"));
        await until(() => heard === 10);
      }));

    test("a second answer to one request is ignored", () =>
      withPair(async (one, other, root) => {
        if (foreignSubjects !== undefined) {
          const options = { requestId: "r", timeoutMs: 1_000, operation: "raw" };
          const call = one.request(root, encoder.encode("?"), options);
          return await expectRejection(call, { code: "UNSUPPORTED", message: foreignSubjects });
        }
        await other.subscribe(root, {
          onMessage: ({ replySubject }) => {
            other.send(replySubject!, encoder.encode("first"));
            other.send(replySubject!, encoder.encode("second"));
          },
        }).ready;
        for (let count = 0; count < 20; count++) {
          const options = { requestId: `r${count}`, timeoutMs: 1_000, operation: "raw" };
          assert.is(decoder.decode((await one.request(root, encoder.encode("?"), options)).body), "first");
        }
      }));

    test("after close() everything rejects with DISCONNECTED", async () => {
      const connection = await kind.connect().open();
      await Promise.all([connection.close(), connection.close()]);
      assert.throws(() => connection.send("a", encoder.encode("x")), /closed/);
      assert.throws(() => connection.subscribe("a", { onMessage: () => {} }), /closed/);
      await expectRejection(connection.publish("a", encoder.encode("x"), { timeoutMs: 100, operation: "raw" }), {
        code: "DISCONNECTED",
      });
      await expectRejection(connection.flush(100), { code: "DISCONNECTED" });
      await expectRejection(
        connection.request("a", encoder.encode("x"), { requestId: "r", timeoutMs: 100, operation: "raw" }),
        { code: "DISCONNECTED" },
      );
    });
  });
}
