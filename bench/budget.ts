// `npm run bench:budget [-- --set]`: counts the bytes that a request and an event allocate, and fails where they are more
// than budget.json allows. `--set` makes what was counted the budget.
import process from "node:process";
import { parseArgs } from "node:util";
import { findNatsServer } from "../scripts/nats-server.ts";
import {
  isOverBudget,
  nodeKey,
  readBudget,
  setBudget,
} from "./harness/budget.ts";
import { countInMemory, countOverNats } from "./harness/count-allocations.ts";
import { buildLibraryAside } from "./harness/set-up.ts";

const { values: flags } = parseArgs({
  options: { set: { type: "boolean", default: false } },
});

// The harness of the tests never installs one by itself.
await findNatsServer();
const { startNatsServer } = await import("../tests/support/nats-server.ts");
await using library = await buildLibraryAside();
await using server = await startNatsServer();
const counted = {
  ...await countInMemory(library.entry),
  ...await countOverNats(library.entry, server.url),
};
if (flags.set) await setBudget(counted);

const { room, bytes: budgets } = await readBudget();
console.log(
  `| what, in ${nodeKey} | bytes | budget | |\n| --- | ---: | ---: | --- |`,
);
for (const [name, bytes] of Object.entries(counted)) {
  const allowed = budgets[nodeKey]?.[name];
  const over = isOverBudget(bytes, allowed, room);
  if (over) process.exitCode = 1;
  console.log(
    `| ${name} | ${Math.round(bytes)} | ${allowed ?? "none"} | ${
      over ? "OVER" : "ok"
    } |`,
  );
}
console.log(`A budget may be exceeded by ${room * 100} %.`);
