import {
  createMessagingClient,
  createMessagingServer,
  isLibraryCode,
  isMessagingError,
  NatsTransport,
  silentLogger,
} from "../../mod.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { seededRandom } from "../support/seeded-random.ts";
import type { Experiment } from "./experiment.ts";
import { faultsContract, faultsSubjects } from "./faults-contract.ts";
import { none } from "./figures.ts";

const mostCharacters = 1_024;
const mebibyte = "e".repeat(1_048_576);
const secret = "hunter2-the-password";
const stack = "Error: boom\n    at handler (/srv/app/handler.ts:1:1)";

const statusLines = ["", " 503", " 503 No Responders", " 408 x", " 404 No Messages", " 100", " 999 ?"];
const serviceErrors = ["", "failed", mebibyte.slice(0, 100_000), stack, "\u2028\u202e", "Infinity"];
const serviceCodes = ["", "NaN", "500", "-1", "1e9", "0x1f4", "503", "00000500", "[object Object]"];
const errorCodes = [
  "",
  "INTERNAL",
  "NO_RESPONDERS",
  "__proto__",
  "constructor",
  "OUT_OF_STOCK",
  "TIMEOUT",
  "hasOwnProperty",
];
const bodies = [
  "",
  "{",
  "null",
  '{"text":"good"}',
  `{"code":"INTERNAL","message":"${mebibyte}"}`,
  '{"code":"__proto__","message":{},"data":{"__proto__":{"polluted":1}},"retryAfterMs":-1}',
  '{"code":"INTERNAL","message":"m","retryable":"yes","retryAfterMs":1e308,"correlationId":{}}',
  `{"code":"BUSY","message":"busy","stack":${JSON.stringify(stack)},"retryAfterMs":99999999999}`,
];

/** A8: errors that are not what they say, and handlers that fail with what nobody may read. */
export const forgedErrors: Experiment = {
  id: "A8",
  promise: "A forged error is a typed and short one; what a handler fails with stays at the server",
  sizes: { small: "400 forged errors, 30 failing handlers", large: "5,000 forged errors, 1,000 failing handlers" },
  contenders: ["ours"],
  runtimes: [],
  largeLimitMs: 120_000,
  run: async (run) => {
    const [forgeries, failures] = run.size === "small" ? [400, 30] : [5_000, 1_000];
    const random = seededRandom(run.seed);
    await using broker = await startNatsServer({ config: "max_payload: 4MB" });
    using peer = await RawPeer.connect(broker.port);
    await peer.subscribe(faultsSubjects.ask, ({ replySubject, body }) => {
      if (String(body).includes("canary")) return peer.publish(replySubject!, body);
      const lines = [`NATS/1.0${random.pick(statusLines)}`];
      const add = (name: string, value: string): unknown => value !== "" && lines.push(`${name}: ${value}`);
      add("Nats-Service-Error", random.pick(serviceErrors).replaceAll("\n", " "));
      add("Nats-Service-Error-Code", random.pick(serviceCodes));
      add("Mb-Error", random.pick(errorCodes));
      peer.publish(replySubject!, random.pick(bodies), { header: [...lines, "", ""].join("\r\n") });
    });
    const transport = new NatsTransport({ servers: broker.url });
    await using server = createMessagingServer({ contract: faultsContract, transport, logger: silentLogger });
    server.registerHandler("order", ({ text }) => {
      throw failureOf(Number(text));
    });
    await using client = createMessagingClient({ contract: faultsContract, transport, retry: { attempts: 1 } });
    await Promise.all([client.connect(), server.start({ partial: true })]);

    const counts = { untyped: 0, long: 0, leaked: 0, dead: 0, taken: 0 };
    const look = (error: unknown): void => {
      const typed = isMessagingError(error) && isLibraryCode(error.code) && Number.isFinite(error.status);
      if (!typed) counts.untyped += 1;
      if (isMessagingError(error) && error.message.length > mostCharacters + 200) counts.long += 1;
      const shown = isMessagingError(error) ? JSON.stringify(error) : String(error);
      if (shown.includes(secret) || shown.includes("/srv/app/secret")) counts.leaked += 1;
    };
    for (let number = 0; number < forgeries; number++) {
      await client.request("ask", { text: String(number) }, { timeoutMs: 2_000 }).catch(look);
      if (number % 50 === 49) {
        await client.request("ask", { text: "canary" }, { timeoutMs: 2_000 }).catch(() => void (counts.dead += 1));
      }
    }
    for (let number = 0; number < failures; number++) {
      await client.request("order", { text: String(number) }).then(() => void (counts.taken += 1), look);
    }
    return [
      { name: "errors", value: forgeries + failures },
      { name: "without a type", value: counts.untyped, limit: none },
      { name: "longer than they may be", value: counts.long, limit: none },
      { name: "with a secret or a stack of the server", value: counts.leaked, limit: none },
      { name: "failures that came as results", value: counts.taken, limit: none },
      { name: "good requests without an answer", value: counts.dead, limit: none },
      { name: "polluted prototypes", value: "polluted" in {} ? 1 : 0, limit: none },
    ];
  },
};

/** What handlers throw: each holds a secret where somebody might look for a text to pass on. */
function failureOf(number: number): unknown {
  const error = new Error(`cannot log in as root with ${secret}`);
  error.stack = `Error: ${secret}\n    at handler (/srv/app/secret.ts:1:1)`;
  const kinds: readonly unknown[] = [
    error,
    new AggregateError([error], secret),
    Object.assign(new TypeError(secret), { code: secret, data: { secret }, status: 200 }),
    secret,
    { code: "INTERNAL", message: secret, data: secret },
    { code: "OUT_OF_STOCK", message: secret },
    new Proxy({}, {
      get: () => {
        throw error;
      },
    }),
    Promise.reject(error),
    null,
    undefined,
    Symbol(secret),
    new Error("wrapped", { cause: error }),
  ];
  const failure = kinds[number % kinds.length];
  for (const kind of kinds) if (kind instanceof Promise) kind.catch(() => {});
  return failure;
}
