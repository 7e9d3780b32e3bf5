import * as assert from "uvu/assert";
import { MemoryBroker, MemoryTransport } from "../../mod.ts";
import type { GatewayLimits } from "../../src/gateway/mod.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";
import { type DeskGateway, eventsUrl, openDeskGateway } from "./desk-gateway.ts";

const broker = new MemoryBroker();
const kind = { name: "memory", connect: () => new MemoryTransport({ broker }) };

/** Tells events of about so many bytes, and waits until the gateway has taken them. */
async function tell(desk: DeskGateway, count: number, bytes: number, first = 0): Promise<void> {
  for (let step = first; step < first + count; step++) {
    await desk.server.broadcast("moved", { id: "x".repeat(bytes), region: "eu", step });
  }
  await broker.delivered();
}

/** A stream that nobody reads until the test does. */
async function openUnread(desk: DeskGateway): Promise<Response> {
  return await desk.gateway.fetch(new Request(eventsUrl("name=moved")));
}

async function readAll(response: Response): Promise<string> {
  return await response.text();
}

async function streamsOf(desk: DeskGateway): Promise<string> {
  const text = await (await desk.gateway.fetch(new Request("http://gateway.example/metrics"))).text();
  return text.split("\n").filter((line) => /^messaging_gateway_streams/.test(line)).join("\n");
}

function scene(clock: FakeClock, limits: GatewayLimits = {}): Promise<DeskGateway> {
  return openDeskGateway(kind, {
    clock,
    limits: { streamBufferBytes: 10_000, streamStallMs: 10_000, heartbeatMs: 15_000, ...limits },
  });
}

describe("A reader of the gateway that does not keep up", (test) => {
  test("gets all that waits for it, in order, as long as that is under streamBufferBytes", async () => {
    await using desk = await scene(new FakeClock());
    const response = await openUnread(desk);
    await tell(desk, 9, 900);
    const stopped = desk.gateway.stop();
    const text = await readAll(response);
    await stopped;
    assert.equal([...text.matchAll(/"step":(\d)/g)].map(([, step]) => step).join(""), "012345678");
    assert.match(text, /^: ready\n\nid: /);
    assert.match(text, /event: gateway\.end\ndata: \{[^\n]*"code":"DISCONNECTED"[^\n]*\}\n\n$/);
  });

  test("is cut when more than streamBufferBytes wait, with BUSY and without what waited; others are not", async () => {
    await using desk = await scene(new FakeClock());
    const [slow, other] = [await openUnread(desk), await desk.listen("name=moved")];
    const steps: number[] = [];
    for (let step = 0; step < 20; step++) {
      await tell(desk, 1, 900, step);
      steps.push((await other.data() as { step: number }).step);
    }
    assert.equal(steps, Array.from({ length: 20 }, (_, step) => step));
    const text = await readAll(slow);
    assert.match(text, /^event: gateway\.end\ndata: \{[^\n]*"code":"BUSY"[^\n]*"retryable":true[^\n]*\}\n\n$/);
    assert.is(
      await streamsOf(desk),
      'messaging_gateway_streams 1\nmessaging_gateway_streams_ended_total{reason="slow"} 1',
    );
    await other.cancel();
  });

  test("is broken off when it does not take the end either, and nothing of it is left", async () => {
    const clock = new FakeClock();
    await using desk = await scene(clock);
    const slow = await openUnread(desk);
    await tell(desk, 20, 900);
    clock.advance(1_300);
    assert.match(await streamsOf(desk), "messaging_gateway_streams 0");
    const failed = await readAll(slow).then(() => "ended", (error: Error) => error.message);
    assert.match(failed, "did not take the end");
  });

  test("is cut when it takes nothing for streamStallMs of what waits, however little", async () => {
    const clock = new FakeClock();
    await using desk = await scene(clock);
    const frames = await desk.listen("name=moved");
    // The first is taken by a read that waits already; the second waits for nobody.
    clock.advance(9_000);
    await tell(desk, 1, 10);
    assert.is((await frames.data() as { step: number }).step, 0);
    await tell(desk, 3, 10);
    clock.advance(9_700);
    assert.match(await streamsOf(desk), /^messaging_gateway_streams 1$/m);
    clock.advance(600);
    const problem = await frames.end();
    assert.equal([problem.code, problem.retryable], ["BUSY", true]);
  });

  test("is not cut for one large event, nor for being slow as long as it takes something", async () => {
    const clock = new FakeClock();
    await using desk = await scene(clock);
    const frames = await desk.listen("name=moved");
    await tell(desk, 1, 50_000);
    assert.is((await frames.data() as { id: string }).id.length, 50_000);
    await tell(desk, 1, 50_000);
    for (let count = 0; count < 10; count++) {
      clock.advance(8_000);
      assert.is((await frames.data() as { step: number }).step, 0);
      await tell(desk, 1, 5);
    }
    assert.is((await frames.data() as { step: number }).step, 0);
    // Nothing waits, however long that lasts.
    clock.advance(30_000);
    await frames.cancel();
  });

  test("wins time for what waits by taking what waits before it", async () => {
    const clock = new FakeClock();
    await using desk = await scene(clock, { streamBufferBytes: 100_000 });
    const frames = await desk.listen("name=moved");
    await tell(desk, 3, 30_000);
    for (let step = 0; step < 3; step++) {
      clock.advance(8_000);
      assert.is((await frames.data() as { step: number }).step, step);
    }
    await frames.cancel();
  });

  test("hears from the gateway at least every heartbeatMs, and not more often for it", async () => {
    const clock = new FakeClock();
    await using desk = await scene(clock, { streamStallMs: 1_000_000, recheckMs: 1_000_000 });
    const frames = await desk.listen("name=moved");
    let beats = 0;
    const reading = (async () => {
      for (;;) {
        const frame = await frames.next();
        if (frame?.comment === undefined) return frame?.event;
        assert.is(frame.comment, "");
        beats += 1;
      }
    })();
    const pass = async (ms: number): Promise<number> => {
      const before = beats;
      for (let passed = 0; passed < ms; passed += 250) {
        clock.advance(250);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      return beats - before;
    };
    assert.is(await pass(14_500), 0);
    assert.is(await pass(1_000), 1);
    assert.is(await pass(60_000), 4);
    await tell(desk, 1, 5);
    assert.is(await reading, "moved");
    await frames.cancel();
  });

  test("leaves no timer when it leaves: one timer serves all, and none where there is nothing", async () => {
    const clock = new FakeClock();
    await using desk = await scene(clock);
    const streams = [];
    for (let count = 0; count < 30; count++) streams.push(await desk.listen(`name=moved&region=r${count % 3}`));
    assert.is(clock.timersWaiting, 1);
    for (const frames of streams) await frames.cancel();
    clock.advance(500);
    assert.is(clock.timersWaiting, 0);
    await desk.post("echo", 1);
    clock.advance(500);
    assert.is(clock.timersWaiting, 0);
  });
});
