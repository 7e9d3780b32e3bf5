import * as assert from "uvu/assert";
import { isMessagingError, MessagingError } from "../../mod.ts";
import { PendingRequests } from "../../src/transport/pending-requests.ts";
import type {
  TransportMessage,
  TransportRequestManyOptions,
  TransportRequestOptions,
} from "../../src/transport/transport.ts";
import { countedSignal } from "../support/counted-signal.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";

const owner = {};
const reply: TransportMessage = {
  subject: "_INBOX.a.1",
  replySubject: undefined,
  headerBlock: undefined,
  body: new Uint8Array(0),
};

function setUp() {
  const clock = new FakeClock();
  const pending = new PendingRequests(clock);
  const wait = (requestId: string, options: Partial<TransportRequestOptions> = {}, sent = true, whose = owner) =>
    pending.wait(whose, "shop.v1.request.ask", { requestId, timeoutMs: 100, operation: "ask", ...options }, () => sent);
  const collect = (requestId: string, options: Partial<TransportRequestManyOptions> = {}, sent = true, whose = owner) =>
    pending.collect(whose, "all", { requestId, timeoutMs: 100, operation: "ask", ...options }, () => sent);
  const nothingLeft = (): void => {
    assert.is(pending.size, 0);
    assert.is(clock.timersWaiting, 0);
  };
  return { clock, pending, wait, collect, nothingLeft };
}

/** Rejects with this code and execution, naming the operation. */
async function rejects(call: Promise<unknown>, code: string, execution: string): Promise<MessagingError> {
  const error = await expectRejection(call, { code });
  assert.ok(isMessagingError(error));
  assert.is(error.execution, execution);
  assert.is(error.operation, "ask");
  return error;
}

