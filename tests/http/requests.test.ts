import * as v from "valibot";
import * as assert from "uvu/assert";
import {
  createContract,
  createMessagingClient,
  isMessagingError,
  MessageHeaders,
  type MessagingError,
  type TransportConnection,
  type TransportMessage,
  type TransportRequestOptions,
} from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import { handMadeGateway, type HandMadeGatewayOptions, problem } from "./hand-made-gateway.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
let ids = 0;

function send(
  connection: TransportConnection,
  options: Partial<TransportRequestOptions> = {},
  body = '{"sku":"A1"}',
  subject = "orders.v1.request.createOrder",
): Promise<TransportMessage> {
  ids += 1;
  const common = { requestId: `r${ids}`, timeoutMs: 5_000, operation: "createOrder" };
  return connection.request(subject, encoder.encode(body), { ...common, ...options });
}

/** Sends one request that is answered like this, and gives the error. */
async function failureOf(answer: HandMadeGatewayOptions["answer"] & object): Promise<MessagingError> {
  const connection = await handMadeGateway({ answer }).transport.open();
  try {
    const error = await expectRejection(send(connection));
    if (!isMessagingError(error)) throw error;
    return error;
  } finally {
    await connection.close();
  }
}

describe("HttpTransport: what a request sends", (test) => {
  test("is a POST to its path under the url's own, with its value and the milliseconds that remain", async () => {
    const gateway = handMadeGateway({ url: "https://gateway.test/api/", answer: () => Response.json({ id: "1" }) });
    const connection = await gateway.transport.open();
    await send(connection, { timeoutMs: 1_234.9 });
    const request = gateway.calls[0]!;
    assert.is(request.method, "POST");
    assert.is(request.url, "https://gateway.test/api/orders/v1/createOrder");
    assert.equal(await request.json(), { sku: "A1" });
    assert.equal(Object.fromEntries(request.headers), {
      "content-type": "application/json",
      "request-timeout-ms": "1234",
    });
    assert.is(request.redirect, "manual");
    await connection.close();
  });

  test("has no body and no type where there is no value", async () => {
    const gateway = handMadeGateway({ answer: () => new Response(null, { status: 204 }) });
    const connection = await gateway.transport.open();
    assert.is((await send(connection, {}, "")).body.length, 0);
    assert.is(gateway.calls[0]?.headers.get("content-type"), null);
    assert.is(gateway.calls[0]?.body, null);
    await connection.close();
  });

  test("carries the caller's headers, its token, its trace and its idempotency key, and the deadline once", async () => {
    const gateway = handMadeGateway({ answer: () => Response.json(1) });
    const connection = await gateway.transport.open();
    const headers = MessageHeaders.fromTrusted([
      ["X-Tenant", "acme"],
      ["Request-Timeout-Ms", "99999"],
      ["Mb-Timeout", "5000"],
      ["Mb-Request-Id", "order/7:a"],
      ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
      ["Authorization", "Bearer secret"],
    ]);
    await send(connection, { headers, timeoutMs: 0.4 });
    assert.equal(Object.fromEntries(gateway.calls[0]!.headers), {
      "authorization": "Bearer secret",
      "content-type": "application/json",
      "idempotency-key": "order/7:a",
      "request-timeout-ms": "1",
      "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "x-tenant": "acme",
    });
    await connection.close();
  });

  test("is what the bytes were when it was called", async () => {
    const gateway = handMadeGateway({ answer: () => Response.json(1) });
    const connection = await gateway.transport.open();
    const body = encoder.encode('"before"');
    const answer = connection.request("orders.v1.request.a", body, {
      requestId: "r",
      timeoutMs: 1_000,
      operation: "a",
    });
    body.fill(0x20);
    await answer;
    assert.is(await gateway.calls[0]?.json(), "before");
    await connection.close();
  });

  test("is refused as UNSUPPORTED, before anything is sent, where a header would not get through", async () => {
    const gateway = handMadeGateway();
    const connection = await gateway.transport.open();
    const names = ["Mb-Encryption", "Mb-Signature", "Nats-Msg-Id", "Mb-Contract", "mb-request-id", "Host", "Cookie"];
    for (const name of [...names, "Content-Length", "Transfer-Encoding", "Sec-Fetch-Mode", "Proxy-Authorization"]) {
      const call = send(connection, { headers: MessageHeaders.fromTrusted([[name, "1"]]) });
      const error = await expectRejection(call, { code: "UNSUPPORTED", message: new RegExp(`"${name}"`) });
      assert.is(isMessagingError(error) && error.execution, "not-executed");
    }
    assert.equal(gateway.calls, []);
    await connection.close();
  });

  test("goes to the requests of contracts only; a namespace is the gateway's own option", async () => {
    const gateway = handMadeGateway();
    const connection = await gateway.transport.open();
    const refused = {
      "prod.orders.v1.request.createOrder": /namespace/,
      "a.b.orders.v1.request.createOrder": /namespace/,
      "orders.v1.event.orderMoved": /nothing else/,
      "orders.v1.cancel.x": /nothing else/,
      "orders.x1.request.createOrder": /nothing else/,
      "orders": /nothing else/,
      "$SRV.PING": /nothing else/,
    };
    for (const [subject, message] of Object.entries(refused)) {
      await expectRejection(send(connection, {}, "1", subject), { code: "UNSUPPORTED", message });
    }
    await expectRejection(send(connection, {}, "1", "orders.v1.request.a b"), { code: "INVALID_REQUEST" });
    assert.equal(gateway.calls, []);
    await connection.close();
  });

  test("is refused with both numbers where its body is over what the gateway takes", async () => {
    const ready = (): Response => Response.json({ status: "ready", bodyBytes: 100 });
    const gateway = handMadeGateway({ ready, answer: () => Response.json(1) });
    const connection = await gateway.transport.open();
    assert.is(connection.maxPayloadBytes, 100);
    const error = await expectRejection(send(connection, {}, "x".repeat(101)), { code: "PAYLOAD_TOO_LARGE" });
    assert.equal((error as MessagingError).data, { bytes: 101, maxBytes: 100 });
    await send(connection, {}, "x".repeat(100));
    await connection.close();
  });
});

