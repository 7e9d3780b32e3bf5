// A caller who does nothing wrong, in a process of its own: its times tell what others' misbehaviour does to everybody.
import process from "node:process";
import { HttpCaller } from "./http-caller.ts";
import { type Commands, obey } from "./obey.ts";

/** Whom it calls. */
export interface CanaryChoice {
  readonly port: number;
  readonly perSecond: number;
  /** Where it calls from. */
  readonly address: string;
  readonly token?: string;
}

/** What it can be told. */
export type CanaryProgram = typeof commands;

const choice = JSON.parse(process.argv[2]!) as CanaryChoice;
const caller = new HttpCaller(choice.port, choice.address);
let timesMs: number[] = [];
let failures: string[] = [];
let calling: ReturnType<typeof setInterval> | undefined;

async function call(): Promise<void> {
  try {
    const { status, body, tookMs } = await caller.ask("/trial/v1/say", {
      body: { text: "canary" },
      token: choice.token,
    });
    if (status === 200) timesMs.push(tookMs);
    else failures.push(`${status} ${body.slice(0, 200)}`);
  } catch (error) {
    failures.push(String(error));
  }
}

const commands = {
  begin: (): void => {
    calling ??= setInterval(() => void call(), 1_000 / choice.perSecond);
  },
  /** What came of its calls since it was asked last. */
  take: () => {
    const taken = { timesMs, failures };
    timesMs = [];
    failures = [];
    return taken;
  },
} satisfies Commands;

obey(commands);
