import * as assert from "uvu/assert";
import { createMessagingServer } from "../../mod.ts";
import { createGateway } from "../../src/gateway/mod.ts";
import { createPayloadEncryption } from "../../src/security/create-payload-encryption.ts";
import { echo } from "../support/echo.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import { deskContract, ownNamespace } from "../transport-behaviour/desk.ts";
import type { TransportKind } from "../transport-behaviour/transport-kind.ts";
import { answerOf, problemIn } from "./answer.ts";
import { deskRequest, openDeskGateway } from "./desk-gateway.ts";

/** Requests through a gateway: what is taken, what is answered, what is refused. */
export function gatewayRequests(kind: TransportKind): void {
  describe(`${kind.name}: requests through the gateway`, (test) => {
    test("a request is answered with the plain value, as the service wrote it", async () => {
      await using desk = await openDeskGateway(kind);
      const answer = await desk.post("order", { sku: "A1", quantity: 2 });
      assert.is(answer.status, 200);
      assert.is(answer.headers.get("Content-Type"), "application/json");
      // A string, where a client's schema makes a Date of it.
      assert.is(answer.text, '{"id":"A1-2","placed":"2026-11-23T10:00:00.000Z"}');
      assert.equal(desk.seen.get("order"), [{ sku: "A1", quantity: 2 }]);
    });

    test("what travels is what the caller wrote, to the byte, and the service fills in what it leaves out", async () => {
      await using desk = await openDeskGateway(kind);
      const spaced = '\n{ "b" : [1,\t2.50],\r\n "a":"\\u00e9😀" }\n';
      assert.equal((await desk.post("echo", spaced)).json, { b: [1, 2.5], a: "é😀" });
      assert.is((await desk.post("order", '{"sku":"B"}')).status, 200);
      assert.equal(desk.seen.get("order"), [{ sku: "B", quantity: 1 }]);
    });

    test("no body is no value, and so is no answer: 204", async () => {
      await using desk = await openDeskGateway(kind);
      const answer = await desk.post("ping");
      assert.is(answer.status, 204);
      assert.is(answer.text, "");
      assert.is(answer.headers.get("Content-Type"), null);
      problemIn(await desk.post("order"), "INVALID_REQUEST", 400);
    });

    test("an error of the contract has its status, and its data as it travels", async () => {
      await using desk = await openDeskGateway(kind);
      const stock = problemIn(await desk.post("order", { sku: "none" }), "OUT_OF_STOCK", 409);
      assert.equal(stock.data, { sku: "none", left: 0 });
      assert.is(stock.operation, "order");
      assert.is(stock.title, "Out of stock");
      assert.is(stock.detail, "Not enough stock");
      assert.equal([stock.execution, stock.retryable], ["executed", false]);
      const closed = problemIn(await desk.post("order", { sku: "closed" }), "CLOSED", 422);
      assert.equal([closed.retryable, "data" in closed], [true, false]);
    });

    test("what a handler throws that the contract does not name is INTERNAL with a correlation id alone", async () => {
      await using desk = await openDeskGateway(kind);
      const answer = await desk.post("order", { sku: "secret" });
      const problem = problemIn(answer, "INTERNAL", 500);
      assert.not.match(answer.text, "hunter2");
      assert.match(problem.correlationId!, /^[\w-]{22}$/);
    });

    test("what does not fit the contract stays at the edge", async () => {
      // Nobody serves it: what went any further would be NO_RESPONDERS.
      const options = { contracts: [deskContract], transport: kind.connect(), namespace: ownNamespace() };
      await using gateway = createGateway(options);
      const answer = await answerOf(await gateway.fetch(deskRequest("order", { sku: "A1", quantity: 0 })));
      const problem = problemIn(answer, "INVALID_REQUEST", 400);
      assert.match(JSON.stringify(problem.data), '"path":"quantity"');
      assert.is(problem.execution, "not-executed");
    });

    test("a body that is no JSON of one meaning is MALFORMED_MESSAGE and goes nowhere", async () => {
      await using desk = await openDeskGateway(kind);
      const bodies = [
        "{",
        "undefined",
        "{'a':1}",
        "[1,]",
        '{"a":1}{"b":2}',
        '{"a":1,"a":2}',
        '{"a":1,"\\u0061":2}',
        '{"x":[{"b":{"c":1,"c":1}}]}',
        '{"":1,"":2}',
        '{"a\\"":1,"a\\u0022":2}',
        '{"__proto__":{"admin":true}}',
        '{"\\u005f_proto__":1}',
        "[".repeat(65) + "]".repeat(65),
      ];
      for (const body of bodies) problemIn(await desk.post("echo", body), "MALFORMED_MESSAGE", 400);
      const latin = deskRequest("echo", undefined, {
        body: new Uint8Array([0x22, 0xe9, 0x22]),
        headers: { "Content-Type": "application/json" },
      });
      problemIn(await answerOf(await desk.gateway.fetch(latin)), "MALFORMED_MESSAGE", 400);
      assert.equal([...desk.seen], []);
    });

    test("a key may stand in several objects, and a colon in a text", async () => {
      await using desk = await openDeskGateway(kind);
      const bodies = [
        '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
        '{"a":"\\":\\"b\\":","c":":{}\\\\"}',
        '[":",{"\\":":1}]',
        '"a:b"',
        "[[],{}]",
        "0",
        "null",
      ];
      for (const body of bodies) {
        const answer = await desk.post("echo", body);
        assert.is(answer.status, 200, `${body}: ${answer.text}`);
        assert.equal(answer.json, JSON.parse(body));
      }
    });

    test("a body of another type or encoding is not read", async () => {
      await using desk = await openDeskGateway(kind);
      const types = [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "application/json; charset=latin1",
        "",
      ];
      for (const type of types) {
        problemIn(await desk.post("echo", "1", { headers: { "Content-Type": type } }), "UNSUPPORTED", 415);
      }
      for (const encoding of ["gzip", "br", "identity, gzip"]) {
        const answer = await desk.post("echo", "1", { headers: { "Content-Encoding": encoding } });
        problemIn(answer, "UNSUPPORTED", 415);
        assert.is(answer.headers.get("Accept-Encoding"), "identity");
      }
      const taken = ["application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'];
      for (const type of taken) {
        assert.is((await desk.post("echo", "1", { headers: { "Content-Type": type } })).status, 200, type);
      }
      assert.is((await desk.post("echo", "1", { headers: { "Content-Encoding": "identity" } })).status, 200);
      assert.is(desk.seen.get("echo")!.length, 4);
    });

    test("a path that no contract names is 404, whatever it looks like", async () => {
      await using desk = await openDeskGateway(kind);
      const paths = [
        "/desk/v2/unknown",
        "/desk/v1/order",
        "/desk/v2/order/",
        "/desk/v2/ord%65r",
        "/desk/v2//order",
        "/Desk/v2/order",
        "/desk/v2",
        "/billing/v2/order",
        "/desk/v2/moved",
        "/desk/v2/request.order",
        "/desk/v2/constructor",
        "/$SRV/PING",
        "/__proto__",
      ];
      for (const path of paths) {
        const request = new Request(`http://gateway.example${path}`, { method: "POST", body: "{}" });
        const problem = problemIn(await answerOf(await desk.gateway.fetch(request)), "NO_RESPONDERS", 404);
        assert.equal([problem.retryable, problem.execution], [false, "not-executed"], path);
      }
    });

    test("another method is 405 with those that there are", async () => {
      await using desk = await openDeskGateway(kind);
      for (const method of ["GET", "PUT", "DELETE", "PATCH", "HEAD"]) {
        const response = await desk.gateway.fetch(new Request("http://gateway.example/desk/v2/order", { method }));
        problemIn(await answerOf(response), "UNSUPPORTED", 405);
        assert.is(response.headers.get("Allow"), "POST, OPTIONS");
      }
      const posted = await desk.post("events", {});
      problemIn(posted, "UNSUPPORTED", 405);
      assert.is(posted.headers.get("Allow"), "GET, OPTIONS");
    });

    test("nobody there is 503 NO_RESPONDERS, which may be tried again", async () => {
      const transport = kind.connect();
      await using gateway = createGateway({ contracts: [echo], transport, namespace: ownNamespace() });
      const request = new Request("http://gateway.example/echo/v1/say", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: '{"text":"anybody"}',
      });
      const problem = problemIn(await answerOf(await gateway.fetch(request)), "NO_RESPONDERS", 503);
      assert.equal([problem.retryable, problem.execution], [true, "not-executed"]);
    });

    test("Request-Timeout-Ms shortens the deadline, for the service too; nobody asks for more than the limit", async () => {
      await using desk = await openDeskGateway(kind, { limits: { timeoutMs: 1_000 } }, {
        middleware: [async (call, next) => {
          const { headers } = call.context as { headers: { get(name: string): string | undefined } };
          desk.seen.set("timeout", [headers.get("Mb-Timeout")]);
          return await next();
        }],
      });
      const late = await desk.post("wait", { ms: 5_000 }, { headers: { "Request-Timeout-Ms": "60" } });
      problemIn(late, "TIMEOUT", 504);
      await until("the handler hears of it", () => desk.seen.has("aborted"));
      await desk.post("echo", 1, { headers: { "Request-Timeout-Ms": "700" } });
      const told = Number(desk.seen.get("timeout")![0]);
      assert.ok(told > 600 && told <= 700, String(told));
      await desk.post("echo", 1, { headers: { "Request-Timeout-Ms": "999999" } });
      // The contract's own deadline may be longer than what a caller may ask for.
      const most = Number(desk.seen.get("timeout")![0] ?? 5_000);
      assert.ok(most > 4_900 && most <= 5_000, String(most));
      for (const bad of ["soon", "-5", "1.5", "1e3", ""]) {
        problemIn(await desk.post("echo", 1, { headers: { "Request-Timeout-Ms": bad } }), "INVALID_REQUEST", 400);
      }
      const over = await desk.post("echo", 1, { headers: { "Request-Timeout-Ms": "0" } });
      assert.is(problemIn(over, "TIMEOUT", 504).execution, "not-executed");
    });

    test("of a caller's headers its token, its key and the named ones travel on, and the trace starts anew", async () => {
      const namespace = ownNamespace();
      const heard: (readonly [string, string])[][] = [];
      const server = createMessagingServer({
        contract: deskContract,
        transport: kind.connect(),
        namespace,
        middleware: [async (call, next) => {
          heard.push([...(call.context as { headers: Iterable<readonly [string, string]> }).headers]);
          return await next();
        }],
      });
      server.registerHandler("echo", (request) => request);
      await server.start({ partial: true });
      const gateway = createGateway({
        contracts: [deskContract],
        transport: kind.connect(),
        namespace,
        forwardHeaders: ["X-Tenant"],
      });
      const sent = {
        "X-Tenant": "acme",
        "X-Tenants": "other",
        "X-Role": "admin",
        "X-Forwarded-For": "10.0.0.1",
        "Forwarded": "for=10.0.0.1",
        "traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
        "tracestate": "a=1",
        "Nats-Msg-Id": "1",
        "Nats-Service-Error": "x",
        "Mb-Request-Id": "forged",
        "Mb-Timeout": "1",
        "Mb-Signature": "x",
        "Mb-Encryption": "v1;A256GCM;kid=x",
        "Authorization": "Bearer the-token",
      };
      try {
        for (let count = 0; count < 2; count++) {
          const answer = await gateway.fetch(deskRequest("echo", { count }, {
            // Another request under one key is refused: the key names the work.
            headers: { ...sent, "Idempotency-Key": `order-17-${count}` },
          }));
          assert.is(answer.status, 200);
        }
      } finally {
        await gateway.stop();
        await server.stop();
      }
      const traces = new Set<string>();
      for (const [count, headers] of heard.entries()) {
        const named = new Map(headers);
        assert.is(named.size, headers.length);
        const trace = named.get("traceparent")!;
        assert.match(trace, /^00-[\da-f]{32}-[\da-f]{16}-01$/);
        assert.not.match(trace, "0123456789abcdef0123456789abcdef");
        traces.add(trace);
        named.delete("traceparent");
        // Later than 25 ms after its arrival, a request says how much of its deadline is left.
        assert.not.ok(named.get("Mb-Timeout") === "1");
        named.delete("Mb-Timeout");
        assert.equal(Object.fromEntries(named), {
          "X-Tenant": "acme",
          "Authorization": "Bearer the-token",
          "Mb-Request-Id": `order-17-${count}`,
        });
      }
      assert.is(traces.size, 2);
    });

    test("an Idempotency-Key that cannot travel is refused, and so is a forwarded header", async () => {
      await using desk = await openDeskGateway(kind, { forwardHeaders: ["X-Tenant"] });
      for (const key of ["two words", "x".repeat(129), "é"]) {
        problemIn(await desk.post("echo", 1, { headers: { "Idempotency-Key": key } }), "INVALID_REQUEST", 400);
      }
      problemIn(await desk.post("echo", 1, { headers: { "X-Tenant": "é" } }), "INVALID_REQUEST", 400);
      assert.equal([...desk.seen], []);
    });

    test("an answer that does not fit the contract is told without what is in it", async () => {
      const namespace = ownNamespace();
      const connection = await kind.connect().open();
      const answers = ['{"id":7,"card":"4111-1111"}', "{no json", '"\xff"', '{"stream":"KEPT","seq":4}'];
      const subscription = connection.subscribe(`${namespace}.desk.v2.request.order`, {
        onMessage: ({ replySubject }) => {
          const text = answers.shift()!;
          connection.send(replySubject!, Uint8Array.from(text, (character) => character.charCodeAt(0)));
        },
      });
      await subscription.ready;
      await using gateway = createGateway({ contracts: [deskContract], transport: kind.connect(), namespace });
      const codes: string[] = [];
      for (let count = answers.length; count > 0; count--) {
        const answer = await answerOf(await gateway.fetch(deskRequest("order", { sku: "A1" })));
        const { code, correlationId, detail } = answer.json as Record<string, string>;
        codes.push(`${code} ${answer.status}`);
        assert.match(correlationId!, /^[\w-]{22}$/);
        assert.is(detail, 'The answer to request "order" cannot be used');
        assert.not.match(answer.text, /4111|KEPT/);
      }
      await connection.close();
      const malformed = "MALFORMED_MESSAGE 400";
      assert.equal(codes, ["INVALID_RESPONSE 502", malformed, malformed, "INVALID_RESPONSE 502"]);
    });

    test("behind it bodies are encrypted, both ways, and errors too", async () => {
      const key = btoa("0123456789abcdef0123456789abcdef");
      const encryption = createPayloadEncryption({ keys: { k: key }, current: "k" });
      await using desk = await openDeskGateway(kind, { encryption }, { encryption });
      assert.equal((await desk.post("echo", { card: "4111" })).json, { card: "4111" });
      assert.is((await desk.post("ping")).status, 204);
      const stock = problemIn(await desk.post("order", { sku: "none" }), "OUT_OF_STOCK", 409);
      assert.equal(stock.data, { sku: "none", left: 0 });
      const keyed = await desk.post("echo", 1, { headers: { "Idempotency-Key": "k-1" } });
      assert.is(keyed.text, "1");
    });

    test("encryption behind the gateway and none at the service is refused, not passed in the open", async () => {
      const key = btoa("0123456789abcdef0123456789abcdef");
      const encryption = createPayloadEncryption({ keys: { k: key }, current: "k" });
      await using desk = await openDeskGateway(kind, { encryption });
      const answer = await desk.post("echo", { card: "4111" });
      assert.is(answer.status, 400);
      assert.equal([...desk.seen], []);
    });
  });
}
