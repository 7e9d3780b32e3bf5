import assert from "node:assert/strict";
import { isOverBudget, nodeKey, readBudget } from "../../bench/harness/budget.ts";
import { type Allocations, countInMemory, countOverNats } from "../../bench/harness/count-allocations.ts";
import { buildLibraryAside } from "../../bench/harness/set-up.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";

const { room, bytes } = await readBudget();
const budgets = bytes[nodeKey];
const noBudget = `bench/budget.json has none for ${nodeKey}: \`npm run bench:budget -- --set\``;

describe("The budget of allocations", (test) => {
  test("is exceeded by more than its room, and by work that has none", () => {
    assert.equal(isOverBudget(1_010, 1_000, 0.01), false);
    assert.equal(isOverBudget(1_011, 1_000, 0.01), true);
    assert.equal(isOverBudget(1, undefined, 0.01), true);
  });

  if (budgets === undefined) test.skip("is kept in memory", noBudget);
  else test("is kept in memory", { timeoutMs: 30_000 }, () => keep(budgets, countInMemory));
});

describeWithNatsServer("The budget of allocations over NATS", {}, (test) => {
  if (budgets === undefined) return test.skip("is kept", noBudget);
  test("is kept at the client and at the server", { timeoutMs: 30_000 }, async () => {
    await using server = await startNatsServer();
    await keep(budgets, (library) => countOverNats(library, server.url));
  });
});

async function keep(allowed: Allocations, count: (library: string) => Promise<Allocations>): Promise<void> {
  await using library = await buildLibraryAside();
  const counted = Object.entries(await count(library.entry));
  const over = counted.filter(([name, bytes]) => isOverBudget(bytes, allowed[name], room));
  const lines = over.map(([name, bytes]) => `${name}: ${Math.round(bytes)} bytes, ${allowed[name] ?? "none"} allowed`);
  assert.deepEqual(lines, [], "Allocates more than its budget; where that is meant, `npm run bench:budget -- --set`");
}
