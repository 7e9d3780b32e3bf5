import { RawPeer } from "../support/raw-peer.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { SubjectSpy } from "../support/subject-spy.ts";
import { bounded } from "./bounded.ts";
import type { Experiment } from "./experiment.ts";
import { faultsSubjects } from "./faults-contract.ts";
import { none } from "./figures.ts";
import { pauseMs } from "./pause-ms.ts";

const keptMessages = 5;
const good = '{"text":"good"}';
const badHeader = "NATS/1.0\r\nbad key: 1\r\n\r\n";

/** Where nobody may make a service publish. */
const forbidden: readonly string[] = [
  "$JS.API.STREAM.PURGE.KEPT",
  "$JS.API.STREAM.DELETE.KEPT",
  "$JS.ACK.KEPT.c.1.1.1.1.1",
  "$SYS.REQ.SERVER.PING",
  faultsSubjects.ask,
  faultsSubjects.order,
  faultsSubjects.ticked,
  "faults.v1.cancel.x",
  "faults.ask",
  "kept.a",
  "admin.command",
  "INBOX.a.b",
  "inbox.a",
  "x_INBOX.a",
  "$KV.bucket.key",
  "_GR_.x",
];

/** A4: requests whose answer would be a command somewhere else. */
export const replySubjects: Experiment = {
  id: "A4",
  promise: "Nobody makes a service publish anywhere but at an inbox",
  sizes: { small: "200 reply subjects", large: "2,000 reply subjects" },
  contenders: ["ours", "nats.js"],
  runtimes: [],
  largeLimitMs: 60_000,
  run: async (run) => {
    const count = run.size === "small" ? 200 : 2_000;
    await using broker = await startNatsServer({ jetstream: true });
    using peer = await RawPeer.connect(broker.port);
    await peer.request("$JS.API.STREAM.CREATE.KEPT", '{"name":"KEPT","subjects":["kept.*"]}');
    for (let message = 0; message < keptMessages; message++) await peer.request("kept.it", "x");
    let handled = 0;
    const service = await run.contender.openService({ servers: [broker.url] }, (text) => {
      handled += 1;
      return text;
    });
    const published = new Map<string, number>();
    const sentToService = new Set([faultsSubjects.order as string]);
    using spy = await SubjectSpy.start(broker.port, (subject) => {
      // The broker's own words about a connection are none of the service's.
      return /^_INBOX\.|^\$(?:SRV|JS\.EVENT)\./.test(subject) ||
        sentToService.has(subject) && takes(published, subject);
    });
    const subjects = [...forbidden, ...madeUp(count - forbidden.length, run.seed)];
    for (const replySubject of subjects) {
      published.set(faultsSubjects.order, (published.get(faultsSubjects.order) ?? 0) + 2);
      peer.publish(faultsSubjects.order, good, { replySubject });
      peer.publish(faultsSubjects.order, good, { replySubject, header: badHeader });
    }
    await peer.flush();
    // A loop of a service that answers itself would go on by now.
    await pauseMs(300);
    published.set(faultsSubjects.order, (published.get(faultsSubjects.order) ?? 0) + 1);
    const served = await Promise.race([
      peer.request(faultsSubjects.order, good, undefined, "_INBOX.a4.canary").then(() => true),
      pauseMs(2_000).then(() => false),
    ]);
    await Promise.race([spy.catchUp(), pauseMs(2_000)]);
    const elsewhere = spy.unexpected.length;
    const kept = await Promise.race([peer.request("$JS.API.STREAM.INFO.KEPT"), pauseMs(2_000)]);
    const messages = kept === undefined ? 0 : JSON.parse(String(kept.body)).state?.messages as number ?? 0;
    await bounded(service.stop(100));
    return [
      { name: "requests", value: subjects.length * 2 },
      { name: "published elsewhere", value: elsewhere, limit: none },
      { name: "handlers run for nobody", value: Math.max(0, handled - 1), limit: none },
      { name: "messages purged or added", value: Math.abs(keptMessages - messages), limit: none },
      { name: "good requests without an answer", value: served ? 0 : 1, limit: none },
    ];
  },
};

/** What was published by the experiment itself is expected, once. */
function takes(published: Map<string, number>, subject: string): boolean {
  const left = published.get(subject) ?? 0;
  published.set(subject, left - 1);
  return left > 0;
}

function madeUp(count: number, seed: number): string[] {
  const random = seededRandom(seed);
  const starts = [
    "$JS.API.",
    "$SYS.",
    "$KV.",
    "admin.",
    "kept.",
    "orders.v1.request.",
    "faults.v1.event.",
    "_inbox.",
    "",
  ];
  const letters = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=$"];
  const token = (): string => Array.from({ length: 1 + random.below(24) }, () => random.pick(letters)).join("");
  return Array.from({ length: Math.max(0, count) }, () => {
    const tokens = Array.from({ length: 1 + random.below(4) }, token).join(".");
    // An inbox is the one place where an answer belongs.
    return `${random.pick(starts)}${tokens}`.replace(/^_(?:INBOX|R_)/, "x");
  });
}
