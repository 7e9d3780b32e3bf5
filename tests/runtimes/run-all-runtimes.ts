import { findRuntime, type RuntimeName, runtimeNames } from "./find-runtimes.ts";
import { runRuntime, type RuntimeRun } from "./run-runtime.ts";
import { startBrokers } from "./start-brokers.ts";

/** What came of a runtime: a run, or why there was none. */
export interface RuntimeOutcome {
  readonly name: RuntimeName;
  readonly title: string;
  readonly run?: RuntimeRun;
  /** The runtime is not there. */
  readonly missing?: string;
  /** It is there and gave no reports. */
  readonly problem?: string;
}

// They wait for deadlines more than they compute.
const runtimesAtOnce = 3;

/** Runs every suite on every runtime over one set of brokers; `onOutcome` hears of each as it comes. */
export async function runAllRuntimes(
  onOutcome: (outcome: RuntimeOutcome) => void,
  names: readonly RuntimeName[] = runtimeNames,
): Promise<void> {
  await using running = await startBrokers();
  const waiting = [...names];
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      onOutcome(await runOne(name, running.brokers));
    }
  };
  await Promise.all(Array.from({ length: runtimesAtOnce }, work));
}

async function runOne(name: RuntimeName, brokers: Parameters<typeof runRuntime>[2]): Promise<RuntimeOutcome> {
  const found = await findRuntime(name).catch((error: Error) => error);
  if (found instanceof Error) return { name, title: name, missing: found.message };
  try {
    return { name, title: found.title, run: await runRuntime(name, found, brokers) };
  } catch (error) {
    return { name, title: found.title, problem: (error as Error).message };
  }
}
