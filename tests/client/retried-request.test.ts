import * as assert from "uvu/assert";
import { isMessagingError, MessagingError, type MessagingErrorOptions } from "../../mod.ts";
import { type RequestAttempt, RetriedRequest } from "../../src/client/retried-request.ts";
import { RetryPolicy } from "../../src/client/retry-policy.ts";
import type { RetryOptions } from "../../mod.ts";
import { AbortListeners } from "../../src/transport/abort-listeners.ts";
import { createIdentifierSource } from "../../src/transport/identifiers.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";

const deadlineMs = 5_000;

interface Sent extends RequestAttempt {
  readonly at: number;
  readonly answer: (value: unknown) => void;
  readonly fail: (error: Error) => void;
}

/** A request whose attempts are answered by the test. */
function setUp(retry: RetryOptions = {}) {
  const clock = new FakeClock(0);
  const caller = new AbortController();
  const client = new AbortController();
  const sent: Sent[] = [];
  const cancelled: string[] = [];
  const request = new RetriedRequest({
    policy: new RetryPolicy(retry, clock),
    clock,
    aborts: new AbortListeners(),
    identifiers: createIdentifierSource(clock),
    requestId: "first",
    deadline: deadlineMs,
    signal: caller.signal,
    leaving: client.signal,
    send: (attempt) => new Promise((answer, fail) => sent.push({ ...attempt, at: clock.now(), answer, fail })),
    cancel: (token) => void cancelled.push(token),
  });
  const outcome = request.run();
  outcome.catch(() => {});
  return { clock, caller, client, sent, cancelled, outcome };
}

type Scene = ReturnType<typeof setUp>;

function error(code: string, options: MessagingErrorOptions = {}): MessagingError {
  return new MessagingError(code, `it was ${code}`, options);
}

/** Fails the newest attempt, and lets time pass until there is another. */
async function failAndWait({ clock, sent }: Scene, failure: MessagingError): Promise<void> {
  const before = sent.length;
  sent.at(-1)!.fail(failure);
  for (let step = 0; sent.length === before && step < 200; step++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (sent.length === before) clock.advance(10);
  }
  assert.is(sent.length, before + 1, "no further attempt");
}

async function executionOf(outcome: Promise<unknown>, code: string): Promise<string> {
  const caught = await expectRejection(outcome, { code });
  assert.ok(isMessagingError(caught));
  return caught.execution;
}

