import { type Figure, none, type Size } from "../../faults/figures.ts";
import { percentile } from "../../faults/percentile.ts";
import { until } from "../../support/until.ts";
import { type CanaryTimes, CanaryWatch } from "./canary-watch.ts";
import type { GatewayExperiment } from "./gateway-experiment.ts";
import { type GatewayScene, startGatewayScene } from "./gateway-scene.ts";
import { pauseMs } from "../../faults/pause-ms.ts";
import { openSockets } from "./open-sockets.ts";
import { processFigures } from "./process-figures.ts";
import type { RawSocket } from "./raw-socket.ts";
import { unreadStreams } from "./unread-streams.ts";

/** How many of each kind, and the limits, in milliseconds: the small size has a fifth of the time. */
const sizes = {
  small: { headers: 60, bodies: 30, readers: 10, headersMs: 2_000, idleMs: 2_000, totalMs: 4_000, stallMs: 2_000 },
  large: {
    headers: 1_000,
    bodies: 500,
    readers: 500,
    headersMs: 10_000,
    idleMs: 15_000,
    totalMs: 30_000,
    stallMs: 10_000,
  },
} as const;
/** How much later than its limit something may end: the gateway looks four times a second. */
const lookMs = 500;
/** Node's server waits half a second for the rest of a body that nobody wants. */
const closeMs = 1_500;
const everyMs = 1_000;

/** G1: callers who send and read as slowly as they can. */
export const slowSockets: GatewayExperiment = {
  id: "G1",
  promise: "Slow headers, slow bodies and readers that read nothing are cut in time, and nobody else notices",
  sizes: {
    small: describeSize("small"),
    large: describeSize("large"),
  },
  largeLimitMs: 240_000,
  run: async (size) => {
    const { headers, bodies, readers, headersMs, idleMs, totalMs, stallMs } = sizes[size];
    await using scene = await startGatewayScene(
      size === "large" ? {} : {
        limits: { bodyIdleMs: idleMs, bodyTotalMs: totalMs, streamStallMs: stallMs },
        serverOptions: {
          headersTimeout: headersMs - 500,
          requestTimeout: totalMs + 1_000,
          connectionsCheckingInterval: 200,
        },
      },
    );
    await scene.warmUp();
    await using canary = await CanaryWatch.start(scene.port, 1_000);
    const idle = (): Promise<CanaryTimes> => canary.during(() => pauseMs(size === "large" ? 15_000 : 1_000));
    const before = await idle();
    let sent: SlowTimes | undefined;
    const sending = await canary.during(async () => sent = await sendSlowly(scene, headers, bodies, totalMs));
    let unread: readonly Figure[] = [];
    const reading = await canary.during(async () => unread = await unreadStreams(scene, readers, stallMs + lookMs));
    // The better of the two: a machine that stood still for a moment must make no target easy.
    const idleP99Ms = Math.min(before.p99Ms, (await idle()).p99Ms);
    const { headerMs, idleBodies, slowBodies, answered } = sent!;
    const worst = Math.max(sending.p99Ms, reading.p99Ms);
    return [
      ms("slow headers cut after", headerMs, headersMs),
      ms("short slow bodies told after", idleBodies.toldMs, idleMs + lookMs),
      ms("and cut after", idleBodies.heldMs, idleMs + closeMs),
      ms("long slow bodies told after", slowBodies.toldMs, totalMs + lookMs),
      ms("and cut after", slowBodies.heldMs, totalMs + closeMs),
      { name: "slow bodies that were told 408", value: answered, limit: { atLeast: 2 * Math.floor(bodies / 2) } },
      ...unread,
      { name: "canary p99 idle", value: idleP99Ms, unit: "ms" },
      { name: "canary p99 while all send slowly", value: sending.p99Ms, unit: "ms" },
      { name: "canary p99 while nobody reads", value: reading.p99Ms, unit: "ms" },
      { name: "canary p99 to idle", value: worst / idleP99Ms, limit: { atMost: 2, largeOnly: true } },
      { name: "canaries that failed", value: sending.failures.length + reading.failures.length, limit: none },
      ...processFigures(scene),
    ];
  },
};

function describeSize(size: Size): string {
  const { headers, bodies, readers } = sizes[size];
  return `${headers} sockets with 1 header byte/s, ${bodies} with 1 body byte/s, ${readers} readers that never read`;
}

function ms(name: string, times: readonly number[], atMost: number): Figure {
  return { name, value: percentile(times, 100), unit: "ms", limit: { atMost } };
}

interface SlowTimes {
  readonly headerMs: readonly number[];
  readonly idleBodies: BodyTimes;
  readonly slowBodies: BodyTimes;
  /** How many of the bodies got an answer that says so. */
  readonly answered: number;
}

interface BodyTimes {
  /** From the connection to the first byte of the answer. */
  readonly toldMs: readonly number[];
  /** From the connection to its end. */
  readonly heldMs: readonly number[];
}

/** Sends one byte a second on every socket until all are closed; gives how long each was held. */
async function sendSlowly(
  { port }: GatewayScene,
  headers: number,
  bodies: number,
  limitMs: number,
): Promise<SlowTimes> {
  const half = Math.floor(bodies / 2);
  const head =
    "POST /trial/v1/say HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nRequest-Timeout-Ms: 60000\r\n";
  const slowHeaders = await openSockets(port, headers, "127.0.10.");
  const idleBodies = await openSockets(port, half, "127.0.11.", `${head}Content-Length: 1000\r\n\r\n`);
  const slowBodies = await openSockets(port, half, "127.0.12.", `${head}Content-Length: 100000\r\n\r\n`);
  const all = [...slowHeaders, ...idleBodies, ...slowBodies];
  const first = "POST /trial/v1/say HTTP/1.1\r\nHost: a\r\nX-Slow: ";
  let turn = 0;
  const write = (): void => {
    for (const [index, socket] of slowHeaders.entries()) {
      // Every other one does not even come to its first header.
      if (turn === 0 && index % 2 === 0) socket.write(first);
      else socket.write(index % 2 === 0 ? "a" : first[turn] ?? "a");
    }
    for (const socket of [...idleBodies, ...slowBodies]) socket.write(" ");
    turn += 1;
  };
  write();
  const writing = setInterval(write, everyMs);
  try {
    await until("every slow socket is closed", () => all.every(({ isClosed }) => isClosed), limitMs + 15_000);
    const held = (sockets: readonly RawSocket[]) => sockets.map(({ closedAt, connectedAt }) => closedAt - connectedAt);
    const told = (sockets: readonly RawSocket[]) => sockets.map((socket) => socket.answeredAt - socket.connectedAt);
    return {
      headerMs: held(slowHeaders),
      idleBodies: { toldMs: told(idleBodies), heldMs: held(idleBodies) },
      slowBodies: { toldMs: told(slowBodies), heldMs: held(slowBodies) },
      answered: [...idleBodies, ...slowBodies].filter(({ text }) =>
        /^HTTP\/1\.1 408 .*problem\+json/s.test(text)
      ).length,
    };
  } finally {
    clearInterval(writing);
    for (const socket of all) socket[Symbol.dispose]();
  }
}