describe("HttpTransport: what answers mean", (test) => {
  test("a contract's own error keeps its typed data, and a broken promise of it is INVALID_RESPONSE", async () => {
    const shop = createContract({
      name: "shop",
      version: "1.0.0",
      errors: { SOLD_OUT: { status: 409, data: v.object({ left: v.number() }) } },
      requests: { buy: { request: v.string(), response: v.pipe(v.string(), v.toNumber()), errors: ["SOLD_OUT"] } },
    });
    const answers = [
      problem(409, { code: "SOLD_OUT", detail: "Ausverkauft", data: { left: 0 }, execution: "executed" }),
      problem(409, { code: "SOLD_OUT", detail: "Sold out", data: { left: "none" } }),
      problem(409, { code: "OTHER", detail: "Not of this contract" }),
      Response.json("17"),
    ];
    const { transport } = handMadeGateway({ answer: (_, call) => answers[call - 1]! });
    await using client = createMessagingClient({ contract: shop, transport });
    await client.connect();
    const error = await expectRejection(client.request("buy", "A1"), { code: "SOLD_OUT", message: /^Ausverkauft$/ });
    assert.ok(isMessagingError(error));
    assert.equal([error.data, error.status, error.execution], [{ left: 0 }, 409, "executed"]);
    await expectRejection(client.request("buy", "A1"), { code: "INVALID_RESPONSE" });
    await expectRejection(client.request("buy", "A1"), { code: "INTERNAL", message: /OTHER/ });
    assert.is(await client.request("buy", "A1"), 17);
  });

  test("a problem is the library's error, with all that the gateway says of it", async () => {
    const error = await failureOf(() =>
      problem(429, {
        code: "BUSY",
        detail: "Too many requests",
        execution: "not-executed",
        retryable: true,
        retryAfterMs: 1_500,
        correlationId: "c-1",
        data: { quota: 10 },
      }, { "Retry-After": "2" })
    );
    const { code, message, status, execution, retryable, retryAfterMs, correlationId, data, operation } = error;
    assert.equal(
      { code, message, status, execution, retryable, retryAfterMs, correlationId, data, operation },
      {
        code: "BUSY",
        message: "Too many requests",
        status: 429,
        execution: "not-executed",
        retryable: true,
        retryAfterMs: 1_500,
        correlationId: "c-1",
        data: { quota: 10 },
        operation: "createOrder",
      },
    );
  });

  test("a problem may say otherwise than its code: what is not in the contract is not to be tried again", async () => {
    const fields = { code: "NO_RESPONDERS", detail: "Not here", retryable: false, execution: "not-executed" };
    const error = await failureOf(() => problem(404, fields));
    assert.equal([error.code, error.status, error.retryable], ["NO_RESPONDERS", 404, false]);
    const slow = await failureOf(() => problem(408, { code: "TIMEOUT", detail: "Slow", execution: "not-executed" }));
    assert.equal([slow.code, slow.status, slow.execution], ["TIMEOUT", 408, "not-executed"]);
  });

  test("a problem that is none, or that lies about its types, hurts nobody", async () => {
    for (
      const body of ["", "{", "[]", "null", '{"code":7}', '{"code":"lower"}', '{"__proto__":1}', "[".repeat(9_999)]
    ) {
      const error = await failureOf(() =>
        new Response(body, { status: 403, headers: { "Content-Type": "application/problem+json" } })
      );
      assert.equal([error.code, error.status], ["FORBIDDEN", 403], body.slice(0, 20));
    }
    const page = { status: 403, headers: { "Content-Type": "text/html" } };
    assert.is((await failureOf(() => new Response('{"code":"BUSY","detail":"Later"}', page))).code, "FORBIDDEN");
    const wrong = { code: "BUSY", detail: 7, retryable: "no", retryAfterMs: -1, execution: "maybe", correlationId: [] };
    const error = await failureOf(() => problem(503, wrong));
    assert.equal([error.retryable, error.retryAfterMs, error.execution], [true, undefined, "not-executed"]);
  });

  test("a status without a problem is of something in front of the gateway", async () => {
    const meanings: Record<number, [string, string]> = {
      400: ["INVALID_REQUEST", "not-executed"],
      401: ["UNAUTHENTICATED", "not-executed"],
      403: ["FORBIDDEN", "not-executed"],
      404: ["NO_RESPONDERS", "not-executed"],
      408: ["TIMEOUT", "not-executed"],
      413: ["PAYLOAD_TOO_LARGE", "not-executed"],
      415: ["UNSUPPORTED", "not-executed"],
      418: ["INTERNAL", "not-executed"],
      429: ["BUSY", "not-executed"],
      431: ["PAYLOAD_TOO_LARGE", "not-executed"],
      500: ["INTERNAL", "unknown"],
      502: ["DISCONNECTED", "unknown"],
      503: ["DISCONNECTED", "unknown"],
      504: ["TIMEOUT", "unknown"],
      599: ["INTERNAL", "unknown"],
    };
    for (const [status, [code, execution]] of Object.entries(meanings)) {
      const html = { status: Number(status), headers: { "Content-Type": "text/html" } };
      const error = await failureOf(() => new Response("<h1>nginx</h1>", html));
      assert.equal([error.code, error.execution, error.status], [code, execution, Number(status)], status);
      assert.match(error.message, `status ${status}`);
    }
    assert.is((await failureOf(() => new Response("", { status: 404 }))).retryable, false);
  });

  test("Retry-After is seconds or a date, and what is neither or too far is not believed", async () => {
    const clock = new FakeClock();
    const at = (ms: number): string => new Date(clock.date() + ms).toUTCString();
    const values: [string, number | undefined][] = [
      ["0", 0],
      ["120", 120_000],
      [at(90_000), 90_000],
      [at(-1_000_000), undefined],
      ["-5", undefined],
      ["1e3", undefined],
      ["soon", undefined],
      ["999999999", undefined],
    ];
    for (const [value, wanted] of values) {
      const answer = (): Response => new Response("", { status: 429, headers: { "Retry-After": value } });
      const connection = await handMadeGateway({ answer, clock }).transport.open();
      const error = await expectRejection(send(connection)) as MessagingError;
      // A date has whole seconds.
      const seen = error.retryAfterMs === undefined ? undefined : Math.round(error.retryAfterMs / 1_000) * 1_000;
      assert.is(seen, wanted, value);
      await connection.close();
    }
  });

  test("a success that is no gateway's is MALFORMED_MESSAGE: its work may be done", async () => {
    const html = { headers: { "Content-Type": "text/html" } };
    const answers = [
      () => new Response("<html>", html),
      () => new Response("{}"),
      () => new Response("{}", { headers: { "Content-Type": "application/jsonx" } }),
      () => new Response("{}", { status: 202, headers: { "Content-Type": "application/json" } }),
      () => new Response(null, { status: 205 }),
    ];
    for (const answer of answers) {
      const error = await failureOf(answer);
      assert.equal([error.code, error.execution], ["MALFORMED_MESSAGE", "unknown"]);
    }
    const typed = { headers: { "Content-Type": " Application/JSON ; charset=utf-8" } };
    const connection = await handMadeGateway({ answer: () => new Response("1", typed) }).transport.open();
    const { body, headerBlock } = await send(connection);
    assert.is(decoder.decode(body), "1");
    // A body alone would be what a broker's stream answers with.
    assert.is(decoder.decode(headerBlock), "NATS/1.0\r\nContent-Type: application/json\r\n\r\n");
    await connection.close();
  });

  test("a redirect is not followed, and says so", async () => {
    for (const status of [301, 302, 307, 308]) {
      const headers = { Location: "https://elsewhere.test/orders/v1/createOrder" };
      const error = await failureOf(() => new Response(null, { status, headers }));
      assert.equal([error.code, error.execution], ["DISCONNECTED", "not-executed"]);
      assert.match(error.message, /redirect, which is not followed/);
    }
  });

  test("an answer is read up to a limit, and no further", async () => {
    let pulled = 0;
    let cancelled = false;
    const answer = (): Response =>
      new Response(
        new ReadableStream({
          pull: (controller) => {
            pulled += 1;
            controller.enqueue(new Uint8Array(10_000).fill(0x31));
          },
          cancel: () => {
            cancelled = true;
          },
        }),
        { headers: { "Content-Type": "application/json" } },
      );
    const connection = await handMadeGateway({ answer, maxMessageBytes: 100_000 }).transport.open();
    const error = await expectRejection(send(connection), { code: "PAYLOAD_TOO_LARGE", message: /100000 bytes/ });
    assert.is((error as MessagingError).execution, "unknown");
    assert.ok(pulled < 20, `${pulled} pieces`);
    assert.ok(cancelled);
    await connection.close();
  });

  test("what fetch fails with is DISCONNECTED, at once or later, and the reason is its cause", async () => {
    const reason = new TypeError("fetch failed");
    const failures = [
      () => Promise.reject(reason),
      () => {
        throw reason;
      },
    ];
    for (const answer of failures) {
      const error = await failureOf(answer);
      assert.equal([error.code, error.execution, error.cause], ["DISCONNECTED", "unknown", reason]);
      assert.match(error.message, /createOrder.*https:\/\/gateway\.test/);
    }
    const cut = await failureOf(() =>
      new Response(new ReadableStream({ start: (controller) => controller.error(reason) }), {
        headers: { "Content-Type": "application/json" },
      })
    );
    assert.equal([cut.code, cut.execution, cut.cause], ["DISCONNECTED", "unknown", reason]);
  });
});

