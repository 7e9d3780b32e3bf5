// What a connection says of itself is text too. Every line that the library writes is recorded on its way to a real
// broker: there is one CONNECT with the text in it, and no line that was not meant.
import * as assert from "uvu/assert";
import { type NatsCredentials, NatsTransport, type NatsTransportOptions } from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { connectEcho } from "../support/echo.ts";
import { injectionStrings, startInjectionScene } from "../support/injection-scene.ts";
import { type RecordingProxy, startRecordingProxy } from "../support/recording-proxy.ts";
import { describe } from "../support/suite.ts";
import { type StringSink, tryStrings } from "../support/try-strings.ts";

const knownLine = /^(?:CONNECT \{[^]*\}|PING|PONG|SUB _INBOX[\w.=-]*\.[\w-]{22}\.\* 1|UNSUB \d+)$/;
// The broker takes an introduction of at most 4,096 bytes and ends the connection after a longer one.
const patiently = { deadlineMs: 5_000, wrongCodes: ["TIMEOUT", "NO_RESPONDERS", "INTERNAL", "CANCELLED"] };
const seed = "SUANQDPB2RUOE4ETUA26CNX7FUKE5ZZKFCQIIW63OX225F2CO7UEXTM7ZY";

/** Connects through the proxy, leaves, and gives what `CONNECT` said. */
async function introduce(proxy: RecordingProxy, options: NatsTransportOptions): Promise<Record<string, unknown>> {
  const already = proxy.connections;
  const servers = `nats://127.0.0.1:${proxy.port}`;
  try {
    const connection = await new NatsTransport({ servers, connectTimeoutMs: 2_000, ...options }).open();
    await connection.close();
  } finally {
    for (const text of proxy.sent(already)) {
      for (const line of text.split(/\r\n|\n|\r/)) {
        assert.ok(line === "" || knownLine.test(line), `sent ${JSON.stringify(line)}`);
      }
    }
  }
  return JSON.parse(/^CONNECT ([^\r\n]*)/.exec(proxy.sent(already)[0]!)![1]!);
}

/** One way to show who connects. */
function credentials(name: string, of: (text: string) => NatsCredentials, fields: (text: string) => object) {
  return { name, of, fields };
}

const kinds = [
  credentials("user and password", (text) => ({ user: text, password: text }), (text) => ({ user: text, pass: text })),
  credentials("token", (token) => ({ token: () => Promise.resolve(token) }), (token) => ({ auth_token: token })),
  credentials("jwt", (jwt) => ({ jwt, nkeySeed: seed }), (jwt) => ({ jwt })),
  credentials("nkeySeed", (nkeySeed) => ({ nkeySeed }), () => ({ refused: true })),
  credentials("nkeySeed with jwt", (nkeySeed) => ({ jwt: "jwt", nkeySeed }), () => ({ refused: true })),
  credentials("creds", (creds) => ({ creds }), () => ({ refused: true })),
];

describeWithNatsServer("500 hostile strings", {}, (test) => {
  for (const { name, of, fields } of kinds) {
    test(`as ${name} stay in the introduction or are refused`, { timeoutMs: 60_000 }, async () => {
      await using scene = await startInjectionScene();
      await using proxy = await startRecordingProxy(scene.broker.port);
      const pass = async (text: string) => {
        const said = await introduce(proxy, { authentication: of(text) });
        for (const [field, value] of Object.entries(fields(text))) {
          assert.equal(said[field], value);
        }
      };
      await scene.finish(name, await tryStrings(injectionStrings, [{ name, pass }], scene.canary, patiently));
    });
  }

  test("as names and inbox prefixes stay where they belong or are refused", { timeoutMs: 60_000 }, async () => {
    await using scene = await startInjectionScene();
    await using proxy = await startRecordingProxy(scene.broker.port);
    const sinks: StringSink[] = [
      { name: "name", pass: async (name) => assert.is((await introduce(proxy, { name }))["name"], name) },
      { name: "inboxPrefix", pass: (inboxPrefix) => introduce(proxy, { inboxPrefix }) },
      { name: "end of inboxPrefix", pass: (text) => introduce(proxy, { inboxPrefix: `_INBOX${text}` }) },
    ];
    for (const sink of sinks) {
      await scene.finish(sink.name, await tryStrings(injectionStrings, [sink], scene.canary, patiently));
    }
  });

  test("as server URLs are refused or dialled as what they say", { timeoutMs: 60_000 }, async () => {
    await using scene = await startInjectionScene();
    const { port, websocketPort } = scene.broker;
    const open = (servers: string) => async () => {
      await using client = await connectEcho(new NatsTransport({ servers, connectTimeoutMs: 200 }));
      assert.equal(await client.request("say", { text: "x" }), { text: "x" });
    };
    const sinks: StringSink[] = [
      { name: "URL", pass: (text) => open(text)() },
      { name: "host", pass: (text) => open(`nats://${text}:${port}`)() },
      { name: "end", pass: (text) => open(`nats://127.0.0.1:${port}${text}`)() },
      { name: "WebSocket path", pass: (text) => open(`ws://127.0.0.1:${websocketPort}/${text}`)() },
    ];
    await scene.finish("server URLs", await tryStrings(injectionStrings, sinks, scene.canary, patiently));
  });
});

describe("NatsTransport", (test) => {
  test("refuses texts where durations and counts belong", () => {
    for (const text of injectionStrings) {
      for (const name of ["connectTimeoutMs", "pingIntervalMs", "maxPingsOut"]) {
        assert.throws(
          () => new NatsTransport({ [name]: text } as object),
          (error: unknown) => error instanceof TypeError,
        );
      }
    }
  });
});
