// What answers a request may be anybody's program. One bad answer hurts the one request it answers, and nothing else.
import { Buffer } from "node:buffer";
import * as assert from "uvu/assert";
import { isMessagingError, type MessagingError, NatsTransport } from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { connectEcho, serveEcho } from "../support/echo.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { type RawMessage, RawPeer } from "../support/raw-peer.ts";
import { Silence } from "../support/silence.ts";

interface HostileAnswer {
  readonly name: string;
  readonly header?: string;
  readonly body?: string | Uint8Array;
  /** What the request must reject with. */
  readonly code: string;
  readonly execution?: "unknown" | "executed" | "not-executed";
}

const mebibyte = 1024 * 1024;
const laterRequests = 1_000;
const askSubject = "echo.v1.request.ask";
const good = '{"text":"good"}';

function block(...lines: string[]): string {
  return ["NATS/1.0", ...lines, "", ""].join("\r\n");
}

const unreadable = { code: "MALFORMED_MESSAGE", execution: "unknown" } as const;
const deep = 500_000;
const answers: readonly HostileAnswer[] = [
  { name: "a header name with a space", header: block("bad key: 1"), body: good, ...unreadable },
  { name: "a header name with a space and no body", header: block("bad key: 1"), ...unreadable },
  { name: "a header line without a colon", header: block("no-colon"), body: good, ...unreadable },
  { name: "a header line with an empty name", header: block(": value"), body: good, ...unreadable },
  { name: "control characters in a header name", header: block("a\x00b: 1"), body: good, ...unreadable },
  { name: "control characters in a header value", header: block("a: 1\x07\x1b[2J"), body: good, ...unreadable },
  { name: "a line feed alone in a header value", header: block("a: 1\nb: 2"), body: good, ...unreadable },
  { name: "a header block of another protocol", header: "HTTP/1.1 200\r\n\r\n", body: good, ...unreadable },
  { name: "a header block that never ends", header: "NATS/1.0\r\na", body: good, ...unreadable },
  {
    name: "1 MiB of error text in a header",
    header: block(`Nats-Service-Error: ${"e".repeat(mebibyte)}`, "Nats-Service-Error-Code: 500"),
    ...unreadable,
  },
  {
    name: "1 MiB of error text in its body",
    header: block("Nats-Service-Error: failed", "Nats-Service-Error-Code: 500", "Mb-Error: INTERNAL"),
    body: JSON.stringify({ code: "INTERNAL", message: "e".repeat(mebibyte) }),
    code: "INTERNAL",
    execution: "unknown",
  },
  { name: "10,000 headers", header: block(...Array(10_000).fill("a: 1")), body: good, ...unreadable },
  { name: "the words of a stream", body: '{"stream":"R","seq":1}', code: "INVALID_RESPONSE", execution: "unknown" },
  { name: "invalid UTF-8", body: Buffer.from('{"text":"\xff\xc0"}', "latin1"), ...unreadable },
  { name: "half a JSON", body: good.slice(0, -1), ...unreadable },
  { name: "a JSON nested 1,000,000 deep", body: "[".repeat(deep * 2), ...unreadable },
  { name: "a sound JSON nested 500,000 deep", body: "[".repeat(deep) + "]".repeat(deep), ...unreadable },
  { name: "a key __proto__", body: '{"text":"a","__proto__":{"text":"b"}}', ...unreadable },
  { name: "an escaped key __proto__", body: '{"text":"a","\\u005f_proto__":{"text":"b"}}', ...unreadable },
  { name: "another shape", body: '{"text":7}', code: "INVALID_RESPONSE", execution: "executed" },
  {
    name: "an error status that is no number",
    header: block("Nats-Service-Error: failed", "Nats-Service-Error-Code: NaN"),
    code: "INTERNAL",
    execution: "unknown",
  },
  {
    name: "an error code that is a property of every object",
    header: block("Nats-Service-Error-Code: 409", "Mb-Error: __proto__"),
    body: '{"code":"constructor","message":"m","data":{"__proto__":{"a":1}},"retryAfterMs":-1}',
    code: "INTERNAL",
    execution: "unknown",
  },
  {
    name: "data that does not fit its error",
    header: block("Nats-Service-Error-Code: 409", "Mb-Error: REFUSED"),
    body: '{"code":"REFUSED","message":"m","data":{"text":7}}',
    code: "INVALID_RESPONSE",
    execution: "executed",
  },
  { name: "a forged 503", header: "NATS/1.0 503\r\n\r\n", code: "NO_RESPONDERS", execution: "not-executed" },
  {
    name: "a forged 503 with a text",
    header: "NATS/1.0 503 x\r\n\r\n",
    code: "NO_RESPONDERS",
    execution: "not-executed",
  },
  { name: "a status and no body", header: "NATS/1.0 408\r\n\r\n", code: "INVALID_RESPONSE", execution: "executed" },
];

