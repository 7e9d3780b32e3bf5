// Callers who do nothing wrong, in a process of their own: their times tell what others' misbehaviour does to everybody.
import process from "node:process";
import { HttpCaller } from "./http-caller.ts";
import { type Commands, obey } from "./obey.ts";

/** Whom they call, and how often. */
export interface CanaryChoice {
  readonly port: number;
  /** All of them together. */
  readonly perSecond: number;
  /** They take turns. */
  readonly callers: readonly CanaryCaller[];
}

/** One of them. */
export interface CanaryCaller {
  /** Where it calls from. */
  readonly address: string;
  readonly token?: string;
}

/** What they can be told. */
export type CanaryProgram = typeof commands;

const choice = JSON.parse(process.argv[2]!) as CanaryChoice;
const callers = choice.callers.map(({ address, token }) => ({ caller: new HttpCaller(choice.port, address), token }));
let turn = 0;
let timesMs: number[] = [];
let failures: string[] = [];
let calling: ReturnType<typeof setInterval> | undefined;

async function call(): Promise<void> {
  const { caller, token } = callers[turn++ % callers.length]!;
  try {
    const { status, body, tookMs } = await caller.ask("/trial/v1/say", { body: { text: "canary" }, token });
    if (status === 200) timesMs.push(tookMs);
    else failures.push(`${status} ${body.slice(0, 200)}`);
  } catch (error) {
    failures.push(String(error));
  }
}

const commands = {
  begin: (): void => {
    const beganAt = performance.now();
    let called = 0;
    // A timer that comes late makes up for it: a slow machine must not make the callers fewer.
    calling ??= setInterval(() => {
      const due = (performance.now() - beganAt) / 1_000 * choice.perSecond;
      for (; called < due; called++) void call();
    }, 5);
  },
  /** What came of their calls since they were asked last. */
  take: () => {
    const taken = { timesMs, failures };
    timesMs = [];
    failures = [];
    return taken;
  },
} satisfies Commands;

obey(commands);
