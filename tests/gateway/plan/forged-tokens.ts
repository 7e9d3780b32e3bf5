import { generateKeyPairSync } from "node:crypto";
import { type Figure, none, type Size } from "../../faults/figures.ts";
import { forgedTokensOf, signedWith } from "./forged-token-kinds.ts";
import type { GatewayExperiment } from "./gateway-experiment.ts";
import { type GatewayScene, startGatewayScene } from "./gateway-scene.ts";
import { type HttpAnswer, HttpCaller } from "./http-caller.ts";
import { processFigures } from "./process-figures.ts";

const sizes: Readonly<Record<Size, { readonly rounds: number; readonly unknownKeys: number }>> = {
  small: { rounds: 2, unknownKeys: 500 },
  large: { rounds: 50, unknownKeys: 10_000 },
};
/** So many in 30 s: one in each window that the time touches. */
const windowMs = 30_000;
const atOnce = 32;

/** G4: tokens that nobody should believe. */
export const forgedTokens: GatewayExperiment = {
  id: "G4",
  promise:
    "No token that is not the provider's own is believed, none sends the gateway anywhere, and keys are asked for at most every 30 s",
  sizes: {
    small: describeSize("small"),
    large: describeSize("large"),
  },
  largeLimitMs: 180_000,
  run: async (size) => {
    await using scene = await startGatewayScene();
    const { provider, port, spy } = scene;
    const { rounds, unknownKeys } = sizes[size];
    const startedAt = performance.now();
    const forged = await forgedTokensOf(provider);
    const answers = new Map<string, number>();
    const upstream = await spy.countDuring(async () => {
      for (let round = 0; round < rounds; round++) {
        using caller = new HttpCaller(port, `127.0.4.${1 + round % 250}`);
        for (const [name, token] of forged) await tryToken(caller, name, token, answers);
      }
      await tryUnknownKeys(scene, unknownKeys, answers);
    });
    const allowedFetches = Math.floor((performance.now() - startedAt) / windowMs) + 1;
    const notRefused = [...answers].filter(([name]) =>
      !/: 401 UNAUTHENTICATED$/.test(name) && !/^100 KiB: (?:431|read ECONNRESET|write EPIPE|socket hang up)/.test(name)
    );
    for (const [name, count] of notRefused) console.log(`${count} × ${name}`);
    const figures: Figure[] = [
      { name: "tries", value: [...answers.values()].reduce((sum, count) => sum + count, 0) },
      { name: "kinds of token", value: forged.length + 1 },
      {
        name: "tries that were not refused with 401",
        value: notRefused.reduce((sum, [, count]) => sum + count, 0),
        limit: none,
      },
      { name: "messages upstream", value: upstream, limit: none },
      {
        name: "fetches of keys by the gateway",
        value: provider.fetchesOf("gateway"),
        limit: { atLeast: 1, atMost: allowedFetches },
      },
      { name: "fetches of what a token names", value: provider.trapped, limit: none },
      ...await controls(scene),
    ];
    return [...figures, ...processFigures(scene)];
  },
};

function describeSize(size: Size): string {
  const { rounds, unknownKeys } = sizes[size];
  return `${rounds} rounds of every kind on requests and streams, ${unknownKeys} unknown key ids`;
}

/** What is no forgery gets in, and what lacks a role alone is told that: the answers above are about the tokens. */
async function controls({ provider, port, spy }: GatewayScene): Promise<readonly Figure[]> {
  using caller = new HttpCaller(port, "127.0.4.251");
  let good = 0;
  const upstream = await spy.countDuring(async () => {
    for (const algorithm of ["ES256", "RS256"] as const) {
      const { status } = await caller.ask("/trial/v1/tell", {
        body: { text: "a" },
        token: await provider.sign({}, algorithm),
      });
      if (status === 200) good += 1;
    }
  });
  const { status } = await caller.ask("/trial/v1/closeDay", { body: { text: "a" }, token: await provider.sign() });
  return [
    { name: "good tokens that got in", value: good, limit: { atLeast: 2 } },
    { name: "their messages upstream", value: upstream, limit: { atLeast: 2, atMost: 2 } },
    { name: "status for a role that is missing", value: status, limit: { atLeast: 403, atMost: 403 } },
  ];
}

async function tryToken(
  caller: HttpCaller,
  name: string,
  token: string | undefined,
  answers: Map<string, number>,
): Promise<void> {
  for (const path of ["/trial/v1/tell", "/trial/v1/closeDay", "/trial/v1/events?name=orderMoved&tenant=tenant-1"]) {
    const question = path.includes("events") ? {} : { body: { text: "a" } };
    await count(caller.ask(path, { ...question, token }), name, answers);
  }
}

async function count(asking: Promise<HttpAnswer>, name: string, answers: Map<string, number>): Promise<void> {
  // Node's server breaks the connection off where a header is longer than it reads; its 431 may or may not come through.
  const { status, body } = await asking.catch((error: Error) => ({ status: error.message, body: "" }));
  const [, code = ""] = /"code":"(\w+)"/.exec(body) ?? [];
  const key = `${name}: ${status} ${code}`;
  answers.set(key, (answers.get(key) ?? 0) + 1);
}

async function tryUnknownKeys({ port }: GatewayScene, howMany: number, answers: Map<string, number>): Promise<void> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const callers = Array.from({ length: 8 }, (_, index) => new HttpCaller(port, `127.0.5.${1 + index}`));
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < howMany; index = next++) {
      const token = signedWith(privateKey, { kid: `unknown-${index}` });
      const asking = callers[index % callers.length]!.ask("/trial/v1/tell", { body: { text: "a" }, token });
      await count(asking, "unknown key id", answers);
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    for (const caller of callers) caller[Symbol.dispose]();
  }
}