/** A broker, a good service, and a peer that answers `ask` as the test says. */
async function startScene(
  url: "url" | "websocketUrl",
  answer: (peer: RawPeer, message: RawMessage) => void,
  jetstream = false,
) {
  const broker = await startNatsServer({ websocket: true, jetstream, config: "max_payload: 4MB" });
  const service = await serveEcho(new NatsTransport({ servers: broker.url }), { queueLimit: laterRequests });
  const peer = await RawPeer.connect(broker.port);
  await peer.subscribe(askSubject, (message) => answer(peer, message));
  const client = await connectEcho(new NatsTransport({ servers: broker[url] }), { timeoutMs: 5_000 });
  const silence = new Silence();
  return {
    broker,
    peer,
    client,
    ask: () => client.request("ask", { text: "?" }, { timeoutMs: 1_000 }),
    /** Later requests of the same connection all get their own answers, and nothing was said or complained about. */
    goesOn: async () => {
      const numbers = Array.from({ length: laterRequests }, (_, number) => String(number));
      const replies = await Promise.all(numbers.map((text) => client.request("say", { text })));
      assert.equal(replies.map(({ text }) => text), numbers);
      assert.is(client.status, "connected");
      assert.equal(silence.broken, []);
      assert.equal(peer.errors, []);
    },
    [Symbol.asyncDispose]: async () => {
      silence[Symbol.dispose]();
      peer.close();
      await Promise.all([client.disconnect(), service.stop()]);
      await broker.stop();
    },
  };
}

function answerWith({ header, body = "" }: Pick<HostileAnswer, "header" | "body">) {
  return (peer: RawPeer, { replySubject }: RawMessage) =>
    peer.publish(replySubject!, body, header === undefined ? {} : { header });
}

function checkError(error: unknown, { code, execution }: HostileAnswer): void {
  assert.ok(isMessagingError(error, code), String(error));
  assert.is((error as MessagingError).execution, execution);
  assert.is((error as MessagingError).operation, "ask");
  assert.ok((error as MessagingError).message.length < 2_000);
}

describeWithNatsServer("request()", {}, (test) => {
  for (const answer of answers) {
    test(`rejects with ${answer.code} for ${answer.name}, and goes on`, async () => {
      await using scene = await startScene("url", answerWith(answer));
      checkError(await expectRejection(scene.ask()), answer);
      await scene.goesOn();
    });
  }

  for (const answer of answers.filter(({ name }) => /header name|1 MiB|forged|deep/.test(name))) {
    test(`rejects with ${answer.code} for ${answer.name} over a WebSocket, and goes on`, async () => {
      await using scene = await startScene("websocketUrl", answerWith(answer));
      checkError(await expectRejection(scene.ask()), answer);
      await scene.goesOn();
    });
  }

  test("takes the first of two answers, and goes on", async () => {
    await using scene = await startScene("url", (peer, { replySubject }) => {
      peer.publish(replySubject!, '{"text":"first"}');
      peer.publish(replySubject!, '{"text":"second"}');
      peer.publish(replySubject!, "", { header: block("bad key: 1") });
    });
    assert.equal(await scene.ask(), { text: "first" });
    await scene.goesOn();
  });

  test("names the stream that stores its subject, and goes on", async () => {
    await using scene = await startScene("url", () => {}, true);
    const stream = JSON.stringify({ name: "CAPTURES", subjects: [askSubject] });
    const created = await scene.peer.request("$JS.API.STREAM.CREATE.CAPTURES", stream);
    assert.match(String(created.body), /"messages":0/);
    const error = await expectRejection(scene.ask(), { code: "INVALID_RESPONSE", message: /stream "CAPTURES"/ });
    assert.is((error as MessagingError).execution, "unknown");
    await scene.goesOn();
  });

  test("takes a result that looks like a stream's words when the service says that it is its own", async () => {
    await using scene = await startScene("url", answerWith({ header: block("Mb-Contract: echo@1.0.0"), body: good }));
    assert.equal(await scene.ask(), { text: "good" });
  });
});
