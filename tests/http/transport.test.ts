import * as assert from "uvu/assert";
import { type ConnectionStatus, HttpTransport, isMessagingError, MessageHeaders } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import { handMadeGateway, problem, readyAnswer, writtenStream } from "./hand-made-gateway.ts";

const ask = { requestId: "r", timeoutMs: 1_000, operation: "a" };
const nothing = new Uint8Array(0);

describe("HttpTransport: its options", (test) => {
  test("a url is http or https with a host, and shows no secret where it is refused", () => {
    const wrong = ["", "nats://a", "ws://a", "ftp://a", "javascript:alert(1)", "/api", "a.example.com", "http://"];
    const secret = [
      "https://ann:hunter2@a.example.com",
      "https://hunter2@a",
      "http://a/?key=hunter2",
      "http://a/#hunter2",
    ];
    for (const url of [...wrong, ...secret, "https://:1", 7 as unknown as string, undefined as unknown as string]) {
      assert.throws(
        () => new HttpTransport({ url }),
        (error: unknown) =>
          error instanceof TypeError && /Cannot use `url`: https:\/\/ or http:\/\//.test(error.message) &&
          !/hunter2/.test(error.message),
        String(url),
      );
    }
  });

  test("numbers are over 0", () => {
    for (const name of ["connectTimeoutMs", "staleAfterMs", "maxMessageBytes"]) {
      for (const value of [0, -1, Number.NaN, Infinity, "5"]) {
        assert.throws(() => new HttpTransport({ url: "https://a", [name]: value }), new RegExp(`\`${name}\``));
      }
    }
  });

  test("nothing is called before the first client connects", () => {
    const gateway = handMadeGateway();
    assert.equal([gateway.asked, gateway.transport.status, gateway.transport.kind], [0, "disconnected", "http"]);
  });

  test("the runtime's fetch is called as it is at that time, without a receiver", async () => {
    const real = globalThis.fetch;
    const called: [string, unknown][] = [];
    try {
      const transport = new HttpTransport({ url: "http://127.0.0.1:9/api" });
      globalThis.fetch = function (this: unknown, url: string | URL | Request) {
        called.push([String(url), this]);
        return Promise.resolve(readyAnswer());
      };
      const connection = await transport.open();
      await connection.close();
    } finally {
      globalThis.fetch = real;
    }
    assert.equal(called, [["http://127.0.0.1:9/api/readyz", globalThis]]);
  });
});

describe("HttpTransport: a token in plain text", (test) => {
  const bearer = MessageHeaders.fromTrusted([["Authorization", "Bearer hunter2"]]);
  const elsewhere = [
    "http://gateway.test",
    "http://10.0.0.1",
    "http://127.0.0.1.example.com",
    "http://localhost.example.com",
  ];

  test("leaves this machine only encrypted: it is refused before anything is sent", async () => {
    for (const url of elsewhere) {
      const gateway = handMadeGateway({ url, answer: () => Response.json(1) });
      const connection = await gateway.transport.open();
      const refusals = [
        connection.request("a.v1.request.a", nothing, { ...ask, headers: bearer }),
        connection.subscribe("a.v1.event.e", { token: "hunter2", onMessage() {} }).ready,
        connection.subscribe("a.v1.event.f", { token: () => "hunter2", onMessage() {} }).ready,
      ];
      for (const refusal of refusals) {
        const error = await expectRejection(refusal, { code: "UNAUTHENTICATED", message: /dangerouslyAllowPlaintext/ });
        assert.is(isMessagingError(error) && error.execution, "not-executed");
        assert.not.match(String(error), /hunter2/);
      }
      assert.equal(gateway.calls, []);
      await connection.request("a.v1.request.a", nothing, ask);
      await connection.close();
    }
  });

  test("goes to this machine, over https, and where its owner says so", async () => {
    const allowed = [
      "https://gateway.test",
      "http://localhost:1",
      "http://127.0.0.1",
      "http://[::1]:80",
      "http://a.localhost",
    ];
    const options = [...allowed.map((url) => ({ url })), { url: elsewhere[0]!, dangerouslyAllowPlaintext: true }];
    for (const option of options) {
      const gateway = handMadeGateway({
        ...option,
        answer: ({ method }) => method === "GET" ? writtenStream().response : Response.json(1),
      });
      const connection = await gateway.transport.open();
      await connection.request("a.v1.request.a", nothing, { ...ask, headers: bearer });
      await connection.subscribe("a.v1.event.e", { token: "hunter2", onMessage() {} }).ready;
      assert.ok(gateway.calls.every(({ headers }) => headers.get("authorization") === "Bearer hunter2"), option.url);
      await connection.close();
    }
  });
});

