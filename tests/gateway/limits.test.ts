import * as assert from "uvu/assert";
import { type Actor, type Authenticate, MemoryBroker, MemoryTransport } from "../../mod.ts";
import { createGateway, type GatewayLimits } from "../../src/gateway/mod.ts";
import { countedSignal } from "../support/counted-signal.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import { deskContract } from "../transport-behaviour/desk.ts";
import { type Answer, answerOf, problemIn } from "./answer.ts";
import { deskRequest, eventsUrl, openDeskGateway } from "./desk-gateway.ts";

const broker = new MemoryBroker();
const kind = { name: "memory", connect: () => new MemoryTransport({ broker }) };
const authenticate: Authenticate = ({ token }): Actor | undefined =>
  token === undefined || token === "nobody" ? undefined : { id: token, roles: [] };
const bearer = (token: string): RequestInit => ({ headers: { Authorization: `Bearer ${token}` } });

/** A body that comes in these pieces, each when the one before has been read; then nothing, or its end. */
function inPieces(
  pieces: readonly (string | Uint8Array)[],
  options: { onStall?: () => void; onCancel?: () => void } = {},
): RequestInit {
  const waiting = [...pieces];
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const piece = waiting.shift();
      if (piece !== undefined) controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
      else if (options.onStall === undefined) controller.close();
      else return new Promise(options.onStall);
    },
    cancel: () => options.onCancel?.(),
  }, { highWaterMark: 0 });
  return { body, duplex: "half", headers: { "Content-Type": "application/json" } } as RequestInit;
}

