// What asks may be anybody's program. Each request gets its one answer at its inbox, or none and is counted; nobody makes
// a server publish anywhere else.
import { Buffer } from "node:buffer";
import * as assert from "uvu/assert";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import type { RawPublishOptions } from "../support/raw-peer.ts";
import { keptMessages, type ServedScene, startServedScene } from "../support/served-scene.ts";
import { until } from "../support/until.ts";

interface HostileRequest {
  readonly name: string;
  readonly header?: string;
  readonly body?: string | Uint8Array;
  /** The code of the answer; absent where it is a result. */
  readonly code?: string;
}

const saySubject = "echo.v1.request.say";
const good = '{"text":"good"}';

function block(...lines: string[]): string {
  return ["NATS/1.0", ...lines, "", ""].join("\r\n");
}

const malformed = "MALFORMED_MESSAGE";
const requests: readonly HostileRequest[] = [
  { name: "a header name with a space", header: block("bad key: 1"), code: malformed },
  { name: "a header line without a colon", header: block("no-colon"), code: malformed },
  { name: "control characters in a header", header: block("a: \x00\x07\x1b[2J"), code: malformed },
  { name: "a header block of another protocol", header: "HTTP/1.1 200\r\n\r\n", code: malformed },
  { name: "100 headers", header: block(...Array.from({ length: 100 }, (_, n) => `X-${n}: 1`)), code: malformed },
  { name: "a header value of 64 KiB", header: block(`X-A: ${"a".repeat(65_536)}`), code: malformed },
  { name: "a token of 64 KiB", header: block(`Authorization: Bearer ${"a".repeat(65_536)}`), code: malformed },
  { name: "half a JSON", body: '{"text":', code: malformed },
  { name: "no JSON", body: "text", code: malformed },
  { name: "invalid UTF-8", body: Buffer.from('{"text":"\xff\xc0"}', "latin1"), code: malformed },
  { name: "a JSON nested 1,000,000 deep", body: "[".repeat(1_000_000), code: malformed },
  { name: "a key __proto__", body: '{"text":"a","__proto__":{"text":"b"}}', code: malformed },
  { name: "a key constructor", body: '{"constructor":{"prototype":{"polluted":1}}}', code: "INVALID_REQUEST" },
  { name: "no body", body: "", code: "INVALID_REQUEST" },
  { name: "another shape", body: '{"text":{}}', code: "INVALID_REQUEST" },
  { name: "another content type", header: block("Content-Type: application/octet-stream"), code: malformed },
  { name: "a content type and its charset", header: block("Content-Type: application/json; charset=utf-8") },
  { name: "Mb-Timeout NaN", header: block("Mb-Timeout: NaN") },
  { name: "Mb-Timeout -1", header: block("Mb-Timeout: -1") },
  { name: "Mb-Timeout 1e99", header: block("Mb-Timeout: 1e99") },
  { name: "Mb-Timeout Infinity", header: block("Mb-Timeout: Infinity") },
  { name: "Mb-Timeout of no number", header: block("Mb-Timeout: 0x__proto__") },
  { name: "Mb-Timeout of nothing", header: block("Mb-Timeout:") },
  { name: "Mb-Timeout that has passed", header: block("Mb-Timeout: 1e-9"), code: "TIMEOUT" },
  { name: "two Mb-Request-Id", header: block("Mb-Request-Id: a", "Mb-Request-Id: b") },
  { name: "a hostile Mb-Request-Id", header: block("Mb-Request-Id: *.>.__proto__ \t.") },
  { name: "the headers of an error", header: block("Nats-Service-Error: x", "Mb-Error: REFUSED") },
  { name: "the headers of a stream", header: block("Nats-Rollup: all", "Nats-Msg-Id: 1", "Nats-TTL: 1") },
  { name: "a broken trace", header: block("traceparent: 00-zz", "tracestate: ,,,") },
  { name: "a status line", header: "NATS/1.0 503 No Responders\r\n\r\n" },
];

const repliesThatAreNoInbox: readonly string[] = [
  "$JS.API.STREAM.PURGE.KEPT",
  "$JS.API.STREAM.DELETE.KEPT",
  "$SYS.REQ.SERVER.PING",
  saySubject,
  "echo.v1.cancel.x",
  "kept.a",
  "_INBOX.*",
  "_INBOX.>",
  "_INBOX.a.*",
  "_INBOX..a",
  "_INBOX.",
  "INBOX.a",
  "*",
  ">",
  `_INBOX.${"a".repeat(2_000)}`,
];