describe("RetriedRequest", (test) => {
  test("sends once what is answered", async () => {
    const { sent, outcome, clock } = setUp();
    sent[0]!.answer(42);
    assert.is(await outcome, 42);
    assert.is(sent.length, 1);
    assert.equal([sent[0]!.token, sent[0]!.leftMs, sent[0]!.timeoutMs], ["first", undefined, deadlineMs]);
    assert.is(clock.timersWaiting, 0);
  });

  test("sends again at once what was lost with the connection, under another token, with the time that is left", async () => {
    const scene = setUp();
    scene.clock.advance(300);
    await failAndWait(scene, error("DISCONNECTED"));
    const [first, second] = scene.sent;
    assert.is(second!.at, 300);
    assert.ok(second!.token !== first!.token);
    assert.equal([second!.leftMs, second!.timeoutMs], [4_700, 4_700]);
    second!.answer("answered");
    assert.is(await scene.outcome, "answered");
  });

  test("gives each attempt its own time, and the last all that is left", async () => {
    const scene = setUp({ attempts: 3, attemptTimeoutMs: 1_000 });
    for (let attempt = 0; attempt < 2; attempt++) {
      scene.clock.advance(1_000);
      await failAndWait(scene, error("TIMEOUT"));
    }
    assert.equal(scene.sent.map(({ at, timeoutMs }) => [at, timeoutMs]), [[0, 1_000], [1_000, 1_000], [2_000, 3_000]]);
  });

  test("ends with the last error when all attempts are used, and says how many there were", async () => {
    const scene = setUp({ attempts: 3 });
    await failAndWait(scene, error("NO_RESPONDERS"));
    await failAndWait(scene, error("NO_RESPONDERS"));
    scene.sent.at(-1)!.fail(error("NO_RESPONDERS", { operation: "say" }));
    const last = await expectRejection(scene.outcome, { code: "NO_RESPONDERS", message: /\(attempt 3\)$/ });
    assert.ok(isMessagingError(last));
    assert.equal([last.execution, last.operation], ["not-executed", "say"]);
    assert.is(scene.clock.timersWaiting, 0);
  });

  test("ends with an error that cannot pass, unchanged", async () => {
    const { sent, outcome } = setUp();
    const failure = error("FORBIDDEN");
    sent[0]!.fail(failure);
    assert.is(await expectRejection(outcome), failure);
    const other = setUp();
    const strange = new RangeError("not ours");
    other.sent[0]!.fail(strange);
    assert.is(await expectRejection(other.outcome), strange);
  });

  test("does not count attempts that never left", async () => {
    const scene = setUp({ attempts: 2, attemptTimeoutMs: 100 });
    const unsent = { execution: "not-executed" } as const;
    for (let attempt = 0; attempt < 5; attempt++) {
      scene.clock.advance(100);
      await failAndWait(scene, error(attempt % 2 === 0 ? "TIMEOUT" : "DISCONNECTED", unsent));
    }
    await failAndWait(scene, error("DISCONNECTED"));
    scene.sent.at(-1)!.fail(error("DISCONNECTED"));
    assert.is(await executionOf(scene.outcome, "DISCONNECTED"), "unknown");
    assert.is(scene.sent.length, 7);
  });

  test("counts attempts that found nobody by themselves, in a row", async () => {
    const scene = setUp({ attempts: 3 });
    const codes = ["NO_RESPONDERS", "NO_RESPONDERS", "DISCONNECTED", "NO_RESPONDERS", "NO_RESPONDERS", "DISCONNECTED"];
    for (const code of codes) await failAndWait(scene, error(code));
    await failAndWait(scene, error("NO_RESPONDERS"));
    scene.sent.at(-1)!.fail(error("DISCONNECTED"));
    await expectRejection(scene.outcome, { code: "DISCONNECTED" });
    assert.is(scene.sent.length, codes.length + 2);
  });

  test("says that it may have been executed when any attempt may", async () => {
    const scene = setUp({ attempts: 3 });
    await failAndWait(scene, error("DISCONNECTED"));
    await failAndWait(scene, error("NO_RESPONDERS"));
    scene.sent.at(-1)!.fail(error("FORBIDDEN"));
    assert.is(await executionOf(scene.outcome, "FORBIDDEN"), "unknown");
  });

  test("sends nothing after its deadline, nor shortly before", async () => {
    for (const [leftMs, code] of [[0, "TIMEOUT"], [3, "TIMEOUT"], [40, "NO_RESPONDERS"]] as const) {
      const { clock, sent, outcome } = setUp();
      clock.advance(deadlineMs - leftMs);
      sent[0]!.fail(error(code));
      await expectRejection(outcome, { code });
      assert.is(sent.length, 1);
      assert.is(clock.timersWaiting, 0);
    }
  });

  test("stops waiting when its caller cancels, and cancels the attempts before", async () => {
    const scene = setUp();
    await failAndWait(scene, error("TIMEOUT"));
    scene.sent.at(-1)!.fail(error("NO_RESPONDERS"));
    await new Promise((resolve) => setImmediate(resolve));
    assert.is(scene.clock.timersWaiting, 1);
    scene.caller.abort();
    await new Promise((resolve) => setImmediate(resolve));
    assert.is(scene.clock.timersWaiting, 0);
    scene.sent.at(-1)!.fail(error("CANCELLED", { execution: "not-executed" }));
    assert.is(await executionOf(scene.outcome, "CANCELLED"), "unknown");
    assert.equal(scene.cancelled, scene.sent.slice(0, -1).map(({ token }) => token));
  });

  test("ends at once when the client leaves", async () => {
    const scene = setUp();
    scene.sent[0]!.fail(error("NO_RESPONDERS"));
    await new Promise((resolve) => setImmediate(resolve));
    scene.client.abort();
    await new Promise((resolve) => setImmediate(resolve));
    scene.sent.at(-1)!.fail(error("DISCONNECTED", { execution: "not-executed" }));
    await expectRejection(scene.outcome, { code: "DISCONNECTED" });
    assert.ok(scene.sent.length <= 2);
    const early = setUp();
    early.client.abort();
    early.sent[0]!.fail(error("DISCONNECTED"));
    await expectRejection(early.outcome, { code: "DISCONNECTED" });
    assert.is(early.sent.length, 1);
  });
});
