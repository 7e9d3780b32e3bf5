import * as v from "valibot";
import * as assert from "uvu/assert";
import {
  createContract,
  createMessagingClient,
  createMessagingServer,
  isMessagingError,
  MemoryTransport,
  type MessagingServerOptions,
} from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";

const contract = createContract({
  name: "desk",
  version: "1.0.0",
  requests: { work: { request: v.string(), response: v.string(), timeoutMs: 3_000_000 } },
});

/** A server that finishes nothing until it is stopped, and a client. */
async function startDesk(options: Partial<MessagingServerOptions<typeof contract>>) {
  const clock = new FakeClock();
  const transport = new MemoryTransport();
  const server = createMessagingServer({ contract, transport, clock, ...options });
  server.registerHandler("work", () => new Promise(() => {}));
  await server.start();
  const client = createMessagingClient({ contract, transport });
  await client.connect();
  const calls: Promise<unknown>[] = [];
  return {
    clock,
    /** Asks, and lets the server take it. */
    ask: async (text: string): Promise<void> => {
      calls.push(client.request("work", text).catch(() => {}));
      await new Promise((resolve) => setImmediate(resolve));
    },
    refused: async (text: string): Promise<number> => {
      const error = await expectRejection(client.request("work", text), { code: "BUSY" });
      assert.ok(isMessagingError(error));
      return error.retryAfterMs!;
    },
    [Symbol.asyncDispose]: async () => {
      await client.disconnect();
      const stopped = server.stop({ graceMs: 1 });
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(1);
      await stopped;
      await Promise.allSettled(calls);
    },
  };
}

describe("A server that is busy", (test) => {
  test("says when to come back: about as long as the one that waits longest has waited", async () => {
    await using desk = await startDesk({ concurrency: 1, queueLimit: 2 });
    await desk.ask("runs");
    await desk.ask("waits");
    desk.clock.advance(10);
    await desk.ask("waits too");
    assert.is(await desk.refused("at once"), 50);
    desk.clock.advance(790);
    assert.is(await desk.refused("later"), 800);
    desk.clock.advance(60_000);
    assert.is(await desk.refused("much later"), 5_000);
  });

  test("says it also when the bytes of what waits are too many", async () => {
    await using desk = await startDesk({ concurrency: 1, queueLimit: 100, queueBytes: 1_000 });
    for (const length of [5_000, 600, 600]) await desk.ask("x".repeat(length));
    assert.ok(await desk.refused("x") > 0);
  });

  test("cannot be made with limits that are none", () => {
    const make = (queueBytes: number) => () =>
      createMessagingServer({ contract, transport: new MemoryTransport(), queueBytes });
    for (const queueBytes of [0, -1, 1.5, Number.NaN]) assert.throws(make(queueBytes), /^Cannot use `queueBytes`/);
  });
});
