import { makeJwtIdentities } from "../support/nats-identities.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import { bounded } from "./bounded.ts";
import { type CredentialCaller, type CredentialSource, openCredentialCaller } from "./credential-contender.ts";
import type { Experiment, ExperimentRun } from "./experiment.ts";
import { none } from "./figures.ts";
import { pauseMs } from "./pause-ms.ts";

const lifeMs = 3_000;
const perSecond = 20;
const askMs = 5_000;
const recoverLimitMs = 10_000;
const amounts = {
  small: { rotations: 2, lateMs: 1_000, wrongMs: 1_500 },
  large: { rotations: 100, lateMs: 2_000, wrongMs: 30_000 },
};

/** What came of one kind of trouble. */
interface Trouble {
  /** How many requests failed although the credentials were good in time. */
  readonly failed: number;
  readonly gaveUp: boolean;
  readonly recovered: boolean;
}

/** F17: credentials that expire, come late, fail to come, or are wrong for a while. */
export const credentialRotation: Experiment = {
  id: "F17",
  promise: "Credentials that expire, come late or are wrong for a while never end a connection for good",
  sizes: {
    small: "JWTs of 3 s, 2 rotations; 1 s late; source fails; wrong password for 1.5 s, twice",
    large: "JWTs of 3 s, 100 rotations; 2 s late; source fails; wrong password for 30 s, twice",
  },
  contenders: ["ours", "nats.js"],
  runtimes: [],
  largeLimitMs: 600_000,
  run: async (run) => {
    const [rotated, late, failing, wrong] = await Promise.all([
      rotate(run),
      comeLate(run, "late"),
      comeLate(run, "failing"),
      beWrong(run),
    ]);
    const all = [rotated, late, failing, wrong];
    return [
      { name: "rotations", value: amounts[run.size].rotations },
      { name: "failed requests while refreshed in time", value: rotated.failed, limit: none },
      { name: "given up for good", value: all.filter(({ gaveUp }) => gaveUp).length, limit: none },
      { name: "not recovered within 10 s", value: all.filter(({ recovered }) => !recovered).length, limit: none },
    ];
  },
};

async function rotate(run: ExperimentRun): Promise<Trouble> {
  const { rotations } = amounts[run.size];
  return await withIdentities(run, async (issue, open) => {
    // A source that always has a good one: the newest is made as soon as half of the last one's life is over.
    let current = await issue();
    const renewing = setInterval(() => void issue().then((made) => current = made), lifeMs / 3);
    const caller = await open({ kind: "jwt", jwt: () => current.jwt, nkeySeed: current.nkeySeed });
    let failed = 0;
    const asking: Promise<void>[] = [];
    const end = performance.now() + rotations * lifeMs;
    while (performance.now() < end) {
      asking.push(caller.ask(askMs).catch(() => void (failed += 1)));
      await pauseMs(1_000 / perSecond);
    }
    await Promise.all(asking);
    const trouble = await outcomeOf(caller, failed);
    clearInterval(renewing);
    return trouble;
  });
}

/** The source goes on with an expired JWT, or throws, and has a good one only later. */
async function comeLate(run: ExperimentRun, kind: "late" | "failing"): Promise<Trouble> {
  const { lateMs } = amounts[run.size];
  return await withIdentities(run, async (issue, open) => {
    const first = await issue();
    let good = true;
    let current = first;
    const caller = await open({
      kind: "jwt",
      nkeySeed: first.nkeySeed,
      jwt: () => {
        if (!good && kind === "failing") throw new Error("the source of credentials is away");
        return current.jwt;
      },
    });
    good = false;
    await pauseMs(lifeMs + lateMs);
    current = await issue();
    good = true;
    const renewing = setInterval(() => void issue().then((made) => current = made), lifeMs / 3);
    const trouble = await outcomeOf(caller, 0);
    clearInterval(renewing);
    return trouble;
  });
}

/** The broker's password is another one for a while, twice with a good time between. */
async function beWrong(run: ExperimentRun): Promise<Trouble> {
  const { wrongMs } = amounts[run.size];
  const config = (password: string): string => `authorization { users = [{ user: ann, password: ${password} }] }`;
  await using broker = await startNatsServer({ config: config("right") });
  const caller = await openCredentialCaller(run.contender.name, broker.url, {
    kind: "password",
    user: "ann",
    password: () => "right",
  });
  let outcome = await outcomeOf(caller, 0);
  for (let time = 0; time < 2; time++) {
    await broker.reload(config("other"));
    await pauseMs(wrongMs);
    await broker.reload(config("right"));
    const next = await outcomeOf(caller, 0);
    outcome = { failed: 0, gaveUp: outcome.gaveUp || next.gaveUp, recovered: outcome.recovered && next.recovered };
  }
  await bounded(caller.close());
  return outcome;
}

async function outcomeOf(caller: CredentialCaller, failed: number): Promise<Trouble> {
  const end = performance.now() + recoverLimitMs;
  let recovered = false;
  while (!recovered && performance.now() < end && !caller.gaveUp) {
    recovered = await caller.ask(1_000).then(() => true, () => false);
    if (!recovered) await pauseMs(20);
  }
  return { failed, gaveUp: caller.gaveUp, recovered };
}

async function withIdentities(
  run: ExperimentRun,
  work: (
    issue: () => Promise<{ jwt: string; nkeySeed: string }>,
    open: (source: CredentialSource) => Promise<CredentialCaller>,
  ) => Promise<Trouble>,
): Promise<Trouble> {
  const identities = await makeJwtIdentities();
  await using broker: NatsServer = await startNatsServer({ config: identities.config });
  const callers: CredentialCaller[] = [];
  const ann = identities.renewableUser("ann");
  const outcome = await work(
    async () => ({ jwt: await ann.issue(lifeMs), nkeySeed: ann.nkeySeed }),
    async (source) => {
      const caller = await openCredentialCaller(run.contender.name, broker.url, source);
      callers.push(caller);
      return caller;
    },
  );
  await Promise.all(callers.map((caller) => bounded(caller.close())));
  return outcome;
}
