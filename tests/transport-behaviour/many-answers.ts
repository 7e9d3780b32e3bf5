import * as assert from "uvu/assert";
import { MessageHeaders, type TransportMessage } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { withConnectionPair } from "./connection-pair.ts";
import { until } from "./desk.ts";
import type { TransportKind } from "./transport-kind.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const many = { requestId: "many", timeoutMs: 200, operation: "raw" };

/** What the `Transport` interface promises of one question that many answer. */
export function manyAnswersBehaviour(kind: TransportKind): void {
  const refused = kind.refuses?.manyAnswers;
  const withPair = (use: Parameters<typeof withConnectionPair>[1]): Promise<void> => withConnectionPair(kind, use);

  describe(`${kind.name}: requestMany()`, (test) => {
    if (refused !== undefined) {
      test("is refused, before anything is sent", () =>
        withPair(async (one, _other, root) => {
          await expectRejection(one.requestMany(root, encoder.encode("?"), many), {
            code: "UNSUPPORTED",
            message: refused,
          });
          await expectRejection(one.requestMany("a b", encoder.encode("?"), many), { code: "INVALID_REQUEST" });
          await one.close();
          await expectRejection(one.requestMany(root, encoder.encode("?"), many), { code: "DISCONNECTED" });
        }));
      return;
    }

    test("collects what everybody answers until its time is over, bytes and headers", () =>
      withPair(async (one, other, root) => {
        const answer = (name: string) => ({ replySubject, body, headerBlock }: TransportMessage) => {
          const asked = `${name} heard ${decoder.decode(body)} ${decoder.decode(headerBlock).includes("X-Case: Kept")}`;
          other.send(replySubject!, encoder.encode(asked), MessageHeaders.from({ "X-Name": name }));
        };
        const twice = (message: TransportMessage): void => {
          answer("b")(message);
          answer("b again")(message);
        };
        await Promise.all([
          other.subscribe(root, { onMessage: answer("a") }).ready,
          other.subscribe(root, { onMessage: twice }).ready,
          one.subscribe(root, { queueGroup: "q", onMessage: answer("c") }).ready,
          one.subscribe(root, { onMessage: () => {} }).ready,
        ]);
        const headers = MessageHeaders.from({ "X-Case": "Kept" });
        const messages = await one.requestMany(root, encoder.encode("?"), { ...many, headers });
        // Whatever comes later over the same connection leaves the answers as they are.
        for (let count = 0; count < 100; count++) one.send(`${root}.other`, encoder.encode("x".repeat(1_000)));
        await one.flush(1_000);
        const answers = messages.map(({ body, headerBlock }) => {
          return `${decoder.decode(body)} ${/X-Name: (.*)\r/.exec(decoder.decode(headerBlock))?.[1]}`;
        });
        assert.equal(answers.sort(), [
          "a heard ? true a",
          "b again heard ? true b again",
          "b heard ? true b",
          "c heard ? true c",
        ]);
      }));

    test("has enough at its limit, and nobody's answer is an empty list, both before the time is over", () =>
      withPair(async (one, other, root) => {
        const patient = { ...many, timeoutMs: 60_000 };
        assert.equal(await one.requestMany(root, encoder.encode("?"), patient), []);
        await other.subscribe(root, {
          onMessage: ({ replySubject }) => {
            for (const name of ["first", "second", "third"]) other.send(replySubject!, encoder.encode(name));
          },
        }).ready;
        const messages = await one.requestMany(root, encoder.encode("?"), { ...patient, limit: 2 });
        assert.equal(messages.map(({ body }) => decoder.decode(body)), ["first", "second"]);
      }));

    test("ends with its signal and with its connection, and takes no subject NATS would not take", () =>
      withPair(async (one, other, root) => {
        const patient = { ...many, timeoutMs: 60_000 };
        let heard = 0;
        await other.subscribe(root, { onMessage: () => heard += 1 }).ready;
        const controller = new AbortController();
        const cancelled = one.requestMany(root, encoder.encode("?"), { ...patient, signal: controller.signal });
        const closed = expectRejection(
          one.requestMany(root, encoder.encode("?"), { ...patient, requestId: "another" }),
          { code: "DISCONNECTED" },
        );
        await until(() => heard === 2);
        controller.abort();
        await expectRejection(cancelled, { code: "CANCELLED" });
        await expectRejection(one.requestMany("a b", encoder.encode("?"), patient), { code: "INVALID_REQUEST" });
        await one.close();
        await closed;
        await expectRejection(one.requestMany(root, encoder.encode("?"), patient), { code: "DISCONNECTED" });
      }));
  });
}
