import { createMessagingClient, createMessagingServer, NatsTransport } from "../../../mod.ts";
import { createPayloadEncryption } from "../../../src/security/create-payload-encryption.ts";
import { startNatsServer } from "../../support/nats-server.ts";
import { RawPeer } from "../../support/raw-peer.ts";
import { until } from "../../support/until.ts";
import type { Experiment } from "../experiment.ts";
import { none } from "../figures.ts";
import { percentile } from "../percentile.ts";
import { parcels } from "./parcels-contract.ts";

const subject = "parcels.v1.event.moved";
const amounts = { small: { good: 500, each: 5, rounds: 1 }, large: { good: 20_000, each: 50, rounds: 5 } };
/** Events of this key have a handler that throws until it is mended. */
const brokenKey = "broken";

interface Poison {
  readonly reason: string;
  /** Whether a new handler, or a new key, can make something of it. */
  readonly curable: boolean;
  /** What is written in front of the body; `undefined` for no header block. */
  readonly header?: string;
  readonly body: (id: number) => string;
}

const json = (id: number, key: string): string => JSON.stringify({ id, key });
const kinds: readonly Poison[] = [
  { reason: "INVALID_EVENT", curable: false, body: (id) => JSON.stringify({ id: String(id), key: "schema" }) },
  { reason: "MALFORMED_MESSAGE", curable: false, body: (id) => `{"id":${id},` },
  {
    reason: "MALFORMED_MESSAGE",
    curable: false,
    header: "NATS/1.0\r\nno colon in this line\r\n\r\n",
    body: (id) => json(id, "header"),
  },
  {
    reason: "DECRYPTION_FAILED",
    curable: false,
    header: "NATS/1.0\r\nMb-Encryption: v1;A256GCM;kid=k\r\n\r\n",
    body: (id) => `${"x".repeat(40)}${id}`,
  },
  { reason: "INTERNAL", curable: true, body: (id) => json(id, brokenKey) },
];

/** D3: events that cannot be handled, among those that can. */
export const poisonEvents: Experiment = {
  id: "D3",
  promise: "An event that cannot be handled becomes a dead letter once, with its reason, and holds nobody up",
  sizes: {
    small: "500 events, 5 of each of 5 kinds of poison",
    large: "20,000 events, 50 of each of 5 kinds of poison",
  },
  contenders: ["ours"],
  runtimes: [],
  largeLimitMs: 120_000,
  run: async ({ size }) => {
    const { good, each, rounds } = amounts[size];
    await using broker = await startNatsServer({ jetstream: true });
    const encryption = createPayloadEncryption({
      keys: { k: btoa("0123456789abcdef0123456789abcdef") },
      current: "k",
      required: false,
    });
    const transport = new NatsTransport({ servers: broker.url });
    await using server = createMessagingServer({ contract: parcels, transport });
    await server.start();
    await using client = createMessagingClient({ contract: parcels, transport, encryption });
    await client.connect();
    await tell(server, 1, good);
    await tellWithPoison(server, broker.port, good, each);

    let mended = false;
    const cured = new Set<number>();
    const onBroken = (id: number): void => {
      if (!mended) throw new Error("not yet");
      cured.add(id);
    };
    const rates = { without: [] as number[], with: [] as number[] };
    const subscriptions: Handled[] = [];
    for (let round = 0; round < rounds; round++) {
      const without = await handleAll(client, `without-${round}`, 1, good);
      await without.stop();
      rates.without.push(without.perSecond);
      const withPoison = await handleAll(client, `with-${round}`, good + 1, 2 * good, onBroken);
      rates.with.push(withPoison.perSecond);
      subscriptions.push(withPoison);
      // The others were measured only.
      if (round > 0) await withPoison.stop();
    }
    const wanted = kinds.length * each;
    const letters = async () => {
      const found = [];
      for await (const letter of client.deadLetters("moved", { durable: "with-0" })) found.push(letter);
      return found;
    };
    await until("every poison is a dead letter", async () => (await letters()).length >= wanted, 20_000);
    const found = await letters();
    const places = new Set(found.map(({ sequence }) => sequence));
    const wrong = [...new Set(kinds.map(({ reason }) => reason))].filter((reason) =>
      found.filter((letter) => letter.reason === reason).length !==
        each * kinds.filter((kind) => kind.reason === reason).length
    );
    mended = true;
    for (const letter of found) await (letter.reason === "INTERNAL" ? letter.redrive() : letter.discard());
    await until("what was sent again is handled", () => cured.size >= each, 20_000);
    await subscriptions[0]!.stop();
    return [
      { name: "poison", value: wanted },
      { name: "dead letters", value: found.length, limit: { atLeast: wanted, atMost: wanted } },
      { name: "buried twice", value: found.length - places.size, limit: none },
      { name: "reasons that are wrong", value: wrong.length, limit: none },
      {
        name: "throughput of the good ones to that without poison",
        value: percentile(rates.with, 50) * 100 / percentile(rates.without, 50),
        unit: "%",
        limit: { atLeast: 90, largeOnly: true },
      },
      { name: "handled when sent again", value: cured.size, limit: { atLeast: each, atMost: each } },
      { name: "dead letters left", value: (await letters()).length, limit: none },
    ];
  },
};

type Client = ReturnType<typeof createMessagingClient<typeof parcels>>;
type Server = ReturnType<typeof createMessagingServer<typeof parcels>>;

async function tell(server: Server, first: number, last: number): Promise<void> {
  await Promise.all(Array.from({ length: last - first + 1 }, (_, index) => {
    return server.broadcast("moved", { id: first + index, key: "good" });
  }));
}

async function tellWithPoison(server: Server, port: number, good: number, each: number): Promise<void> {
  using peer = await RawPeer.connect(port);
  const share = good / each;
  for (let id = 1; id <= each; id++) {
    for (const { header, body } of kinds) {
      peer.publish(subject, body(-id), header === undefined ? {} : { header });
    }
    await peer.flush();
    await tell(server, good + 1 + (id - 1) * share, good + id * share);
  }
}

interface Handled {
  readonly perSecond: number;
  stop(): Promise<void>;
}

/** Handles the good events of these ids, and gives how fast: none is missing when it resolves. */
async function handleAll(
  client: Client,
  durable: string,
  first: number,
  last: number,
  onBroken: (id: number) => void = () => {},
): Promise<Handled> {
  const handled = new Set<number>();
  const startedAt = performance.now();
  const subscription = client.subscribe("moved", {
    durable,
    // The first event of each part: both handle the same number of good ones.
    from: first,
    concurrency: 32,
    backoffMs: [20],
    onError: () => {},
  }, async ({ id, key }) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (key === brokenKey) onBroken(id);
    else if (id >= first && id <= last) handled.add(id);
  });
  const wanted = last - first + 1;
  await until("all good events are handled", () => handled.size >= wanted, 60_000);
  const perSecond = wanted * 1_000 / (performance.now() - startedAt);
  return { perSecond, stop: () => subscription.unsubscribe() };
}
