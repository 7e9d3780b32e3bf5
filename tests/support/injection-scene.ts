import process from "node:process";
import * as assert from "uvu/assert";
import { NatsTransport } from "../../mod.ts";
import { connectEcho, serveEcho } from "./echo.ts";
import { hostileStrings } from "./hostile-strings.ts";
import { startNatsServer } from "./nats-server.ts";
import { Silence } from "./silence.ts";
import { SubjectSpy } from "./subject-spy.ts";

/** What the strings are made from; set it to run the same strings again. */
export const injectionSeed: number = Number(process.env["TEST_SEED"] ?? 20_261_123);
/** The strings that every injection test passes through the API. */
export const injectionStrings: readonly string[] = hostileStrings(500, injectionSeed);

/** A string is refused at once; none of these codes is a refusal. */
export const promptly: { readonly deadlineMs: number; readonly wrongCodes: readonly string[] } = {
  deadlineMs: 3_000,
  wrongCodes: ["TIMEOUT", "DISCONNECTED", "NO_RESPONDERS", "INTERNAL"],
};

const token = "[A-Za-z0-9_-]+";
const escaped = "(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+";
const event = `event\\.(?:heard|moved\\.${escaped}\\.${escaped})`;
const expectedSubjects: readonly RegExp[] = [
  new RegExp(`^(?:${token}\\.)*echo\\.v1\\.(?:request\\.(?:say|ask)|${event}|cancel\\.${escaped})$`),
  new RegExp(`^_INBOX\\.${token}\\.${token}$`),
];

/** Whether the echo contract sends to such a subject, with whatever fields, keys and namespaces. */
export function isEchoSubject(subject: string): boolean {
  return expectedSubjects.some((pattern) => pattern.test(subject));
}

/** A call of the API past its types. */
export type AnyCall = (...values: unknown[]) => Promise<unknown>;

/** A broker with a spy, one connection to it, and a server and a client that share it. */
export async function startInjectionScene(expected: (subject: string) => boolean = isEchoSubject) {
  const broker = await startNatsServer({ websocket: true });
  const spy = await SubjectSpy.start(broker.port, expected);
  const transport = new NatsTransport({ servers: broker.url });
  const server = await serveEcho(transport);
  const client = await connectEcho(transport);
  const silence = new Silence();
  return {
    broker,
    transport,
    server,
    client,
    canary: async () => assert.equal(await client.request("say", { text: "canary" }), { text: "canary" }),
    /** Says what came of it, once nothing bad did. */
    finish: async (what: string, tried: object) => {
      await client.request("say", { text: "last" });
      await spy.catchUp();
      assert.equal(spy.unexpected, []);
      assert.equal(silence.broken, []);
      assert.is(client.status, "connected");
      // An introduction of more than 4,096 bytes ends its own connection; nothing else is an error to the broker.
      const log = broker.log.text.replaceAll(/^.*\[ERR\].*maximum control line.*$/gim, "");
      assert.not.match(log, /\[ERR\]|parse error|protocol/i);
      silence[Symbol.dispose]();
      console.log(`${what}, seed ${injectionSeed}, ${spy.heard} messages heard: ${JSON.stringify(tried)}`);
    },
    [Symbol.asyncDispose]: async () => {
      silence[Symbol.dispose]();
      spy[Symbol.dispose]();
      await Promise.all([client.disconnect(), server.stop()]);
      await broker.stop();
    },
  };
}