describe("The gateway's limits on one request", (test) => {
  test("bodyBytes: one byte more is 413, whether the length is told, comes in pieces or is a lie", async () => {
    await using desk = await openDeskGateway(kind, { limits: { bodyBytes: 1_000 } });
    const fits = JSON.stringify("x".repeat(998));
    assert.is((await desk.post("echo", fits)).text, fits);
    assert.is((await desk.post("echo", undefined, inPieces([...fits]))).text, fits);
    const over = `${fits} `;
    problemIn(await desk.post("echo", over), "PAYLOAD_TOO_LARGE", 413);
    const told = { headers: { "Content-Type": "application/json", "Content-Length": "1001" } };
    problemIn(await desk.post("echo", over, told), "PAYLOAD_TOO_LARGE", 413);
    const lie = { headers: { "Content-Type": "application/json", "Content-Length": "10" } };
    problemIn(await desk.post("echo", over, lie), "PAYLOAD_TOO_LARGE", 413);
    assert.is(desk.seen.get("echo")!.length, 2);
  });

  test("bodyBytes: a body without an end is not read further than the limit", async () => {
    await using desk = await openDeskGateway(kind, { limits: { bodyBytes: 10_000 } });
    let cancelled = false;
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 1;
        controller.enqueue(new Uint8Array(1_000).fill(0x20));
      },
      cancel: () => {
        cancelled = true;
      },
    }, { highWaterMark: 0 });
    const init = { body, duplex: "half", headers: { "Content-Type": "application/json" } } as RequestInit;
    problemIn(await desk.post("echo", undefined, init), "PAYLOAD_TOO_LARGE", 413);
    assert.is(cancelled, true);
    assert.is(pulled, 11);
  });

  test("a body in thousands of pieces of a byte is refused, and one in larger pieces is not", async () => {
    await using desk = await openDeskGateway(kind);
    let cancelled = false;
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 1;
        controller.enqueue(new Uint8Array([0x20]));
      },
      cancel: () => {
        cancelled = true;
      },
    }, { highWaterMark: 0 });
    const init = { body, duplex: "half", headers: { "Content-Type": "application/json" } } as RequestInit;
    const answer = await desk.post("echo", undefined, init);
    problemIn(answer, "MALFORMED_MESSAGE", 400);
    assert.is(answer.headers.get("Connection"), "close");
    assert.equal([cancelled, pulled], [true, 4_096]);
    const pieces = ['"', ...Array.from({ length: 5_000 }, () => "x".repeat(17)), '"'];
    assert.is((await desk.post("echo", undefined, inPieces(pieces))).text, pieces.join(""));
  });

  test("who is refused is told so when the rest of its body does not come", async () => {
    const clock = new FakeClock();
    await using desk = await openDeskGateway(kind, { clock });
    let cancelled = false;
    const stalled = inPieces(["[1,"], { onStall: () => {}, onCancel: () => void (cancelled = true) });
    const headers = { "Content-Type": "text/plain", "Content-Length": "5" };
    const refused = desk.post("echo", undefined, { ...stalled, headers });
    await until("it is read", () => clock.timersWaiting > 1);
    clock.advance(1_000);
    problemIn(await refused, "UNSUPPORTED", 415);
    assert.is(cancelled, true);
  });

  test("headers: one more than so many is 431", async () => {
    await using desk = await openDeskGateway(kind, { limits: { headers: 10 } });
    const ask = async (count: number): Promise<Answer> => {
      const headers = Object.fromEntries(Array.from({ length: count }, (_, index) => [`X-${index}`, ""]));
      return await answerOf(await desk.gateway.fetch(new Request(eventsUrl("name=unknown"), { headers })));
    };
    problemIn(await ask(10), "NO_RESPONDERS", 404);
    problemIn(await ask(11), "PAYLOAD_TOO_LARGE", 431);
  });

  test("nothing hears the signal of a call any more that has its answer, however long it took", async () => {
    const clock = new FakeClock();
    await using desk = await openDeskGateway(kind, { clock });
    const { signal, listeners } = countedSignal();
    let finish!: () => void;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        finish = () => {
          controller.enqueue(new TextEncoder().encode("7"));
          controller.close();
        };
      },
    });
    const headers = { "Content-Type": "application/json" };
    const request = deskRequest("echo", undefined, { body, duplex: "half", headers } as RequestInit);
    // The signal that a `Request` gives is none of those it was made with.
    Object.defineProperty(request, "signal", { value: signal });
    const answering = desk.gateway.fetch(request);
    await until("its body is read", () => request.bodyUsed || request.body!.locked);
    clock.advance(1_000);
    assert.is(listeners(), 1);
    finish();
    assert.is((await answerOf(await answering)).text, "7");
    assert.is(listeners(), 0);
  });

  test("headerBytes, urlBytes and queryParameters: 431, 414 and 431, before anything else is looked at", async () => {
    const limits: GatewayLimits = { headerBytes: 500, urlBytes: 300, queryParameters: 4 };
    await using desk = await openDeskGateway(kind, { limits });
    const ask = async (url: string, headers = {}): Promise<Answer> =>
      answerOf(await desk.gateway.fetch(new Request(url, { headers })));
    problemIn(await ask(eventsUrl("name=opened"), { "X-A": "x".repeat(494) }), "PAYLOAD_TOO_LARGE", 431);
    problemIn(
      await ask(eventsUrl("name=opened"), { "X-A": "x".repeat(200), "X-B": "x".repeat(300) }),
      "PAYLOAD_TOO_LARGE",
      431,
    );
    problemIn(await ask(eventsUrl("name=unknown"), { "X-A": "x".repeat(400) }), "NO_RESPONDERS", 404);
    problemIn(await ask(eventsUrl(`name=${"x".repeat(300)}`)), "PAYLOAD_TOO_LARGE", 414);
    problemIn(await ask(eventsUrl("a&b&c&d&e")), "PAYLOAD_TOO_LARGE", 431);
    problemIn(await ask(eventsUrl("name=moved&a&b&c")), "INVALID_EVENT", 400);
    problemIn(await ask("http://gateway.example/healthz?1&2&3&4&5"), "PAYLOAD_TOO_LARGE", 431);
  });

  test("bodyIdleMs and bodyTotalMs: a body that stands still, or drips, is 408 and its reading ends", async () => {
    const clock = new FakeClock();
    await using desk = await openDeskGateway(kind, { clock, limits: { bodyIdleMs: 1_000, bodyTotalMs: 3_000 } });
    let cancelled = 0;
    const onCancel = (): void => void (cancelled += 1);
    let stalls = false;
    const onStall = (): void => void (stalls = true);
    const still = desk.post("echo", undefined, inPieces(["[1,"], { onStall, onCancel }));
    await until("it stands still", () => stalls);
    clock.advance(1_500);
    const problem = problemIn(await still, "TIMEOUT", 408);
    assert.is(problem.execution, "not-executed");
    assert.is(cancelled, 1);

    let drip!: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (drip = controller), cancel: onCancel });
    const init = { body, duplex: "half", headers: { "Content-Type": "application/json" } } as RequestInit;
    let settled = false;
    const dripping = desk.post("echo", undefined, init).finally(() => settled = true);
    for (let count = 0; count < 6; count++) {
      drip.enqueue(new Uint8Array([0x20]));
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (count < 5) assert.is(settled, false, `${count}`);
      clock.advance(600);
    }
    problemIn(await dripping, "TIMEOUT", 408);
    assert.is(cancelled, 2);
    assert.equal([...desk.seen], []);
  });

  test("bodyIdleMs holds for a short body that is read in one piece, too", async () => {
    const clock = new FakeClock();
    await using desk = await openDeskGateway(kind, { clock, limits: { bodyIdleMs: 1_000, bodyTotalMs: 3_000 } });
    let stalls = false;
    const init = inPieces(["[1,"], { onStall: () => void (stalls = true) });
    const told = { ...init, headers: { "Content-Type": "application/json", "Content-Length": "5" } };
    const still = desk.post("echo", undefined, told);
    await until("it stands still", () => stalls);
    clock.advance(1_500);
    problemIn(await still, "TIMEOUT", 408);
  });

  test("the contract's deadline is for the work: a slow body takes nothing of it, unless the caller says so", async () => {
    const clock = new FakeClock();
    await using desk = await openDeskGateway(kind, { clock });
    const send = async (headers: Record<string, string>): Promise<Answer> => {
      let slow!: ReadableStreamDefaultController<Uint8Array>;
      const body = new ReadableStream<Uint8Array>({ start: (controller) => void (slow = controller) });
      const init = { body, duplex: "half", headers: { "Content-Type": "application/json", ...headers } } as RequestInit;
      const answer = desk.post("echo", undefined, init);
      slow.enqueue(new Uint8Array([0x20]));
      await new Promise((resolve) => setTimeout(resolve, 0));
      clock.advance(9_000);
      slow.enqueue(new Uint8Array([0x37]));
      slow.close();
      return await answer;
    };
    assert.is((await send({})).text, "7");
    assert.is((await send({ "Request-Timeout-Ms": "20000" })).text, "7");
    const late = problemIn(await send({ "Request-Timeout-Ms": "6000" }), "TIMEOUT", 504);
    assert.is(late.execution, "not-executed");
  });

  test("an authenticator or a rule that never answers does not hold a caller past its deadline", async () => {
    const clock = new FakeClock();
    const never = (): Promise<never> => new Promise(() => {});
    for (const options of [{ authenticate: never }, { authorize: never }, { authorizeEvents: never }]) {
      await using desk = await openDeskGateway(kind, { clock, ...options });
      const answers = [desk.post("echo", 1, bearer("ann"))];
      answers.push(desk.gateway.fetch(new Request(eventsUrl("name=opened"), bearer("ann"))).then(answerOf));
      await until("both wait", () => clock.timersWaiting > 0);
      clock.advance(6_000);
      const first = await Promise.race(answers);
      assert.is(problemIn(first, "TIMEOUT", 504).execution, "not-executed");
      await desk.gateway.stop({ graceMs: 0 });
    }
  });

  test("a body that was read before is the program's mistake and not the caller's", async () => {
    const logged: unknown[] = [];
    const note = (_: string, fields?: unknown): void => void logged.push(fields);
    const logger = { debug: note, info: () => {}, warn: note, error: note };
    await using desk = await openDeskGateway(kind, { logger });
    const request = deskRequest("echo", { a: 1 });
    await request.text();
    problemIn(await answerOf(await desk.gateway.fetch(request)), "INTERNAL", 500);
    assert.match(String((logged[0] as { error: unknown }).error), "The body was read before");
  });

  test("a limit that is no whole number over 0 makes no gateway", () => {
    const transport = new MemoryTransport();
    const bad: GatewayLimits[] = [
      { bodyBytes: 0 },
      { concurrency: 1.5 },
      { heartbeatMs: NaN },
      { streams: Infinity },
      { timeoutMs: "1" as unknown as number },
      { ratePerIdentity: { requests: 0, windowMs: 1 } },
      { ratePerAddress: { requests: 1, windowMs: -1 } },
      { bodyBytes: false as unknown as number },
    ];
    for (const limits of bad) {
      const name = Object.keys(limits)[0]!;
      assert.throws(
        () => createGateway({ contracts: [deskContract], transport, limits }),
        new RegExp(`limits.${name}`),
      );
    }
  });
});

