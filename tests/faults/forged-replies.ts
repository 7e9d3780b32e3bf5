import { startNatsServer } from "../support/nats-server.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { until } from "../support/until.ts";
import type { Experiment } from "./experiment.ts";
import { faultsSubjects } from "./faults-contract.ts";
import { none } from "./figures.ts";
import { bounded } from "./bounded.ts";
import { pauseMs } from "./pause-ms.ts";

const pending = 50;
const timeoutMs = 60_000;
const forged = '{"text":"forged"}';
const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
const amounts = { small: 20_000, large: 1_000_000 };

/** A5: answers from somebody who was not asked. */
export const forgedReplies: Experiment = {
  id: "A5",
  promise: "A guessed, late, second or foreign answer is never taken for the answer",
  sizes: { small: "20,000 guessed reply subjects", large: "1,000,000 guessed reply subjects" },
  contenders: ["ours", "nats.js"],
  runtimes: [],
  largeLimitMs: 200_000,
  run: async (run) => {
    await using broker = await startNatsServer({ jetstream: true });
    using honest = await RawPeer.connect(broker.port);
    using forger = await RawPeer.connect(broker.port);
    const caller = await run.contender.openCaller({ servers: [broker.url] });
    // The forger serves one request honestly, and so has seen what the caller's reply subjects are like.
    const seen: string[] = [];
    await forger.subscribe(faultsSubjects.ask, ({ replySubject, body }) => {
      seen.push(replySubject!);
      forger.publish(replySubject!, body);
    });
    const waiting: { readonly replySubject: string; readonly body: Uint8Array }[] = [];
    await honest.subscribe(faultsSubjects.order, ({ replySubject, body }) => {
      waiting.push({ replySubject: replySubject!, body: Uint8Array.from(body) });
    });
    for (let number = 0; number < 3; number++) await caller.ask("seen", { timeoutMs, idempotent: true });

    const answers = Array.from({ length: pending }, (_, number) => {
      const text = String(number);
      return caller.ask(text, { timeoutMs, idempotent: false }).then((answer) => answer === text, () => false);
    });
    await until("the requests", () => waiting.length === pending, 10_000);
    await guess(forger, seen, amounts[run.size], run.seed);
    // What the forger answered once it answers again, late, with something else.
    for (const replySubject of seen) forger.publish(replySubject, forged);
    await forger.flush();
    for (const { replySubject, body } of waiting) {
      honest.publish(replySubject, body);
      // The second answer is another one.
      honest.publish(replySubject, forged);
    }
    const right = (await Promise.all(answers)).filter(Boolean).length;
    const taken = await takesAcknowledgements(honest, caller);
    const alive = await caller.ask("alive", { timeoutMs: 3_000, idempotent: true }).then(() => 0, () => 1);
    await bounded(caller.close());
    return [
      { name: "guesses", value: amounts[run.size] },
      { name: "forged answers taken", value: pending - right, limit: none },
      { name: "a stream's acknowledgement taken for an answer", value: taken, limit: none },
      { name: "good requests without an answer afterwards", value: alive, limit: none },
    ];
  },
};

async function guess(forger: RawPeer, seen: readonly string[], guesses: number, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const last = seen.at(-1)!;
  const at = last.lastIndexOf(".") + 1;
  const [prefix, token] = [last.slice(0, at), last.slice(at)];
  for (let number = 0; number < guesses; number++) {
    // Half of them near the last one that was seen, as a counter would go on, half of them anything of its length.
    const near = number % 2 === 0;
    const changes = near ? 1 + random.below(3) : token.length;
    const guessed = [...token];
    for (let change = 0; change < changes; change++) {
      const index = near ? guessed.length - 1 - random.below(Math.min(4, guessed.length)) : change;
      guessed[index] = letters[random.below(letters.length)]!;
    }
    forger.publish(`${prefix}${guessed.join("")}`, forged);
    if (number % 5_000 === 4_999) await forger.flush();
  }
  await forger.flush();
}

/** A stream that stores requests answers them, too, and before the service does. */
async function takesAcknowledgements(
  peer: RawPeer,
  caller: { ask(text: string, options: { timeoutMs: number; idempotent: boolean }): Promise<string> },
): Promise<number> {
  await peer.request("$JS.API.STREAM.CREATE.R", `{"name":"R","subjects":["${faultsSubjects.order}"]}`);
  let taken = 0;
  for (let number = 0; number < 10; number++) {
    const outcome = await caller.ask("stored", { timeoutMs: 1_000, idempotent: false }).then(
      () => "taken",
      () => "refused",
    );
    if (outcome === "taken") taken += 1;
  }
  await peer.request("$JS.API.STREAM.DELETE.R");
  await pauseMs(10);
  return taken;
}
