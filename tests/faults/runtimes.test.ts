// The callers of the experiments in other runtimes; broker, service and faults stay in this process.
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { findRuntime } from "../runtimes/find-runtimes.ts";
import { experiments } from "./experiments.ts";
import { holdExperiment, smallLimitMs } from "./hold-experiment.ts";

/** One of each kind of trouble; `npm run test:faults` runs all that a runtime can. */
const chosen = ["F1", "F3", "F5", "A2"];
const names = ["bun", "deno", "workerd"] as const;
const found = await Promise.all(names.map((name) => findRuntime(name).catch((error: Error) => error)));

for (const [index, name] of names.entries()) {
  const runtime = found[index]!;
  describeWithNatsServer(`Callers in ${name}`, {}, (test) => {
    for (const experiment of experiments.filter(({ id, runtimes }) => chosen.includes(id) && runtimes.includes(name))) {
      const title = `${experiment.id}: ${experiment.promise}`;
      if (runtime instanceof Error) test.skip(title, runtime.message);
      else {
        test(title, { timeoutMs: smallLimitMs }, () => holdExperiment(experiment, { size: "small", place: name }));
      }
    }
  });
}
