import * as assert from "uvu/assert";
import { isMessagingError, MessagingError, type MessagingErrorOptions } from "../../mod.ts";
import { type RequestAttempt, RetriedRequest } from "../../src/client/retried-request.ts";
import { RetryPolicy } from "../../src/client/retry-policy.ts";
import type { RetryOptions } from "../../mod.ts";
import { AbortListeners } from "../../src/transport/abort-listeners.ts";
import { DeadlineWheel } from "../../src/transport/deadline-wheel.ts";
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
  const state = { connected: true };
  const options = {
    policy: new RetryPolicy(retry, clock),
    clock,
    wheel: new DeadlineWheel(clock),
    aborts: new AbortListeners(),
    identifiers: createIdentifierSource(clock),
    isConnected: () => state.connected,
    send: (_call: unknown, attempt: RequestAttempt) =>
      new Promise((answer, fail) => sent.push({ ...attempt, at: clock.now(), answer, fail })),
    cancel: (token: string) => void cancelled.push(token),
  };
  const request = new RetriedRequest(options, {
    requestId: "first",
    timeoutMs: deadlineMs,
    deadline: deadlineMs,
    signal: caller.signal,
    leaving: client.signal,
  });
  const outcome = request.run();
  outcome.catch(() => {});
  const advance = async (ms: number): Promise<void> => {
    for (let step = 0; step < ms; step += 10) {
      clock.advance(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  /** Enough answers to other requests that the budget is full again. */
  const answerOthers = (): void => {
    for (let answer = 0; answer < 10; answer++) options.policy.answered();
  };
  return { clock, caller, client, sent, cancelled, outcome, state, advance, answerOthers };
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

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("RetriedRequest", (test) => {
  test("sends once what is answered, and leaves nothing behind", async () => {
    const { sent, outcome, clock } = setUp();
    sent[0]!.answer(42);
    assert.is(await outcome, 42);
    assert.is(sent.length, 1);
    assert.equal([sent[0]!.token, sent[0]!.leftMs], ["first", undefined]);
    assert.is(clock.timersWaiting, 0);
  });

  test("sends again at once what was lost with the connection, under another token, with the time that is left", async () => {
    const scene = setUp();
    scene.clock.advance(300);
    await failAndWait(scene, error("DISCONNECTED"));
    const [first, second] = scene.sent;
    assert.is(second!.at, 300);
    assert.ok(second!.token !== first!.token);
    assert.is(second!.leftMs, 4_700);
    second!.answer("answered");
    assert.is(await scene.outcome, "answered");
    assert.is(scene.clock.timersWaiting, 0);
  });

  test("sends another beside an attempt that is silent, and takes whichever answer comes first", async () => {
    for (const answers of [0, 1, 2]) {
      const scene = setUp({ attempts: 3, attemptTimeoutMs: 1_000 });
      await scene.advance(4_000);
      assert.equal(scene.sent.map(({ at }) => at), [0, 1_000, 2_000]);
      scene.sent[answers]!.answer(answers);
      assert.is(await scene.outcome, answers);
      for (const { fail } of scene.sent) fail(error("TIMEOUT"));
      await settle();
      assert.is(scene.clock.timersWaiting, 0);
      assert.is(scene.sent.length, 3);
    }
  });

  test("gives an attempt a third of its time to itself where nothing is said, and the last what is left", async () => {
    const scene = setUp();
    await scene.advance(deadlineMs);
    assert.equal(scene.sent.map(({ at }) => at), [0, 1_670, 3_340]);
  });

  test("goes on waiting for its attempts when the budget allows no other, and sends it when it does", async () => {
    const scene = setUp({ attemptTimeoutMs: 500, budget: { tokens: 2, ratio: 1 } });
    await scene.advance(1_200);
    assert.is(scene.sent.length, 1);
    scene.answerOthers();
    await scene.advance(400);
    assert.is(scene.sent.length, 2);
    scene.sent[0]!.answer("slow");
    assert.is(await scene.outcome, "slow");
  });

  test("sends no other while the connection is away: the one there is waits for it", async () => {
    const scene = setUp({ attemptTimeoutMs: 500 });
    scene.state.connected = false;
    await scene.advance(2_000);
    assert.is(scene.sent.length, 1);
    scene.state.connected = true;
    await scene.advance(500);
    assert.is(scene.sent.length, 2);
  });

  test("sends one again for all that were lost with the connection", async () => {
    const scene = setUp({ attemptTimeoutMs: 500 });
    await scene.advance(1_100);
    assert.is(scene.sent.length, 3);
    for (const { fail } of scene.sent) fail(error("DISCONNECTED"));
    await settle();
    assert.is(scene.sent.length, 4);
  });

  test("sends another at once when one of two fails, whatever the other does", async () => {
    const scene = setUp({ attemptTimeoutMs: 1_000 });
    await scene.advance(1_000);
    scene.sent[1]!.fail(error("NO_RESPONDERS"));
    await scene.advance(80);
    assert.is(scene.sent.length, 3);
  });

  test("takes an error that cannot pass for the answer, whatever the other attempts do", async () => {
    const scene = setUp({ attemptTimeoutMs: 1_000 });
    await scene.advance(1_000);
    scene.sent[1]!.fail(error("OUT_OF_STOCK"));
    await expectRejection(scene.outcome, { code: "OUT_OF_STOCK" });
    assert.is(scene.clock.timersWaiting, 0);
  });

  test("ends with the last error when all attempts are used, and says how many there were", async () => {
    const scene = setUp({ attempts: 3 });
    await failAndWait(scene, error("NO_RESPONDERS"));
    await failAndWait(scene, error("NO_RESPONDERS"));
    scene.sent.at(-1)!.fail(error("NO_RESPONDERS", { operation: "say" }));
    const last = await expectRejection(scene.outcome, { code: "NO_RESPONDERS", message: /\(3 attempts\)$/ });
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

  test("does not count attempts that could not even wait for the connection", async () => {
    const scene = setUp({ attempts: 2 });
    const unsent = error("DISCONNECTED", { execution: "not-executed" });
    for (let attempt = 0; attempt < 4; attempt++) await failAndWait(scene, unsent);
    await failAndWait(scene, error("DISCONNECTED"));
    scene.sent.at(-1)!.fail(error("DISCONNECTED"));
    assert.is(await executionOf(scene.outcome, "DISCONNECTED"), "unknown");
    assert.is(scene.sent.length, 6);
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

  test("says so too when an attempt that is silent may still be", async () => {
    const scene = setUp({ attemptTimeoutMs: 1_000 });
    await scene.advance(1_000);
    scene.sent[1]!.fail(error("FORBIDDEN"));
    assert.is(await executionOf(scene.outcome, "FORBIDDEN"), "unknown");
  });

  test("sends nothing after its deadline, nor shortly before", async () => {
    for (const [leftMs, code] of [[0, "TIMEOUT"], [3, "DISCONNECTED"], [40, "NO_RESPONDERS"]] as const) {
      const { clock, sent, outcome } = setUp({ attempts: 2, attemptTimeoutMs: 10_000 });
      clock.advance(deadlineMs - leftMs);
      sent[0]!.fail(error(code));
      await expectRejection(outcome, { code });
      assert.is(sent.length, 1);
      assert.is(clock.timersWaiting, 0);
    }
  });

  test("stops waiting when its caller cancels, and cancels the attempts that were lost", async () => {
    const scene = setUp();
    await failAndWait(scene, error("DISCONNECTED"));
    scene.sent.at(-1)!.fail(error("NO_RESPONDERS"));
    await settle();
    scene.caller.abort();
    await settle();
    assert.is(scene.sent.length, 3);
    scene.sent.at(-1)!.fail(error("CANCELLED", { execution: "not-executed" }));
    assert.is(await executionOf(scene.outcome, "CANCELLED"), "unknown");
    assert.equal(scene.cancelled, ["first"]);
    assert.is(scene.clock.timersWaiting, 0);
  });

  test("ends at once when the client leaves", async () => {
    const scene = setUp();
    scene.sent[0]!.fail(error("NO_RESPONDERS"));
    await settle();
    scene.client.abort();
    await settle();
    scene.sent.at(-1)!.fail(error("DISCONNECTED", { execution: "not-executed" }));
    await expectRejection(scene.outcome, { code: "DISCONNECTED" });
    assert.is(scene.sent.length, 2);
    const early = setUp();
    early.client.abort();
    early.sent[0]!.fail(error("DISCONNECTED"));
    await expectRejection(early.outcome, { code: "DISCONNECTED" });
    assert.is(early.sent.length, 1);
    assert.is(early.clock.timersWaiting, 0);
  });
});
