import type { ServerResponse } from "node:http";
import * as assert from "uvu/assert";
import { type ConnectionStatus, HttpTransport, isMessagingError, MessageHeaders } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { freePort } from "../support/free-port.ts";
import { startStrangeServer } from "../support/strange-server.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import { answerJson, beginEvents, startHttpServer } from "./http-server.ts";

const subject = "orders.v1.event.moved";
const ask = { requestId: "r", timeoutMs: 2_000, operation: "a" };
const nothing = new Uint8Array(0);
const decoder = new TextDecoder();
const bearer = MessageHeaders.fromTrusted([["Authorization", "Bearer hunter2"]]);

describe("HttpTransport over a real network", (test) => {
  test("streams and requests come back when the server was killed and restarted on the same port", async () => {
    const streams: ServerResponse[] = [];
    const answer = ({ method }: { method?: string | undefined }, response: ServerResponse): void => {
      if (method === "POST") return answerJson(response, "pong");
      beginEvents(response);
      streams.push(response);
    };
    const first = await startHttpServer(answer);
    const transport = new HttpTransport({ url: first.url });
    const changes: ConnectionStatus[] = [];
    transport.onStatus((status) => changes.push(status));
    const connection = await transport.open();
    const heard: string[] = [];
    await connection.subscribe(subject, { onMessage: ({ body }) => void heard.push(decoder.decode(body)) }).ready;
    streams[0]!.write("id: aaaaaaaa-1\nsubject: moved\ndata: 1\n\n");
    await until("the first event is heard", () => heard.length === 1);
    await first.kill();
    await until("the loss is known", () => transport.status === "reconnecting");
    const error = await expectRejection(connection.request("orders.v1.request.a", nothing, ask), {
      code: "DISCONNECTED",
    });
    assert.is(isMessagingError(error) && error.execution, "unknown");
    await using second = await startHttpServer(answer, first.port);
    await until("the stream is back", () => streams.length === 2);
    streams[1]!.write("id: bbbbbbbb-1\nsubject: moved\ndata: 2\n\n");
    await until("the next event is heard", () => heard.length === 2);
    const { body } = await connection.request("orders.v1.request.a", nothing, ask);
    assert.is(decoder.decode(body), '"pong"');
    assert.equal(changes, ["connecting", "connected", "reconnecting", "connected"]);
    await connection.close();
    assert.is(second.paths.length, 2);
  });

  test("open() where nobody listens rejects with DISCONNECTED, and nothing was executed", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const error = await expectRejection(new HttpTransport({ url }).open(), { code: "DISCONNECTED" });
    assert.is(isMessagingError(error) && error.execution, "not-executed");
  });

  test("a black hole is a TIMEOUT for a request and DISCONNECTED for open(), and their sockets close", async () => {
    await using hole = await startStrangeServer();
    const url = `http://127.0.0.1:${hole.port}`;
    const start = performance.now();
    const silent = await expectRejection(new HttpTransport({ url, connectTimeoutMs: 150 }).open(), {
      code: "DISCONNECTED",
    });
    assert.is(isMessagingError(silent) && silent.execution, "not-executed");
    assert.ok(performance.now() - start < 1_000);
    await until("the socket is closed", () => hole.open < hole.taken);

    let closed = 0;
    await using server = await startHttpServer((_, response) => {
      response.once("close", () => closed++);
    });
    const connection = await new HttpTransport({ url: server.url }).open();
    const error = await expectRejection(connection.request("a.v1.request.a", nothing, { ...ask, timeoutMs: 100 }), {
      code: "TIMEOUT",
    });
    assert.is(isMessagingError(error) && error.execution, "unknown");
    await until("the request's socket is closed", () => closed === 1);
    await connection.close();
  });

  test("a cancelled request and an unsubscribed stream are told to the server: their sockets close", async () => {
    let closed = 0;
    await using server = await startHttpServer(({ method }, response) => {
      response.once("close", () => closed++);
      if (method === "GET") beginEvents(response);
    });
    const connection = await new HttpTransport({ url: server.url }).open();
    const abort = new AbortController();
    const call = connection.request("a.v1.request.a", nothing, { ...ask, signal: abort.signal });
    const subscription = connection.subscribe(subject, { onMessage() {} });
    await subscription.ready;
    await until("both are there", () => server.paths.length === 2);
    abort.abort();
    await expectRejection(call, { code: "CANCELLED" });
    await until("the server hears of it", () => closed === 1);
    subscription.unsubscribe();
    await until("the server hears of it", () => closed === 2);
    await connection.close();
  });

  test("a stream that is cut in the middle of an event gives no half event, and comes back", async () => {
    const streams: ServerResponse[] = [];
    await using server = await startHttpServer((_, response) => {
      beginEvents(response);
      streams.push(response);
    });
    const connection = await new HttpTransport({ url: server.url }).open();
    const heard: string[] = [];
    await connection.subscribe(subject, { onMessage: ({ body }) => void heard.push(decoder.decode(body)) }).ready;
    for (let count = 0; count < 5; count++) {
      await until("the stream is there", () => streams.length === count + 1);
      streams[count]!.write(`subject: moved\ndata: ${count}\n\nsubject: moved\ndata: "half of`);
      await until("the whole event is heard", () => heard.length === count + 1);
      streams[count]!.socket!.destroy();
    }
    await until("the stream is back", () => streams.length === 6);
    assert.equal(heard, ["0", "1", "2", "3", "4"]);
    await connection.close();
  });

  test("a body that comes byte by byte is read, and one that stops is ended by the deadline", async () => {
    await using server = await startHttpServer(({ url }, response) => {
      response.writeHead(200, { "Content-Type": "application/json" });
      const bytes = [...'{"é":1}'].map((letter) => Buffer.from(letter)).concat(Buffer.alloc(0));
      const stopAt = url?.endsWith("/stops") ? 3 : bytes.length;
      const next = (index: number): void => {
        if (index < stopAt) response.write(bytes[index]!, () => setImmediate(next, index + 1));
        else if (stopAt === bytes.length) response.end();
      };
      next(0);
    });
    const connection = await new HttpTransport({ url: server.url }).open();
    const { body } = await connection.request("a.v1.request.slow", nothing, ask);
    assert.is(decoder.decode(body), '{"é":1}');
    await expectRejection(connection.request("a.v1.request.stops", nothing, { ...ask, timeoutMs: 150 }), {
      code: "TIMEOUT",
    });
    await connection.close();
  });

  test("an answer that breaks off is DISCONNECTED, and nobody takes half of it for the whole", async () => {
    await using server = await startHttpServer((_, response) => {
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": "100" });
      response.write("123", () => response.socket!.destroy());
    });
    const connection = await new HttpTransport({ url: server.url }).open();
    await expectRejection(connection.request("a.v1.request.a", nothing, ask), { code: "DISCONNECTED" });
    await connection.close();
  });

  test("a redirect is not followed: the token goes nowhere else", async () => {
    const shown: unknown[] = [];
    await using elsewhere = await startHttpServer(({ headers }, response) => {
      shown.push(headers.authorization);
      answerJson(response, "stolen");
    });
    await using server = await startHttpServer(({ url }, response) => {
      response.writeHead(307, { Location: `${elsewhere.url}${url}` });
      response.end();
    });
    const connection = await new HttpTransport({ url: server.url }).open();
    await expectRejection(connection.request("a.v1.request.a", nothing, { ...ask, headers: bearer }), {
      code: "DISCONNECTED",
      message: /redirect/,
    });
    const subscription = connection.subscribe(subject, { token: "hunter2", onMessage() {} });
    await until("it was tried", () => server.paths.length >= 3);
    subscription.unsubscribe();
    await connection.close();
    assert.equal(shown, []);
  });

  test("what stands in front of a gateway is told from it: 502 with a page, and a page instead of a stream", async () => {
    await using server = await startHttpServer(({ method }, response) => {
      response.writeHead(method === "POST" ? 502 : 200, { "Content-Type": "text/html" });
      response.end("<h1>Welcome to nginx</h1>");
    });
    const connection = await new HttpTransport({ url: server.url }).open();
    const error = await expectRejection(connection.request("a.v1.request.a", nothing, ask), { code: "DISCONNECTED" });
    assert.equal(isMessagingError(error) && [error.status, error.execution], [502, "unknown"]);
    await expectRejection(connection.subscribe(subject, { onMessage() {} }).ready, { code: "MALFORMED_MESSAGE" });
    await connection.close();
  });

  test("a server that never stops answering is stopped at the limit", async () => {
    let sent = 0;
    let closed = 0;
    await using server = await startHttpServer((_, response) => {
      response.once("close", () => closed++);
      response.writeHead(200, { "Content-Type": "application/json" });
      const chunk = Buffer.alloc(64 * 1024, 0x20);
      const more = (): void => {
        if (response.destroyed) return;
        sent += chunk.length;
        response.write(chunk, more);
      };
      more();
    });
    const connection = await new HttpTransport({ url: server.url, maxMessageBytes: 1_000_000 }).open();
    await expectRejection(connection.request("a.v1.request.a", nothing, ask), { code: "PAYLOAD_TOO_LARGE" });
    await until("the server hears of it", () => closed === 1);
    assert.ok(sent < 20_000_000, `${sent} bytes`);
    await connection.close();
  });
});
