// `npm run test:runtimes` prints the table of what this file asserts.
import * as assert from "uvu/assert";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { findRuntime, type RuntimeName, runtimeNames } from "./find-runtimes.ts";
import { runAllRuntimes, type RuntimeOutcome } from "./run-all-runtimes.ts";
import { type TransportName, transportNames } from "./runtime-report.ts";

const limitMs = 300_000;
const noTcp = ["TCP", "TLS", "mutual TLS", "WebSocket with certificates"] as const;
const refusedTransports: Readonly<Record<RuntimeName, readonly TransportName[]>> = {
  node: [],
  node24: [],
  bun: [],
  deno: ["WebSocket with certificates"],
  workerd: noTcp,
  chromium: noTcp,
};

const missing = new Map<RuntimeName, string>();
for (const name of runtimeNames) await findRuntime(name).catch((error: Error) => missing.set(name, error.message));

// All of them run from the first test on, some at once; each test waits for its own.
const outcomes = new Map<RuntimeName, RuntimeOutcome>();
let running: Promise<void> | undefined;
let wake = (): void => {};

async function outcomeOf(name: RuntimeName): Promise<RuntimeOutcome> {
  running ??= runAllRuntimes((outcome) => {
    outcomes.set(outcome.name, outcome);
    wake();
  }, runtimeNames.filter((name) => !missing.has(name)));
  for (;;) {
    const outcome = outcomes.get(name);
    if (outcome !== undefined) return outcome;
    await Promise.race([new Promise<void>((resolve) => wake = resolve), running]);
  }
}

describeWithNatsServer("the behaviour suites", {}, (test) => {
  for (const name of runtimeNames) {
    const title = `pass on ${name}, over every transport it has; the others it refuses with the reason`;
    const whyNot = missing.get(name);
    if (whyNot !== undefined) {
      test.skip(title, whyNot);
      continue;
    }
    test(title, { timeoutMs: limitMs }, async () => {
      const { run, problem } = await outcomeOf(name);
      if (run === undefined) throw new Error(problem);
      assert.equal(run.reports.map(({ transport }) => transport), [...transportNames]);
      for (const { transport, failed, passed, refused } of run.reports) {
        if (failed > 0) throw new Error(`${failed} tests failed over ${transport}:\n${run.output}`);
        assert.is(refused > 0, refusedTransports[name].includes(transport), `${transport}: ${refused} refused`);
        assert.is(passed > 0, refused === 0, `${transport}: ${passed} passed`);
      }
    });
  }
});