describe("HttpTransport: open()", (test) => {
  test("asks the gateway whether it is ready, once for all who open it together", async () => {
    const gateway = handMadeGateway();
    const connections = await Promise.all([1, 2, 3].map(() => gateway.transport.open()));
    assert.equal([gateway.asked, gateway.transport.status], [1, "connected"]);
    assert.equal(connections.map(({ maxPayloadBytes }) => maxPayloadBytes), [1_000_000, 1_000_000, 1_000_000]);
    for (const connection of connections) await connection.close();
    assert.is(gateway.transport.status, "closed");
  });

  test("rejects with DISCONNECTED and why, and can be called again", async () => {
    const answers: [() => Response | Promise<Response>, RegExp][] = [
      [
        () => problem(503, { code: "DISCONNECTED", detail: "Elsewhere" }),
        /No gateway is ready at https:\/\/gateway\.test: Elsewhere/,
      ],
      [
        () => new Response("<h1>Not found</h1>", { status: 404 }),
        /No gateway is ready.*status 404, and not by a gateway/,
      ],
      [() => new Response("<html>"), /not by a gateway/],
      [() => new Response(null, { status: 204 }), /not by a gateway/],
      [() => Response.json({ status: "ready" }), /not by a gateway/],
      [() => Response.json({ status: "ready", bodyBytes: "7" }), /not by a gateway/],
      [() => Response.json(null), /not by a gateway/],
      [() => new Response("x".repeat(1_000_000)), /not by a gateway/],
      [
        () => new Response(null, { status: 302, headers: { Location: "https://elsewhere.test" } }),
        /No gateway.*redirect/,
      ],
      [() => Promise.reject(new TypeError("fetch failed")), /https:\/\/gateway\.test cannot be reached/],
    ];
    let call = 0;
    const gateway = handMadeGateway({ ready: () => (answers[call++]?.[0] ?? readyAnswer)() });
    for (const [, message] of answers) {
      const error = await expectRejection(gateway.transport.open(), { code: "DISCONNECTED", message });
      assert.ok(isMessagingError(error));
      assert.is(gateway.transport.status, "closed");
    }
    const connection = await gateway.transport.open();
    await connection.close();
  });

  test("rejects when nobody answers in time, or sends the answer to its end", async () => {
    const endless = (): Response => new Response(new ReadableStream({ start() {} }));
    for (const ready of [() => new Promise<Response>(() => {}), endless]) {
      const clock = new FakeClock();
      const gateway = handMadeGateway({ clock, ready });
      const opening = expectRejection(gateway.transport.open(), {
        code: "DISCONNECTED",
        message: /nothing for 10000 ms/,
      });
      await until("it is asked", () => gateway.asked === 1);
      clock.advance(10_000);
      await opening;
      assert.is(clock.timersWaiting, 0);
    }
  });

  test("rejects with CANCELLED as its signal aborts, and asks no more", async () => {
    const clock = new FakeClock();
    const gateway = handMadeGateway({ clock, ready: () => new Promise<Response>(() => {}) });
    const abort = new AbortController();
    const opening = expectRejection(gateway.transport.open({ signal: abort.signal }), { code: "CANCELLED" });
    await until("it is asked", () => gateway.asked === 1);
    abort.abort();
    await opening;
    await until("no timer waits", () => clock.timersWaiting === 0);
  });
});