function withHeader(header: string | undefined): RawPublishOptions {
  return header === undefined ? {} : { header };
}

async function checkAnswer(scene: ServedScene, request: HostileRequest): Promise<void> {
  const { header, body = good, code } = request;
  const answers: { header: string | undefined; body: Buffer }[] = [];
  await scene.peer.subscribe("_INBOX.hostile.1", (message) => answers.push(message));
  scene.peer.publish(saySubject, body, { replySubject: "_INBOX.hostile.1", ...withHeader(header) });
  await until("an answer", () => answers.length > 0);
  await scene.goesOn();
  assert.is(answers.length, 1);
  assert.is(/Mb-Error: (\w+)/.exec(answers[0]!.header ?? "")?.[1], code);
  const value = JSON.parse(String(answers[0]!.body));
  if (code === undefined) assert.equal(value, { text: "good" });
  else assert.is(value.code, code);
  assert.is(scene.seen.handled, code === undefined ? 1 : 0);
}

describeWithNatsServer("a server", {}, (test) => {
  for (const request of requests) {
    test(`answers ${request.code ?? "as usual"} to ${request.name}, once`, async () => {
      await using scene = await startServedScene();
      await checkAnswer(scene, request);
    });
  }

  test("answers MALFORMED_MESSAGE to a header name with a space over a WebSocket, once", async () => {
    await using scene = await startServedScene({ url: "websocketUrl" });
    await checkAnswer(scene, requests[0]!);
  });

  test("answers nowhere but at an inbox, and counts what it dropped", async () => {
    await using scene = await startServedScene({ jetstream: true });
    await scene.peer.flush();
    const published = [undefined, ...repliesThatAreNoInbox];
    for (const replySubject of published) {
      scene.peer.publish(saySubject, good, replySubject === undefined ? {} : { replySubject });
      scene.peer.publish(saySubject, "{", { header: block("bad key: 1"), ...(replySubject && { replySubject }) });
      if (replySubject !== undefined) scene.peer.publish("$SRV.STATS.echo", "", { replySubject });
    }
    await until("the count", async () => (await scene.statistics()).num_errors === 2 * published.length);
    assert.match((await scene.statistics()).last_error, /no inbox/);
    assert.equal(scene.peer.errors, []);
    assert.is(scene.seen.handled, 0);
    await scene.goesOn();
    assert.is(await scene.keptMessages(), keptMessages);
  });

  test("answers both of two requests with one Mb-Request-Id, and a cancel by that id ends neither", async () => {
    const reasons: unknown[] = [];
    await using scene = await startServedScene({
      work: ({ text }, { signal }) => {
        if (text === "canary") return { text };
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(reasons.push(signal.reason))));
      },
    });
    const header = block("Mb-Request-Id: same", "Mb-Timeout: 60000");
    const answers = ["first", "second"].map((token) =>
      scene.peer.request(saySubject, good, header, `_INBOX.cancelled.${token}`)
    );
    await until("the handler of the first", () => scene.seen.handled === 1);
    for (const token of ["unknown", "__proto__", "constructor", "=0D=0A", "a".repeat(2_000), "SAME", "same.", "same"]) {
      scene.peer.publish(`echo.v1.cancel.${token}`, "x".repeat(1_000), { header: block("bad key: 1") });
    }
    await scene.client.request("say", { text: "canary" });
    assert.is(reasons.length, 0);
    scene.peer.publish("echo.v1.cancel.first");
    await until("the handler of the second, which waited", () => scene.seen.handled === 2);
    scene.peer.publish("echo.v1.cancel.second");
    for (const { header } of await Promise.all(answers)) assert.match(header!, /Mb-Error: CANCELLED/);
    assert.is(reasons.length, 2);
  });

  test("hears a cancel whose request id is no subject token", async () => {
    await using scene = await startServedScene({
      work: ({ text }, { signal }) => {
        if (text === "canary") return { text };
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(scene.seen.handled = -1)));
      },
    });
    const abort = new AbortController();
    const options = { signal: abort.signal, idempotencyKey: "order.7/a*>=2E", timeoutMs: 60_000 };
    const request = scene.client.request("say", { text: "long" }, options);
    await until("the handler", () => scene.seen.handled === 1);
    abort.abort();
    await expectRejection(request, { code: "CANCELLED" });
    await until("the end of the handler", () => scene.seen.handled === -1);
  });
});
