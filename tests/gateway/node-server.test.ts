import { serve, type ServerType } from "@hono/node-server";
import { Hono } from "hono";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as assert from "uvu/assert";
import { NatsTransport } from "../../mod.ts";
import type { GatewayOptions } from "../../src/gateway/mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";
import type { DeskOptions } from "../transport-behaviour/desk.ts";
import { answerOf, problemIn } from "./answer.ts";
import { openDeskGateway } from "./desk-gateway.ts";
import { FrameReader } from "./frame-reader.ts";
import { RawHttp } from "./raw-http.ts";

const timeoutMs = 30_000;

/** A gateway under Node's HTTP server, with everything behind it. */
async function openServed(options: Partial<GatewayOptions> = {}, serverOptions: DeskOptions["server"] = {}) {
  const nats = await startNatsServer();
  const connect = () => new NatsTransport({ servers: nats.url });
  const desk = await openDeskGateway({ name: "nats", connect }, options, serverOptions);
  // Taken out of its object, as every server does.
  const { fetch } = desk.gateway;
  const server = await new Promise<ServerType>((resolve) => {
    const started = serve({ fetch, hostname: "127.0.0.1", port: 0 }, () => resolve(started));
  });
  const { port } = server.address() as AddressInfo;
  const metrics = async (): Promise<string> =>
    await (await globalThis.fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return {
    ...desk,
    port,
    http: server as unknown as Server,
    url: `http://127.0.0.1:${port}`,
    metrics,
    has: async (line: string): Promise<boolean> => (await metrics()).split("\n").includes(line),
    [Symbol.asyncDispose]: async () => {
      await desk[Symbol.asyncDispose]();
      (server as unknown as { closeAllConnections(): void }).closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await nats.stop();
    },
  };
}

function head(path: string, headers: Record<string, string | number> = {}, method = "POST"): string {
  const lines = Object.entries({ Host: "127.0.0.1", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

const json = { "Content-Type": "application/json" };

describeWithNatsServer("The gateway under Node's HTTP server", {}, (test) => {
  test("answers a request over a socket, and a problem", { timeoutMs }, async () => {
    await using served = await openServed();
    const ask = (body: string) => fetch(`${served.url}/desk/v2/order`, { method: "POST", headers: json, body });
    const answer = await answerOf(await ask('{"sku":"A1"}'));
    assert.equal([answer.status, answer.json], [200, { id: "A1-1", placed: "2026-11-23T10:00:00.000Z" }]);
    problemIn(await answerOf(await ask('{"sku":"none"}')), "OUT_OF_STOCK", 409);
    problemIn(await answerOf(await ask('{"sku":')), "MALFORMED_MESSAGE", 400);
    const large = JSON.stringify("x".repeat(200_000));
    const echoed = await fetch(`${served.url}/desk/v2/echo`, { method: "POST", headers: json, body: large });
    assert.is(await echoed.text(), large);
  });

  test("a caller who leaves cancels its request behind: its handler's signal aborts", { timeoutMs }, async () => {
    await using served = await openServed();
    const callers: RawHttp[] = [];
    for (let count = 0; count < 50; count++) {
      const caller = await RawHttp.open(served.port);
      callers.push(caller);
      caller.write(head("/desk/v2/wait", { ...json, "Content-Length": 12 }) + '{"ms":30000}');
    }
    await until("all are at the service", () => served.seen.get("wait")?.length === 50);
    for (const caller of callers) caller[Symbol.dispose]();
    await until("every handler was told", () => served.seen.get("aborted")?.length === 50, 1_500);
    await until(
      "and all are counted",
      () => served.has('messaging_gateway_requests_total{contract="desk",operation="wait",status="499"} 50'),
    );
    assert.ok(await served.has("messaging_gateway_requests_in_flight 0"));
  });

  test("a caller who leaves in the middle of its body leaves nothing behind", { timeoutMs }, async () => {
    await using served = await openServed();
    for (
      const length of [{ "Content-Length": 500 }, { "Content-Length": 100_000 }, { "Transfer-Encoding": "chunked" }]
    ) {
      const caller = await RawHttp.open(served.port);
      caller.write(`${head("/desk/v2/echo", { ...json, ...length })}5\r\n[1,2,`);
      await until("it is under way", () => served.has("messaging_gateway_requests_in_flight 1"));
      caller[Symbol.dispose]();
      await until("it is not any longer", () => served.has("messaging_gateway_requests_in_flight 0"));
    }
    assert.equal([...served.seen], []);
  });

  test(
    "an event stream comes over a socket as events are told, and ends behind when its reader leaves",
    { timeoutMs },
    async () => {
      await using served = await openServed();
      const leaving = new AbortController();
      const { signal } = leaving;
      const frames = await FrameReader.of(await fetch(`${served.url}/desk/v2/events?name=moved&region=eu`, { signal }));
      for (let step = 0; step < 100; step++) {
        await served.server.broadcast("moved", { id: "1", region: step % 2 === 0 ? "eu" : "us", step });
      }
      for (let step = 0; step < 100; step += 2) assert.equal(await frames.data(), { id: "1", region: "eu", step });
      leaving.abort();
      await until("the stream is gone", () => served.has("messaging_gateway_streams 0"));
      // A HEAD asks for no stream.
      assert.is((await fetch(`${served.url}/desk/v2/events?name=moved`, { method: "HEAD" })).status, 405);
    },
  );

  test("a gateway that stops lets connections go that callers would keep", { timeoutMs }, async () => {
    await using served = await openServed();
    const keeping = await RawHttp.open(served.port);
    keeping.write(head("/healthz", {}, "GET"));
    await until("it is answered", () => keeping.received.endsWith('{"status":"alive"}'));
    assert.not.match(keeping.received, /connection: close/i);
    keeping.write(head("/desk/v2/events?name=moved", {}, "GET"));
    await until("the stream has begun", () => keeping.received.includes(": ready"));
    served.http.close();
    await served.gateway.stop({ graceMs: 5_000 });
    await until("the stream has ended", () => keeping.received.endsWith("0\r\n\r\n"));
    assert.not.ok(keeping.isClosed, "it could be used again");
    keeping.write(head("/desk/v2/order", { ...json, "Content-Length": 0 }));
    await keeping.closed;
    assert.match(keeping.received, /HTTP\/1.1 503 [^]*connection: close/i);
  });

  test("a reader that never reads is cut, its socket is closed, and the others go on", { timeoutMs }, async () => {
    await using served = await openServed({ limits: { streamBufferBytes: 100_000, streamStallMs: 60_000 } });
    const frames = await FrameReader.of(await fetch(`${served.url}/desk/v2/events?name=moved`));
    const stuck = await Promise.all(Array.from({ length: 5 }, () => RawHttp.open(served.port)));
    for (const reader of stuck) {
      reader.write(head("/desk/v2/events?name=moved", {}, "GET"));
      await until("it has begun", () => reader.received.includes(": ready"));
      reader.pause();
    }
    // The adapter's way to say that a stream broke off.
    const printed: unknown[] = [];
    const { error: print } = console;
    console.error = (what: unknown) => void printed.push(what);
    let told = 0;
    const id = "x".repeat(50_000);
    // Sockets hold some megabytes before anybody notices.
    await until("all of them are cut", async () => {
      await served.server.broadcast("moved", { id, region: "eu", step: told });
      assert.is((await frames.data() as { step: number }).step, told);
      told += 1;
      return await served.has('messaging_gateway_streams_ended_total{reason="slow"} 5');
    }, 20_000);
    await until("only the reader is left", () => served.has("messaging_gateway_streams 1"));
    for (const reader of stuck) {
      reader.resume();
      await reader.closed;
      assert.not.match(reader.received, "did not take the end");
    }
    await frames.cancel();
    console.error = print;
    assert.is(printed.length, 5);
    for (const line of printed) assert.match(String(line), "did not take the end");
  });

  test("a body that drips or stands still is 408, and then its socket is closed", { timeoutMs }, async () => {
    await using served = await openServed({ limits: { bodyIdleMs: 400, bodyTotalMs: 1_200 } });
    const still = await RawHttp.open(served.port);
    still.write(`${head("/desk/v2/echo", { ...json, "Content-Length": 100 })}[1,`);
    const dripping = await RawHttp.open(served.port);
    dripping.write(head("/desk/v2/echo", { ...json, "Transfer-Encoding": "chunked" }));
    const drip = setInterval(() => dripping.write("1\r\n \r\n"), 100);
    const startedAt = performance.now();
    await still.closed;
    assert.is(still.status, 408);
    assert.ok(performance.now() - startedAt < 2_000);
    await dripping.closed;
    clearInterval(drip);
    assert.is(dripping.status, 408);
    assert.ok(performance.now() - startedAt < 3_000);
    assert.ok(await served.has('messaging_gateway_rejected_total{reason="body-time"} 2'));
    assert.equal([...served.seen], []);
  });

  test("a body that is too large is refused while it comes, however it says its length", { timeoutMs }, async () => {
    await using served = await openServed({ limits: { bodyBytes: 10_000 } });
    const told = await RawHttp.open(served.port);
    told.write(head("/desk/v2/echo", { ...json, "Content-Length": 2_000_000_000 }));
    await until("its length is enough", () => told.status === 413);
    const endless = await RawHttp.open(served.port);
    endless.write(head("/desk/v2/echo", { ...json, "Transfer-Encoding": "chunked" }));
    const chunk = `1000\r\n${" ".repeat(4_096)}\r\n`;
    const pour = setInterval(() => endless.write(chunk), 1);
    await endless.closed;
    clearInterval(pour);
    assert.is(endless.status, 413);
    const bomb = await RawHttp.open(served.port);
    bomb.write(
      `${head("/desk/v2/echo", { ...json, "Content-Encoding": "gzip", "Content-Length": 4 })}\x1f\x8b\x08\x00`,
    );
    await until("it is not unpacked", () => bomb.status === 415);
    assert.equal([...served.seen], []);
    for (const caller of [told, bomb]) caller[Symbol.dispose]();
  });

  test(
    "what two servers could read in two ways is read by none: nothing reaches the service",
    { timeoutMs },
    async () => {
      await using served = await openServed();
      const body = '{"sku":"A1"}';
      const smuggled = `${head("/desk/v2/order", { ...json, "Content-Length": body.length })}${body}`;
      const attempts = [
        `${
          head("/desk/v2/echo", { ...json, "Content-Length": 5, "Transfer-Encoding": "chunked" })
        }0\r\n\r\n${smuggled}`,
        `${head("/desk/v2/echo", { ...json, "Transfer-Encoding": "chunked, identity" })}0\r\n\r\n${smuggled}`,
        `${head("/desk/v2/echo", { ...json, "Transfer-Encoding": " xchunked" })}0\r\n\r\n${smuggled}`,
        `POST /desk/v2/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n[1]x${smuggled}`,
        `POST /desk/v2/echo HTTP/1.1\r\nHost: a\r\nX-A: b\r\n folded: c\r\nContent-Length : 3\r\n\r\n[1]`,
        `POST /desk/v2/echo HTTP/1.1\r\nHost: a\r\nX-A: b\nX-B: c\r\nContent-Length: 0x3\r\n\r\n[1]`,
        `POST /desk/v2/echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n`,
        `POST http://other.example/../$SRV HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`,
      ];
      for (const attempt of attempts) {
        const caller = await RawHttp.open(served.port);
        caller.write(attempt);
        await until(
          `an answer to ${JSON.stringify(attempt.slice(0, 120))}`,
          () => caller.status !== undefined || caller.isClosed,
        );
        assert.ok(caller.status === undefined || caller.status >= 400, `${attempt}\n${caller.received}`);
        caller[Symbol.dispose]();
      }
      assert.equal([...served.seen], []);
    },
  );

  test("what a caller says of hops and of the inside does not reach the service", { timeoutMs }, async () => {
    const heard: string[] = [];
    await using served = await openServed({}, {
      middleware: [async (call, next) => {
        for (const [name] of call.context.headers) heard.push(name);
        return await next();
      }],
    });
    const caller = await RawHttp.open(served.port);
    const headers = {
      ...json,
      "Connection": "X-Secret, keep-alive",
      "X-Secret": "1",
      "Keep-Alive": "timeout=5",
      "Proxy-Authorization": "Basic x",
      "TE": "trailers",
      "Upgrade": "h2c",
      "X-Forwarded-For": "10.0.0.1",
      "X-Forwarded-Proto": "https",
      "Via": "1.1 evil",
      "Nats-Msg-Id": "1",
      "Mb-Timeout": "1",
      "traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
    };
    caller.write(`${head("/desk/v2/echo", { ...headers, "Content-Length": 1 })}7`);
    await until("it is answered", () => caller.status !== undefined);
    assert.is(caller.status, 200);
    assert.equal(heard.filter((name) => name !== "Mb-Timeout"), ["traceparent"]);
    caller[Symbol.dispose]();
  });

  test("is mounted in Hono, under a path of its own", { timeoutMs }, async () => {
    await using served = await openServed();
    const app = new Hono();
    app.get("/own", (context) => context.text("mine"));
    app.mount("/api", served.gateway.fetch);
    const response = await app.request("/api/desk/v2/order", { method: "POST", headers: json, body: '{"sku":"A1"}' });
    assert.is(response.status, 200);
    assert.is(((await response.json()) as { id: string }).id, "A1-1");
    const frames = await FrameReader.of(await app.request("/api/desk/v2/events?name=opened"));
    await served.server.broadcast("opened", { at: 3 });
    assert.equal(await frames.data(), { at: 3 });
    await frames.cancel();
    assert.is(await (await app.request("/own")).text(), "mine");
    problemIn(await answerOf(await app.request("/api/elsewhere")), "NO_RESPONDERS", 404);
  });
});
