import { startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";
import { bounded } from "./bounded.ts";
import type { Caller, Contender, Service } from "./contender.ts";
import type { Experiment } from "./experiment.ts";
import { type Figure, none } from "./figures.ts";

const toldLimitMs = 100;
const healLimitMs = 5_000;
const askMs = 2_000;

const everything = `{ publish: ">", subscribe: ">" }`;
const operations = `["faults.v1.request.>", "faults.v1.event.>"]`;
const nothing = `{ publish: { deny: ${operations} }, subscribe: { deny: ${operations} } }`;
const noAnswers = `{ publish: { deny: "_INBOX.>" }, subscribe: ">" }`;

function users(low: string, mute: string): string {
  return `authorization { users = [
  { user: admin, password: a, permissions: ${everything} }
  { user: low, password: l, permissions: ${low} }
  { user: mute, password: m, permissions: ${mute} }
] }`;
}

interface Denied {
  readonly operation: string;
  /** How long it took to be told; infinite where nothing was told. */
  readonly toldMs: number;
  /** Whether what was told says that nothing was done. */
  readonly labelled: boolean;
}

/** F16: a user of the broker who may do nothing of what it does. */
export const deniedPermissions: Experiment = {
  id: "F16",
  promise:
    "What the broker denies is a typed error at once or a line in the server's log, and heals when it is granted",
  sizes: {
    small: "request, event, subscription, service, answer",
    large: "request, event, subscription, service, answer",
  },
  contenders: ["ours", "nats.js"],
  runtimes: [],
  largeLimitMs: 60_000,
  run: async (run) => {
    const { contender } = run;
    await using broker = await startNatsServer({ config: users(nothing, noAnswers) });
    const servers = [broker.url];
    const as = (user: string) => ({ servers, user, password: user[0]! });
    const served = await contender.openService(as("admin"), (text) => text);
    const low = await contender.openCaller(as("low"));
    const admin = await contender.openCaller(as("admin"));
    let heard = 0;
    const services: Service[] = [served];
    const denied: Denied[] = [
      await denial("request", contender, () => low.ask("?", { timeoutMs: askMs, idempotent: false })),
      await denial("event", contender, () => low.tell(1)),
      await denial("subscription", contender, () => low.hear(() => heard += 1)),
      await denial("service", contender, async () => {
        services.push(await contender.openService(as("low"), (text) => text));
      }),
    ];
    await bounded(served.stop(100));
    const answer = await deniedAnswer(contender, as("mute"), admin, services);

    await broker.reload(users(everything, everything));
    const healed = {
      request: await heals(() => low.ask("?", { timeoutMs: 500, idempotent: true })),
      event: await heals(() => low.tell(2)),
      subscription: await heals(async () => {
        await admin.tell(3);
        await until("an event", () => heard > 0, 200);
      }),
    };
    await Promise.all([low, admin].map((caller) => bounded(caller.close())));
    await Promise.all(services.map((service) => bounded(service.stop(100))));
    const unhealed = Object.values(healed).filter((healedMs) => healedMs > healLimitMs).length;
    return [
      ...denied.map(({ operation, toldMs }): Figure => ({
        name: `denied ${operation} told after`,
        value: toldMs,
        unit: "ms",
        limit: { atMost: run.size === "small" ? 10 * toldLimitMs : toldLimitMs },
      })),
      { name: "denials without a label", value: denied.filter(({ labelled }) => !labelled).length, limit: none },
      { name: "denied answers not logged by the server", value: answer.logged ? 0 : 1, limit: none },
      { name: "not healed within 5 s", value: unhealed, limit: none },
    ];
  },
};

async function denial(operation: string, contender: Contender, run: () => Promise<unknown>): Promise<Denied> {
  const start = performance.now();
  try {
    await run();
    return { operation, toldMs: Infinity, labelled: false };
  } catch (error) {
    const { code, ending } = contender.told(error);
    const wasTold = code !== "TIMEOUT" && code !== "TimeoutError";
    return { operation, toldMs: wasTold ? performance.now() - start : Infinity, labelled: ending === "failed" };
  }
}

/** A service that may not answer: its caller can only wait, so the service's log has to say so. */
async function deniedAnswer(
  contender: Contender,
  choice: Parameters<Contender["openService"]>[0],
  admin: Caller,
  services: Service[],
): Promise<{ readonly logged: boolean }> {
  const log: string[] = [];
  services.push(await contender.openService({ ...choice, onLog: (text) => log.push(text) }, (text) => text));
  const asking = admin.ask("?", { timeoutMs: askMs, idempotent: false }).catch(() => {});
  const logged = await until(
    "the log",
    () => log.some((line) => /refuse|permission|denied|FORBIDDEN/i.test(line)),
    askMs,
  )
    .then(() => true, () => false);
  await asking;
  return { logged };
}

async function heals(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  while (performance.now() - start < healLimitMs) {
    const worked = await run().then(() => true, () => false);
    if (worked) return performance.now() - start;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return Infinity;
}
