import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { until } from "../support/until.ts";
import type { Experiment, ExperimentRun } from "./experiment.ts";
import { faultsSubjects } from "./faults-contract.ts";
import { none } from "./figures.ts";

const states = ["connected", "disconnected", "frozen", "mid-dial"] as const;
type State = (typeof states)[number];

const graceMs = 1_000;
const never = Number.POSITIVE_INFINITY;
const processEndMs = 10_000;
const amounts = { small: 200, large: 1_000 };

interface Ended {
  readonly settledMs: number;
  readonly closedMs: number;
  readonly processes: number;
  readonly labelled: boolean;
}

/** F5: everything is closed in every state of the connection, with work in flight. */
export const shutdownStates: Experiment = {
  id: "F5",
  promise: "Closing is bounded in every state, settles every promise and lets the process end",
  sizes: {
    small: "200 in flight; connected, disconnected, frozen, dialling; client and server",
    large: "1,000 in flight; connected, disconnected, frozen, dialling; client and server",
  },
  contenders: ["ours", "nats.js", "nestjs"],
  runtimes: ["bun", "deno"],
  largeLimitMs: 120_000,
  run: async (run) => {
    const callers = await Promise.all(states.map((state) => closeCaller(run, state)));
    const services = await Promise.all(states.map((state) => stopService(run, state)));
    const longest = (values: readonly number[]): number => Math.max(...values);
    return [
      {
        name: "slowest request to settle",
        value: longest(callers.map(({ settledMs, closedMs }) => settledMs <= closedMs ? 0 : settledMs - closedMs)),
        unit: "ms",
        limit: { atMost: 100 },
      },
      {
        name: "slowest client to close",
        value: longest(callers.map(({ closedMs }) => closedMs)),
        unit: "ms",
        limit: { atMost: 3_000 },
      },
      {
        name: "slowest server to stop, after its grace",
        value: longest(services.map(({ closedMs }) => closedMs - graceMs)),
        unit: "ms",
        limit: { atMost: 3_000 },
      },
      {
        name: "processes that did not end by themselves",
        value: 2 * states.length - [...callers, ...services].reduce((sum, { processes }) => sum + processes, 0),
        limit: none,
      },
      {
        name: "states with requests without a label",
        value: callers.filter((one) => !one.labelled).length,
        limit: none,
      },
    ];
  },
};

async function closeCaller(run: ExperimentRun, state: State): Promise<Ended> {
  await using scene = await startScene();
  const requests = amounts[run.size];
  await using job = await run.startJob(
    "closeInFlight",
    { where: { servers: [scene.proxy.url] }, requests },
    { place: run.place === "here" ? "node" : run.place },
  );
  await job.marked("sent");
  await until("the requests", () => scene.heard() >= requests, 10_000);
  await enter(state, scene);
  job.go();
  const { settledMs, closedMs, codes } = await job.result(20_000);
  const processes = await endedByItself(job.ended(processEndMs));
  leave(state, scene);
  const labelled = Object.keys(codes).every((code) => !code.endsWith("unlabelled"));
  return { settledMs: settledMs ?? never, closedMs: closedMs ?? never, processes, labelled };
}

async function stopService(run: ExperimentRun, state: State): Promise<Ended> {
  await using scene = await startScene();
  await using job = await run.startJob(
    "stopInFlight",
    { where: { servers: [scene.proxy.url] }, graceMs },
    { place: run.place === "here" ? "node" : run.place },
  );
  await job.marked("open");
  scene.peer.publish(faultsSubjects.order, '{"text":"never"}', { replySubject: "_INBOX.shutdown.1" });
  await scene.peer.flush();
  await enter(state, scene);
  job.go();
  const { stoppedMs } = await job.result(20_000);
  const processes = await endedByItself(job.ended(processEndMs));
  leave(state, scene);
  return { settledMs: 0, closedMs: stoppedMs ?? never, processes, labelled: true };
}

interface Scene extends AsyncDisposable {
  readonly broker: NatsServer;
  readonly proxy: FaultProxy;
  readonly peer: RawPeer;
  readonly heard: () => number;
}

async function startScene(): Promise<Scene> {
  const broker = await startNatsServer();
  const proxy = await startFaultProxy(broker.port);
  const peer = await RawPeer.connect(broker.port);
  let heard = 0;
  // Whatever a contender calls its subjects; nobody answers.
  for (const subject of [faultsSubjects.order, "faults.order"]) {
    await peer.subscribe(subject, () => heard += 1);
  }
  return {
    broker,
    proxy,
    peer,
    heard: () => heard,
    [Symbol.asyncDispose]: async () => {
      peer.close();
      await proxy[Symbol.asyncDispose]();
      await broker.stop();
    },
  };
}

async function enter(state: State, { broker, proxy }: Scene): Promise<void> {
  const taken = proxy.taken;
  switch (state) {
    case "connected":
      return;
    case "disconnected":
      proxy.weather = { kind: "refuse" };
      proxy.cut();
      // Whoever dials again has noticed.
      return void await until("another dial", () => proxy.taken > taken, 10_000);
    case "frozen":
      return broker.freeze();
    case "mid-dial":
      proxy.weather = { kind: "blackHole" };
      proxy.cut();
      return void await until("another dial", () => proxy.taken > taken, 10_000);
  }
}

function leave(state: State, { broker }: Scene): void {
  if (state === "frozen") broker.thaw();
}

async function endedByItself(ended: Promise<number | null>): Promise<number> {
  return await ended.then(() => 1, () => 0);
}