describe("HttpTransport: when a request ends", (test) => {
  test("it rejects with TIMEOUT at its deadline, and its fetch is aborted", async () => {
    const clock = new FakeClock();
    const gateway = handMadeGateway({ clock });
    const connection = await gateway.transport.open();
    const call = expectRejection(send(connection, { timeoutMs: 200 }), { code: "TIMEOUT", message: /within 200 ms/ });
    clock.advance(220);
    assert.is((await call as MessagingError).execution, "unknown");
    await until("the fetch is aborted", () => gateway.calls[0]?.signal.aborted);
    assert.is(clock.timersWaiting, 0);
    await connection.close();
  });

  test("it rejects with CANCELLED as its signal aborts, although fetch looks at no signal", async () => {
    const gateway = handMadeGateway();
    const connection = await gateway.transport.open();
    const abort = new AbortController();
    const call = expectRejection(send(connection, { signal: abort.signal }), { code: "CANCELLED" });
    abort.abort(new Error("changed my mind"));
    assert.is((await call as MessagingError).execution, "unknown");
    await until("the fetch is aborted", () => gateway.calls[0]?.signal.aborted);
    await connection.close();
  });

  test("it ends while its answer's body is on the way, and gives the rest of it back", async () => {
    const clock = new FakeClock();
    let cancelled = false;
    const body = () =>
      new ReadableStream({
        start: (controller) => controller.enqueue(encoder.encode('{"half":')),
        cancel: () => {
          cancelled = true;
        },
      });
    const headers = { "Content-Type": "application/json" };
    const gateway = handMadeGateway({ clock, answer: () => new Response(body(), { headers }) });
    const connection = await gateway.transport.open();
    const call = expectRejection(send(connection, { timeoutMs: 100 }), { code: "TIMEOUT" });
    await until("the gateway was called", () => gateway.calls.length === 1);
    clock.advance(120);
    await call;
    await until("the body is given back", () => cancelled);
    await connection.close();
  });

  test("an answer that comes after its end is given back, and nobody hears of it", async () => {
    const clock = new FakeClock();
    let cancelled = false;
    let give!: (response: Response) => void;
    const late = new Promise<Response>((resolve) => give = resolve);
    const gateway = handMadeGateway({ clock, answer: () => late });
    const connection = await gateway.transport.open();
    const call = expectRejection(send(connection, { timeoutMs: 100 }), { code: "TIMEOUT" });
    clock.advance(120);
    await call;
    give(
      new Response(
        new ReadableStream({
          cancel: () => {
            cancelled = true;
          },
        }),
      ),
    );
    await until("the answer is given back", () => cancelled);
    assert.is(gateway.transport.status, "connected");
    await connection.close();
  });

  test("close() ends it with DISCONNECTED, its own participant's alone, and fetch hears of it", async () => {
    const gateway = handMadeGateway();
    const [one, other] = await Promise.all([gateway.transport.open(), gateway.transport.open()]);
    const own = expectRejection(send(one), { code: "DISCONNECTED", message: /its connection was closed/ });
    let otherEnded = false;
    const others = expectRejection(send(other), { code: "DISCONNECTED" }).then(() => otherEnded = true);
    await until("both were sent", () => gateway.calls.length === 2);
    await one.close();
    await own;
    await until("the fetch is aborted", () => gateway.calls[0]?.signal.aborted);
    assert.equal([otherEnded, gateway.calls[1]?.signal.aborted, gateway.transport.status], [false, false, "connected"]);
    await other.close();
    await others;
    assert.is(gateway.transport.status, "closed");
  });
});
