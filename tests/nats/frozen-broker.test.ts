import * as v from "valibot";
import * as assert from "uvu/assert";
import { createContract, createMessagingServer, isMessagingError, NatsTransport } from "../../mod.ts";
import { resolveAuthentication } from "../../src/nats/authentication.ts";
import type { Dial } from "../../src/nats/link.ts";
import { parseServerAddress } from "../../src/nats/server-address.ts";
import { Session } from "../../src/nats/session.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";

const large = createContract({
  name: "large",
  version: "1.0.0",
  events: { told: v.object({ text: v.any() }) },
});
const limitBytes = 16 * 1024 * 1024;
const eventBytes = 64 * 1024;

describeWithNatsServer("broadcast() to a broker that does not read", {}, (test) => {
  test("rejects with BUSY over 16 MiB, at once and before it encodes, and goes on when that has read", async () => {
    await using broker = await startNatsServer();
    const server = createMessagingServer({ contract: large, transport: new NatsTransport({ servers: broker.url }) });
    await server.start({ partial: true });
    broker.freeze();
    const text = "x".repeat(eventBytes);
    let encoded = 0;
    const tell = () =>
      server.broadcast("told", { text: { toJSON: () => (encoded += 1, text) } }, { timeoutMs: 30_000 });
    const outcomes: Record<string, number> = {};
    const calls: Promise<void>[] = [];
    const events = 2 * limitBytes / eventBytes;
    for (let event = 0; event < events; event++) {
      calls.push(
        tell().then(() => "told", (error: unknown) => {
          return isMessagingError(error) ? `${error.code} ${error.execution}` : String(error);
        }).then((outcome) => void (outcomes[outcome] = (outcomes[outcome] ?? 0) + 1)),
      );
      if (event % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const start = performance.now();
    const refused = tell();
    const error = await expectRejection(refused, { code: "BUSY" });
    assert.ok(isMessagingError(error) && error.retryAfterMs! > 0);
    assert.ok(performance.now() - start < 200);
    const taken = encoded;
    assert.ok(taken * eventBytes < limitBytes + 2 * eventBytes, `${taken} events were encoded`);
    broker.thaw();
    await Promise.all(calls);
    assert.equal(outcomes, { "told": taken, "BUSY not-executed": events - taken });
    await tell();
    await server.stop();
  });
});

describe("Session", (test) => {
  test("sends much that is written in one turn in pieces, little as one", async () => {
    const sent: number[] = [];
    const encoder = new TextEncoder();
    const dial: Dial = (_server, _options, events) => {
      queueMicrotask(() => events.onBytes(encoder.encode('INFO {"headers":true}\r\n')));
      return Promise.resolve({
        encrypted: false,
        send: (bytes) => {
          sent.push(bytes.length);
          if (new TextDecoder().decode(bytes).includes("PING\r\n")) events.onBytes(encoder.encode("PONG\r\n"));
        },
        close: () => {},
      });
    };
    const session = await Session.open({
      dial,
      server: parseServerAddress("nats://127.0.0.1"),
      authentication: await resolveAuthentication(undefined),
      dangerouslyAllowPlaintext: false,
      name: undefined,
      clock: new FakeClock(),
      timeoutMs: 1_000,
      pingIntervalMs: 60_000,
      maxPingsOut: 2,
      signal: new AbortController().signal,
      events: { onMessage: () => {}, onInfo: () => {}, onRefusal: () => {}, onLost: () => {} },
    });
    sent.length = 0;
    for (let message = 0; message < 100; message++) {
      session.writeMessage("a", undefined, undefined, new Uint8Array(50_000));
    }
    await session.confirm();
    assert.ok(sent.length >= 50 && Math.max(...sent) < 120_000, sent.join());
    sent.length = 0;
    for (let message = 0; message < 100; message++) session.writeMessage("a", undefined, undefined, new Uint8Array(10));
    await session.confirm();
    assert.is(sent.length, 1);
    session.close();
  });
});
