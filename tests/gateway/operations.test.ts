import * as assert from "uvu/assert";
import * as v from "valibot";
import {
  createContract,
  createMessagingServer,
  type LogFields,
  MemoryBroker,
  MemoryTransport,
  MessagingError,
  NatsTransport,
  type Transport,
} from "../../mod.ts";
import { createGateway } from "../../src/gateway/mod.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import { deskContract } from "../transport-behaviour/desk.ts";
import { answerOf, problemIn } from "./answer.ts";
import { deskRequest, eventsUrl, openDeskGateway } from "./desk-gateway.ts";

const broker = new MemoryBroker();
const kind = { name: "memory", connect: () => new MemoryTransport({ broker }) };
const get = (path: string, method = "GET"): Request => new Request(`http://gateway.example${path}`, { method });

/** A line of the text format: a comment, or a name with labels and a number. */
const metricLine =
  /^(?:# HELP \w+ [^\n]+|# TYPE \w+ (?:counter|gauge|histogram)|\w+(?:\{\w+="[^"\n]*"(?:,\w+="[^"\n]*")*\})? [\d.e+-]+)$/;

describe("The gateway's own routes", (test) => {
  test("/healthz is 200 whatever else is, /readyz only when a request would get through", async () => {
    await using desk = await openDeskGateway(kind, { limits: { bodyBytes: 5_000 } });
    assert.is((await desk.gateway.fetch(get("/healthz"))).status, 200);
    // It starts what was not started: whoever waits for it would wait for ever.
    const ready = await answerOf(await desk.gateway.fetch(get("/readyz")));
    assert.equal([ready.status, ready.json], [200, { status: "ready", bodyBytes: 5_000 }]);
    await desk.gateway.stop();
    problemIn(await answerOf(await desk.gateway.fetch(get("/readyz"))), "DISCONNECTED", 503);
    assert.is((await desk.gateway.fetch(get("/healthz"))).status, 200);
  });

  test("/readyz tells no more bytes than the broker takes", async () => {
    const small = new MemoryTransport({ broker: new MemoryBroker({ maxPayloadBytes: 1_000 }) });
    await using gateway = createGateway({ contracts: [deskContract], transport: small });
    const { json } = await answerOf(await gateway.fetch(get("/readyz")));
    assert.is((json as { bodyBytes: number }).bodyBytes, 1_000);
  });

  test("HEAD is GET without a body, other methods are 405", async () => {
    await using desk = await openDeskGateway(kind);
    for (const path of ["/healthz", "/readyz", "/metrics"]) {
      const head = await desk.gateway.fetch(get(path, "HEAD"));
      assert.equal([head.status, await head.text()], [200, ""], path);
      const posted = await desk.gateway.fetch(get(path, "POST"));
      problemIn(await answerOf(posted), "UNSUPPORTED", 405);
      assert.is(posted.headers.get("Allow"), "GET, HEAD, OPTIONS");
    }
  });

  test("/metrics counts requests by operation and status, durations, streams, events and refusals", async () => {
    await using desk = await openDeskGateway(kind);
    await desk.post("echo", 1);
    await desk.post("echo", 2);
    await desk.post("order", { sku: "none" });
    await desk.post("order", { sku: 1 });
    await desk.post("unknown", 1);
    await desk.post("elsewhere\n# HELP x", 1);
    await desk.gateway.fetch(deskRequest("order", 1, { headers: { "Content-Type": "text/plain" } }));
    const streams = [await desk.listen("name=moved"), await desk.listen("name=moved")];
    await desk.server.broadcast("moved", { id: "1", region: "eu", step: 1 });
    await broker.delivered();
    const response = await desk.gateway.fetch(get("/metrics"));
    assert.is(response.headers.get("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    const text = await response.text();
    assert.ok(text.endsWith("\n"));
    const lines = text.slice(0, -1).split("\n");
    for (const line of lines) assert.match(line, metricLine);
    const wanted = [
      'messaging_gateway_requests_total{contract="desk",operation="echo",status="200"} 2',
      'messaging_gateway_requests_total{contract="desk",operation="order",status="409"} 1',
      'messaging_gateway_requests_total{contract="desk",operation="order",status="400"} 1',
      'messaging_gateway_requests_total{contract="desk",operation="order",status="415"} 1',
      'messaging_gateway_requests_total{contract="desk",operation="moved",status="200"} 2',
      'messaging_gateway_requests_total{contract="",operation="",status="404"} 2',
      'messaging_gateway_request_duration_seconds_count{contract="desk",operation="echo"} 2',
      'messaging_gateway_request_duration_seconds_bucket{contract="desk",operation="echo",le="+Inf"} 2',
      "messaging_gateway_requests_in_flight 0",
      "messaging_gateway_streams 2",
      'messaging_gateway_events_total{contract="desk",operation="moved"} 1',
      "messaging_gateway_events_delivered_total 2",
      'messaging_gateway_rejected_total{reason="invalid"} 1',
      'messaging_gateway_rejected_total{reason="not-found"} 2',
      'messaging_gateway_rejected_total{reason="content-type"} 1',
    ];
    for (const line of wanted) assert.ok(lines.includes(line), `${line} is not in\n${text}`);
    const buckets = lines.filter((line) =>
      line.startsWith("messaging_gateway_request_duration_seconds_bucket") && line.includes('"echo"')
    );
    const counts = buckets.map((line) => Number(line.split(" ")[1]));
    assert.equal(counts, [...counts].sort((one, other) => one - other));
    // No series twice, and none of a path that a caller made up.
    const series = lines.filter((line) => !line.startsWith("#")).map((line) => line.slice(0, line.lastIndexOf(" ")));
    assert.is(new Set(series).size, series.length);
    assert.not.match(text, "elsewhere");
    for (const frames of streams) await frames.cancel();
  });

  test("expose switches /metrics off", async () => {
    await using gateway = createGateway({
      contracts: [deskContract],
      transport: kind.connect(),
      expose: { metrics: false },
    });
    assert.is((await gateway.fetch(get("/metrics"))).status, 404);
    assert.is((await gateway.fetch(get("/healthz"))).status, 200);
  });

  test("the access log has one line for each request, and of what callers send nothing", async () => {
    const lines: LogFields[] = [];
    const others: unknown[] = [];
    const note = (...what: unknown[]): void => void others.push(what);
    await using desk = await openDeskGateway(kind, {
      authenticate: ({ token }) => token === undefined ? undefined : { id: "ann", roles: [] },
      logger: { debug: note, info: (_, fields) => void lines.push(fields!), warn: note, error: note },
    });
    const secret = { headers: { Authorization: "Bearer s3cret-token", "Idempotency-Key": "s3cret-key" } };
    await desk.post("echo", { password: "s3cret-body" }, secret);
    await desk.post("order", { sku: "none" });
    await desk.gateway.fetch(get("/s3cret-path?token=s3cret-query"));
    await (await desk.listen("name=moved&region=s3cret-region", secret)).cancel();
    assert.equal(
      lines.map(({ durationMs, ...rest }) => ({ ...rest, timed: typeof durationMs })),
      [
        { method: "POST", route: "/desk/v2/echo", status: 200, actor: "ann", operation: "echo", timed: "number" },
        {
          method: "POST",
          route: "/desk/v2/order",
          status: 409,
          actor: "anonymous",
          operation: "order",
          timed: "number",
        },
        { method: "GET", route: "unmatched", status: 404, actor: undefined, operation: undefined, timed: "number" },
        { method: "GET", route: "/desk/v2/events", status: 200, actor: "ann", operation: "moved", timed: "number" },
      ],
    );
    assert.not.match(JSON.stringify([lines, others]), "s3cret");
  });

  test("a request may be named events, and has its own method at that path", async () => {
    const contract = createContract({
      name: "both",
      version: "0.3.0",
      requests: { events: { request: v.string(), response: v.string() } },
      events: { events: v.string() },
    });
    const server = createMessagingServer({ contract, transport: kind.connect() });
    server.registerHandler("events", (text) => text);
    await server.start();
    await using gateway = createGateway({ contracts: [contract], transport: kind.connect() });
    const url = "http://gateway.example/both/v0/events";
    const headers = { "Content-Type": "application/json" };
    const posted = await gateway.fetch(new Request(url, { method: "POST", headers, body: '"hello"' }));
    assert.is(await posted.text(), '"hello"');
    const stream = await gateway.fetch(new Request(`${url}?name=events`));
    assert.is(stream.status, 200);
    await stream.body!.cancel();
    const put = await gateway.fetch(new Request(url, { method: "PUT" }));
    assert.equal([put.status, put.headers.get("Allow")], [405, "GET, POST, OPTIONS"]);
    const text = await (await gateway.fetch(get("/metrics"))).text();
    assert.match(text, 'messaging_gateway_requests_total{contract="both",operation="events",status="200"} 2');
    await server.stop();
  });

  test("a header that must not come from outside cannot be forwarded", () => {
    const names = [
      "Authorization",
      "Cookie",
      "traceparent",
      "X-Forwarded-For",
      "Nats-Msg-Id",
      "mb-request-id",
      "Connection",
      "Host",
      "Transfer-Encoding",
      "Content-Type",
      "two words",
      "",
      "X-\nA",
    ];
    for (const name of names) {
      const make = () =>
        createGateway({ contracts: [deskContract], transport: kind.connect(), forwardHeaders: [name] });
      assert.throws(make, /forwardHeaders/, name);
    }
  });
});

describeWithNatsServer("The gateway while its broker is away", {}, (test) => {
  test(
    "is not ready, says DISCONNECTED without naming the broker, and comes back by itself",
    { timeoutMs: 20_000 },
    async () => {
      const nats = await startNatsServer();
      try {
        const logged: unknown[] = [];
        const note = (...what: unknown[]): void => void logged.push(what);
        const connect = () => new NatsTransport({ servers: nats.url });
        await using desk = await openDeskGateway({ name: "nats", connect }, {
          logger: { debug: note, info: () => {}, warn: note, error: note },
        });
        const frames = await desk.listen("name=opened");
        assert.is((await desk.gateway.fetch(get("/readyz"))).status, 200);
        const running = desk.post("wait", { ms: 60_000 });
        await until("it is at the service", () => desk.seen.has("wait"));
        await nats.kill();
        await until("the loss is noticed", async () => (await desk.gateway.fetch(get("/readyz"))).status === 503);
        assert.is((await desk.gateway.fetch(get("/healthz"))).status, 200);
        // It waits for the connection as long as its deadline allows, like a client's.
        const late = await desk.post("echo", 1, { headers: { "Request-Timeout-Ms": "50" } });
        assert.equal([problemIn(late, "TIMEOUT", 504).execution], ["not-executed"]);
        await nats.restart();
        await until("it is ready again", async () => (await desk.gateway.fetch(get("/readyz"))).status === 200);
        const frame = await frames.next();
        assert.is(frame?.event, "gateway.reset");
        assert.match(frame!.data!, "events may be missing");
        // The service behind comes back by its own connection.
        await until("a request gets through", async () => (await desk.post("echo", 1)).status === 200);
        await desk.server.broadcast("opened", { at: 7 });
        assert.equal(await frames.data(), { at: 7 });
        const unknown = await running;
        assert.ok(
          ["TIMEOUT", "CANCELLED", "DISCONNECTED"].includes((unknown.json as { code: string }).code),
          unknown.text,
        );
        await frames.cancel();
      } finally {
        await nats.stop();
      }
    },
  );

  test("a broker that was never there is told once, to the log, with its address", async () => {
    const logged: unknown[] = [];
    const note = (...what: unknown[]): void => void logged.push(what);
    await using gateway = createGateway({
      contracts: [deskContract],
      transport: new NatsTransport({ servers: "nats://127.0.0.1:9" }),
      logger: { debug: note, info: () => {}, warn: note, error: note },
    });
    for (const request of [deskRequest("echo", 1), new Request(eventsUrl("name=opened")), get("/readyz")]) {
      const answer = await answerOf(await gateway.fetch(request));
      const problem = problemIn(answer, "DISCONNECTED", 503);
      assert.equal([problem.retryable, problem.execution], [true, "not-executed"]);
      assert.not.match(answer.text, "127.0.0.1");
    }
    assert.match(String((logged[0] as [string, { error: unknown }])[1].error), "127.0.0.1:9");
    // However many ask: the broker is not dialled for each of them.
    let dials = 0;
    const transport: Transport = {
      kind: "nowhere",
      status: "closed",
      onStatus: () => () => {},
      open: () => {
        dials += 1;
        return Promise.reject(new MessagingError("DISCONNECTED", "Nobody is there"));
      },
    };
    const clock = new FakeClock();
    await using hasty = createGateway({ contracts: [deskContract], transport, clock });
    for (let count = 0; count < 50; count++) assert.is((await hasty.fetch(get("/readyz"))).status, 503);
    assert.is(dials, 1);
    clock.advance(250);
    assert.is((await hasty.fetch(deskRequest("echo", 1))).status, 503);
    assert.is(dials, 2);
    const failed = await gateway.start().then(() => undefined, (error: { code: string }) => error.code);
    assert.is(failed, "DISCONNECTED");
  });
});