describe("HttpTransport: status", (test) => {
  test("is reconnecting from a failed request until the gateway answers again, each change once", async () => {
    const clock = new FakeClock();
    let up = true;
    const failing = <Value>(value: () => Value): Promise<Value> =>
      up ? Promise.resolve(value()) : Promise.reject(new TypeError("fetch failed"));
    const gateway = handMadeGateway({
      clock,
      ready: () => failing(readyAnswer),
      answer: () => failing(() => Response.json(1)),
    });
    const changes: [ConnectionStatus, string | undefined][] = [];
    gateway.transport.onStatus((status, error) =>
      changes.push([status, isMessagingError(error) ? error.code : undefined])
    );
    const connection = await gateway.transport.open();
    up = false;
    for (let count = 0; count < 3; count++) {
      await expectRejection(connection.request("a.v1.request.a", nothing, { ...ask, requestId: `${count}` }));
    }
    assert.is(gateway.transport.status, "reconnecting");
    const asked = gateway.asked;
    for (let count = 0; count < 100; count++) {
      clock.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const attempts = gateway.asked - asked;
    assert.ok(attempts >= 5 && attempts <= 60, `${attempts} attempts in 10 s`);
    up = true;
    while (gateway.transport.status !== "connected") {
      clock.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await connection.close();
    await until("no timer waits", () => clock.timersWaiting === 0);
    assert.equal(changes, [
      ["connecting", undefined],
      ["connected", undefined],
      ["reconnecting", "DISCONNECTED"],
      ["connected", undefined],
      ["closed", undefined],
    ]);
  });

  test("is connected again as soon as a request is answered, and then nobody asks further", async () => {
    const clock = new FakeClock();
    let call = 0;
    const gateway = handMadeGateway({
      clock,
      ready: () => ++call === 1 ? readyAnswer() : Promise.reject(new TypeError("fetch failed")),
      answer: (_, call) => call === 1 ? Promise.reject(new TypeError("fetch failed")) : Response.json(1),
    });
    const connection = await gateway.transport.open();
    await expectRejection(connection.request("a.v1.request.a", nothing, ask), { code: "DISCONNECTED" });
    assert.is(gateway.transport.status, "reconnecting");
    await until("it was asked and failed", () => gateway.asked === 2);
    await connection.request("a.v1.request.a", nothing, ask);
    assert.is(gateway.transport.status, "connected");
    clock.advance(200);
    await until("no timer waits", () => clock.timersWaiting === 0);
    await connection.close();
  });

  test("is reconnecting while the gateway has no broker, and learns the gateway's limit anew", async () => {
    const clock = new FakeClock();
    let call = 0;
    const bodyBytes = [1_000, 2_000];
    const gateway = handMadeGateway({
      clock,
      ready: () => Response.json({ status: "ready", bodyBytes: bodyBytes[call++] }),
      answer: () => problem(503, { code: "DISCONNECTED", detail: "No broker", execution: "not-executed" }),
    });
    const connection = await gateway.transport.open();
    const error = await expectRejection(connection.request("a.v1.request.a", nothing, ask), { code: "DISCONNECTED" });
    assert.is(isMessagingError(error) && error.execution, "not-executed");
    assert.is(gateway.transport.status, "reconnecting");
    await until("it is back", () => gateway.transport.status === "connected");
    assert.is(connection.maxPayloadBytes, 2_000);
    await connection.close();
  });

  test("stays closed when whoever hears of the loss closes it, although more is lost at that moment", async () => {
    const clock = new FakeClock();
    const failures: ((error: Error) => void)[] = [];
    const gateway = handMadeGateway({ clock, answer: () => new Promise((_, reject) => failures.push(reject)) });
    const connection = await gateway.transport.open();
    gateway.transport.onStatus((status) => {
      if (status === "reconnecting") void connection.close();
    });
    const calls = ["1", "2", "3"].map((requestId) =>
      expectRejection(connection.request("a.v1.request.a", nothing, { ...ask, requestId }), { code: "DISCONNECTED" })
    );
    await until("they were sent", () => failures.length === 3);
    for (const fail of failures) fail(new TypeError("fetch failed"));
    await Promise.all(calls);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal([gateway.transport.status, clock.timersWaiting], ["closed", 0]);
    assert.ok(gateway.asked <= 2, `${gateway.asked} questions`);
  });

  test("stays closed, whatever comes after that", async () => {
    let fail!: (error: Error) => void;
    const gateway = handMadeGateway({ answer: () => new Promise((_, reject) => fail = reject) });
    const connection = await gateway.transport.open();
    const call = expectRejection(connection.request("a.v1.request.a", nothing, ask), { code: "DISCONNECTED" });
    await until("it was sent", () => gateway.calls.length === 1);
    await connection.close();
    fail(new TypeError("fetch failed"));
    await call;
    await new Promise((resolve) => setImmediate(resolve));
    assert.is(gateway.transport.status, "closed");
    assert.is(gateway.asked, 1);
  });
});

describe("HttpTransport: what it cannot do", (test) => {
  test("publishing is refused as UNSUPPORTED; a cancellation is no message, the aborted fetch says it", async () => {
    const gateway = handMadeGateway();
    const connection = await gateway.transport.open();
    for (const subject of ["orders.v1.event.moved", "orders.v1.request.a", "_INBOX.x.y", "a.orders.v1.cancel.x"]) {
      assert.throws(
        () => connection.send(subject, nothing),
        (error: unknown) => isMessagingError(error, "UNSUPPORTED"),
      );
      await expectRejection(connection.publish(subject, nothing, ask), { code: "UNSUPPORTED", message: /over HTTP/ });
    }
    connection.send("orders.v1.cancel.abc", nothing);
    await connection.flush(100);
    assert.equal(gateway.calls, []);
    await connection.close();
  });
});