describe("PendingRequests", (test) => {
  test("settle() gives the answer to the one that waits under its id", async () => {
    const { pending, wait, nothingLeft } = setUp();
    const [one, other] = [wait("1"), wait("2")];
    assert.ok(pending.settle("2", reply));
    assert.is(await other, reply);
    assert.ok(pending.settle("1", { ...reply, subject: "_INBOX.a.2" }));
    assert.is((await one).subject, "_INBOX.a.2");
    assert.is(pending.unmatched, 0);
    nothingLeft();
  });

  test("settle() gives what `read` makes of the answer, and rejects with what it throws", async () => {
    const { pending, nothingLeft } = setUp();
    const options = { timeoutMs: 100, operation: "ask" };
    const ask = <Answer>(requestId: string, read: (message: TransportMessage) => Answer | Promise<Answer>) =>
      pending.wait(owner, "shop.v1.request.ask", { ...options, requestId, read }, () => true);
    const read = ask("1", ({ subject }) => subject.length);
    const later = ask("2", ({ subject }) => Promise.resolve(subject));
    const thrown = ask("3", () => {
      throw new RangeError("not this one");
    });
    for (const requestId of ["1", "2", "3"]) assert.ok(pending.settle(requestId, reply));
    assert.is(await read, reply.subject.length);
    assert.is(await later, reply.subject);
    await thrown.then(() => assert.unreachable(), (error: unknown) => assert.instance(error, RangeError));
    nothingLeft();
  });

  test("settle() counts answers that nobody waits for: second, late and forged ones", async () => {
    const { clock, pending, wait, nothingLeft } = setUp();
    const answered = wait("1");
    const expired = wait("2");
    pending.settle("1", reply);
    assert.not.ok(pending.settle("1", reply));
    clock.advance(200);
    assert.not.ok(pending.settle("2", reply));
    assert.not.ok(pending.settle("__proto__", reply));
    assert.is(pending.unmatched, 3);
    assert.is(await answered, reply);
    await rejects(expired, "TIMEOUT", "unknown");
    nothingLeft();
  });

  test("rejects with TIMEOUT after its time, and says whether it was sent", async () => {
    const { clock, wait, nothingLeft } = setUp();
    const [sent, unsent] = [wait("1"), wait("2", {}, false)];
    clock.advance(110);
    const error = await rejects(sent, "TIMEOUT", "unknown");
    assert.is(error.message, 'Request "ask" got no answer within 100 ms');
    const never = await rejects(unsent, "TIMEOUT", "not-executed");
    assert.is(never.message, 'Request "ask" was not sent: no connection within 100 ms');
    nothingLeft();
  });

  test("rejects with CANCELLED by its signal, whose reason is the cause", async () => {
    const { wait, nothingLeft } = setUp();
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error("the user went away");
    const [sent, unsent] = [wait("1", { signal }), wait("2", { signal }, false)];
    controller.abort(reason);
    assert.is((await rejects(sent, "CANCELLED", "unknown")).cause, reason);
    await rejects(unsent, "CANCELLED", "not-executed");
    nothingLeft();
  });

  test("sends nothing when its signal was aborted before", async () => {
    const { pending, nothingLeft } = setUp();
    let sends = 0;
    const options = { requestId: "1", timeoutMs: 100, operation: "ask", signal: AbortSignal.abort() };
    await rejects(
      pending.wait(owner, "a", options, () => {
        sends += 1;
        return true;
      }),
      "CANCELLED",
      "not-executed",
    );
    assert.is(sends, 0);
    nothingLeft();
  });

  test("refuses an id that waits already, and leaves the one that waits alone", async () => {
    const { pending, wait, nothingLeft } = setUp();
    const first = wait("1");
    await rejects(wait("1"), "INVALID_REQUEST", "not-executed");
    pending.settle("1", reply);
    assert.is(await first, reply);
    nothingLeft();
  });

  test("rejects with what sending throws, and leaves nothing behind", async () => {
    const { pending, nothingLeft } = setUp();
    const thrown = new MessagingError("PAYLOAD_TOO_LARGE", "too large");
    const call = pending.wait(owner, "a", { requestId: "1", timeoutMs: 100, operation: "ask" }, () => {
      throw thrown;
    });
    assert.is(await expectRejection(call), thrown);
    nothingLeft();
  });

  test("rejectAll() ends one owner's requests, or all, saying why", async () => {
    const { pending, wait, nothingLeft } = setUp();
    const other = {};
    const [mine, unsent, its] = [wait("1"), wait("2", {}, false), wait("3", {}, true, other)];
    pending.rejectAll("its connection was closed", owner);
    const error = await rejects(mine, "DISCONNECTED", "unknown");
    assert.is(error.message, 'Request "ask" got no answer: its connection was closed');
    await rejects(unsent, "DISCONNECTED", "not-executed");
    assert.is(pending.size, 1);
    pending.rejectAll("the broker is gone");
    await rejects(its, "DISCONNECTED", "unknown");
    nothingLeft();
  });

  test("rejectSent() ends those that were sent, and leaves those that wait for the connection", async () => {
    const { pending, wait, nothingLeft } = setUp();
    const [sent, unsent] = [wait("1"), wait("2", {}, false)];
    pending.rejectSent("the connection was lost before it came");
    const error = await rejects(sent, "DISCONNECTED", "unknown");
    assert.is(error.message, 'Request "ask" got no answer: the connection was lost before it came');
    assert.is(pending.size, 1);
    pending.settle("2", reply);
    assert.is(await unsent, reply);
    nothingLeft();
  });

  test("refuseAll() tells each request whether it was sent", async () => {
    const { pending, wait, nothingLeft } = setUp();
    const calls = [wait("1"), wait("2", {}, false)];
    pending.refuseAll((operation, sent) => {
      return new MessagingError("FORBIDDEN", "refused", { operation, execution: sent ? "unknown" : "not-executed" });
    });
    await rejects(calls[0]!, "FORBIDDEN", "unknown");
    await rejects(calls[1]!, "FORBIDDEN", "not-executed");
    nothingLeft();
  });

  test("watch() tells when all that waited then have settled, whatever came after them", async () => {
    const { pending, wait } = setUp();
    const calls = [wait("1"), wait("2")];
    const isSettled = pending.watch();
    calls.push(wait("3"));
    pending.settle("1", reply);
    assert.not(isSettled());
    pending.settle("2", reply);
    calls.push(wait("1"));
    assert.ok(isSettled());
    pending.settle("1", reply);
    pending.settle("3", reply);
    await Promise.all(calls);
  });

  test("listens to a signal once, however many requests wait on it, and only while one waits", async () => {
    const { clock, pending, wait } = setUp();
    const { signal, listeners } = countedSignal();
    const calls = [wait("1", { signal }), wait("2", { signal }), wait("3", { signal })];
    assert.is(listeners(), 1, "Node warns of a leak at the eleventh");
    pending.settle("1", reply);
    assert.is(listeners(), 1);
    pending.rejectAll("gone", owner);
    clock.advance(200);
    await Promise.allSettled(calls);
    assert.is(listeners(), 0);
  });

  test("an entry that ended cannot touch another under its id", async () => {
    const { pending, wait, nothingLeft } = setUp();
    const first = wait("1");
    const stale = pending.get("1")!;
    pending.settle("1", reply);
    await first;
    const second = wait("1");
    stale.reject(new MessagingError("FORBIDDEN", "late news"));
    assert.ok(pending.settle("1", reply), "the second still waits");
    assert.is(await second, reply);
    nothingLeft();
  });

  test("get() shows the one that waits under an id, find() the newest to a subject", async () => {
    const { pending, wait } = setUp();
    const calls = [wait("1"), wait("2")];
    assert.is(pending.get("1")?.operation, "ask");
    assert.is(pending.find("shop.v1.request.ask"), pending.get("2"));
    assert.is(pending.find("shop.v1.request.other"), undefined);
    pending.settle("2", reply);
    assert.is(pending.find("shop.v1.request.ask"), pending.get("1"));
    pending.settle("1", reply);
    await Promise.all(calls);
    assert.is(pending.find("shop.v1.request.ask"), undefined);
  });

  test("leaves nothing behind after 10,000 requests that end in every way", async () => {
    const { clock, pending, wait, nothingLeft } = setUp();
    const controller = new AbortController();
    const calls = Array.from(
      { length: 10_000 },
      (_, index) =>
        wait(
          String(index),
          index % 4 === 0 ? { signal: controller.signal } : {},
          index % 3 > 0,
          index % 5 === 0 ? {} : owner,
        ),
    );
    for (let index = 1; index < 10_000; index += 4) pending.settle(String(index), reply);
    controller.abort();
    pending.rejectAll("gone", owner);
    clock.advance(1_000);
    const outcomes = await Promise.allSettled(calls);
    assert.is(outcomes.filter((outcome) => outcome.status === "fulfilled").length, 2_500);
    nothingLeft();
  });

  test("collect() gives all answers after its time, and keeps their bytes", async () => {
    const { clock, pending, collect, nothingLeft } = setUp();
    const answers = collect("1");
    const body = Uint8Array.of(1, 2);
    const headerBlock = Uint8Array.of(3);
    assert.ok(pending.settle("1", { ...reply, body, headerBlock }));
    assert.ok(pending.settle("1", { ...reply, subject: "_INBOX.a.2" }));
    body.fill(0);
    headerBlock.fill(0);
    clock.advance(200);
    assert.equal(await answers, [
      { ...reply, body: Uint8Array.of(1, 2), headerBlock: Uint8Array.of(3) },
      { ...reply, subject: "_INBOX.a.2" },
    ]);
    assert.not.ok(pending.settle("1", reply), "it is too late");
    nothingLeft();
  });

  test("collect() rejects with TIMEOUT when it was never sent: an empty list would say that nobody is there", async () => {
    const { clock, collect, nothingLeft } = setUp();
    const unsent = collect("1", {}, false);
    clock.advance(200);
    await rejects(unsent, "TIMEOUT", "not-executed");
    nothingLeft();
  });

  test("collect() takes a bounded number of answers and of bytes", async () => {
    const { pending, collect, nothingLeft } = setUp();
    const [few, most, large] = [collect("1", { limit: 2 }), collect("2"), collect("3")];
    for (let count = 0; count < 1_001; count++) {
      pending.settle("1", reply);
      pending.settle("2", reply);
    }
    assert.is((await few).length, 2);
    assert.is((await most).length, 1_000);
    const mebibyte = { ...reply, body: new Uint8Array(1024 * 1024) };
    for (let count = 0; count < 16; count++) pending.settle("3", mebibyte);
    const error = await rejects(large, "PAYLOAD_TOO_LARGE", "unknown");
    assert.is(error.message, 'Request "ask" got more than 16777216 bytes of answers');
    nothingLeft();
  });

  test("collect() ends with its signal, its owner and its table", async () => {
    const { pending, collect, nothingLeft } = setUp();
    const { signal, listeners } = countedSignal();
    const other = {};
    const [mine, its] = [collect("1", { signal }), collect("2", {}, true, other)];
    pending.settle("1", reply);
    pending.rejectAll("its connection was closed", owner);
    await rejects(mine, "DISCONNECTED", "unknown");
    assert.is(listeners(), 0);
    pending.rejectAll("the broker is gone");
    await rejects(its, "DISCONNECTED", "unknown");
    await rejects(collect("3", { signal: AbortSignal.abort() }), "CANCELLED", "not-executed");
    nothingLeft();
  });
});