describe("The gateway's limits on callers", (test) => {
  test("ratePerIdentity: the noisy one is told when to come again, and the others notice nothing", async () => {
    const clock = new FakeClock();
    const limits = { ratePerIdentity: { requests: 3, windowMs: 10_000 } };
    await using desk = await openDeskGateway(kind, { authenticate, clock, limits });
    const ask = (token: string): Promise<Answer> => desk.post("echo", 1, bearer(token));
    for (const left of [2, 1, 0]) {
      const answer = await ask("noisy");
      assert.is(answer.status, 200);
      assert.is(answer.headers.get("RateLimit-Policy"), '"identity";q=3;w=10');
      assert.is(answer.headers.get("RateLimit"), `"identity";r=${left};t=${left === 2 ? 10 : left === 1 ? 9 : 8}`);
      clock.advance(1_000);
    }
    const refused = await ask("noisy");
    const problem = problemIn(refused, "BUSY", 429);
    assert.is(problem.type, "https://iana.org/assignments/http-problem-types#quota-exceeded");
    assert.equal(problem["violated-policies"], ["identity"]);
    assert.equal([problem.retryAfterMs, problem.retryable, problem.execution], [7_000, true, "not-executed"]);
    assert.is(refused.headers.get("Retry-After"), "7");
    assert.is(refused.headers.get("RateLimit"), '"identity";r=0;t=7');
    for (let other = 0; other < 100; other++) assert.is((await ask(`tenant-${other}`)).status, 200);
    clock.advance(6_999);
    assert.is((await ask("noisy")).status, 429);
    clock.advance(1);
    assert.is((await ask("noisy")).status, 200);
    // Opening a stream counts like a request.
    for (let count = 0; count < 2; count++) await (await desk.listen("name=opened", bearer("noisy"))).cancel();
    const stream = await answerOf(await desk.gateway.fetch(new Request(eventsUrl("name=opened"), bearer("noisy"))));
    problemIn(stream, "BUSY", 429);
  });

  test("ratePerAddress: counted before anybody is verified; a header that callers write does not matter", async () => {
    let verified = 0;
    await using desk = await openDeskGateway(kind, {
      authenticate: (credentials, call) => {
        verified += 1;
        return authenticate(credentials, call);
      },
      limits: { ratePerAddress: { requests: 2, windowMs: 60_000 } },
      address: (_, platform) => (platform as { address?: string } | undefined)?.address,
    });
    const ask = async (address: string | undefined, init: RequestInit = bearer("ann")): Promise<Answer> =>
      answerOf(await desk.gateway.fetch(deskRequest("echo", 1, init), { address }));
    assert.is((await ask("10.0.0.1")).status, 200);
    problemIn(await ask("10.0.0.1", bearer("nobody")), "UNAUTHENTICATED", 401);
    for (const forwarded of ["10.0.0.2", "10.0.0.3"]) {
      const init = {
        headers: { "Authorization": "Bearer ann", "X-Forwarded-For": forwarded, "Forwarded": `for=${forwarded}` },
      };
      const problem = problemIn(await ask("10.0.0.1", init), "BUSY", 429);
      assert.equal(problem["violated-policies"], ["address"]);
    }
    assert.is(verified, 2);
    const answer = await ask("10.0.0.2");
    assert.is(answer.headers.get("RateLimit-Policy"), '"address";q=2;w=60, "identity";q=6000;w=60');
    assert.match(answer.headers.get("RateLimit")!, /^"address";r=1;t=60, "identity";r=\d+;t=60$/);
    // Where no address is known there is no limit by it; a path that is none counts like one that is.
    for (let count = 0; count < 5; count++) assert.is((await ask(undefined)).status, 200);
    const unknown = deskRequest("unknown", 1);
    for (const wanted of [404, 404, 429]) {
      assert.is((await desk.gateway.fetch(unknown.clone(), { address: "10.0.0.9" })).status, wanted);
    }
  });

  test("an anonymous caller is its address, and has no rate of an identity where that is not known", async () => {
    await using desk = await openDeskGateway(kind, {
      limits: { ratePerIdentity: { requests: 1, windowMs: 60_000 }, ratePerAddress: false },
      address: (_, platform) => platform as string | undefined,
    });
    const ask = async (address?: string): Promise<number> =>
      (await desk.gateway.fetch(deskRequest("echo", 1, bearer("whatever-it-claims")), address)).status;
    assert.equal([await ask("a"), await ask("a"), await ask("b"), await ask("b")], [200, 429, 200, 429]);
    assert.equal([await ask(), await ask(), await ask()], [200, 200, 200]);
  });

  test("false switches a rate off, and then nothing is said of it", async () => {
    await using desk = await openDeskGateway(kind, {
      authenticate,
      limits: { ratePerIdentity: false, ratePerAddress: false },
      address: () => "10.0.0.1",
    });
    const answer = await desk.post("echo", 1, bearer("ann"));
    assert.equal([answer.headers.get("RateLimit"), answer.headers.get("RateLimit-Policy")], [null, null]);
  });

  test("concurrency: one more is BUSY at once, and there is room again when one is answered", async () => {
    await using desk = await openDeskGateway(kind, { limits: { concurrency: 2 } });
    const running = [desk.post("wait", { ms: 150 }), desk.post("wait", { ms: 150 })];
    await until("both are at the service", () => desk.seen.get("wait")?.length === 2);
    const answer = await desk.post("echo", 1);
    const problem = problemIn(answer, "BUSY", 503);
    assert.equal([problem.retryable, problem.execution], [true, "not-executed"]);
    assert.is(answer.headers.get("Retry-After"), "1");
    // Streams have a limit of their own.
    await (await desk.listen("name=opened")).cancel();
    assert.equal((await Promise.all(running)).map(({ json }) => json), ["waited", "waited"]);
    assert.is((await desk.post("echo", 1)).status, 200);
    assert.equal(desk.seen.get("echo"), [1]);
  });

  test("streams and streamsPerIdentity: one more is refused, and there is room again when one leaves", async () => {
    await using desk = await openDeskGateway(kind, { authenticate, limits: { streams: 5, streamsPerIdentity: 2 } });
    const open = (token: string) => desk.listen("name=opened", bearer(token));
    const refusal = async (token: string): Promise<Answer> =>
      answerOf(await desk.gateway.fetch(new Request(eventsUrl("name=moved"), bearer(token))));
    const streams = [await open("ann"), await open("ann"), await open("bob"), await open("bob")];
    assert.is(problemIn(await refusal("ann"), "BUSY", 429).retryable, true);
    streams.push(await open("eve"));
    problemIn(await refusal("eve"), "BUSY", 503);
    await streams[0]!.cancel();
    streams.push(await open("ann"));
    for (const frames of streams) await frames.cancel();
    const again = await Promise.all([open("eve"), open("eve"), open("fay"), open("fay"), open("gus")]);
    for (const frames of again) await frames.cancel();
  });
});
