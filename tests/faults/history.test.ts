import * as assert from "uvu/assert";
import { describe } from "../support/suite.ts";
import { History, type OperationRecord } from "./history.ts";

function historyOf(record: Omit<OperationRecord, "id" | "tookMs" | "endedAt">, runs: number): History {
  const history = new History();
  history.add([{ id: "a", tookMs: 1, endedAt: 1, ...record }]);
  for (let run = 0; run < runs; run++) history.ran("a");
  return history;
}

describe("History", (test) => {
  const good = { lost: 0, duplicated: 0, mislabelled: 0, wrong: 0, neverRan: 0 };
  const cases: readonly [string, Omit<OperationRecord, "id" | "tookMs" | "endedAt">, number, object][] = [
    ["finds nothing in an answer that one run gave", { ending: "ok" }, 1, {}],
    ["finds an answer that no run gave", { ending: "ok" }, 0, { lost: 1 }],
    ["finds another's answer", { ending: "ok", wrong: true }, 1, { wrong: 1 }],
    ["finds work that was done twice", { ending: "ok" }, 2, { duplicated: 1 }],
    ["finds work that was done although the caller was told that it was not", { ending: "failed" }, 1, {
      mislabelled: 1,
    }],
    ["finds work that was not done although the caller was told that it was", { ending: "executed" }, 0, {
      mislabelled: 1,
      neverRan: 1,
    }],
    ["takes an unknown end for right, whatever happened", { ending: "unknown" }, 1, {}],
    ["counts what could have been tried again", { ending: "unknown", code: "TIMEOUT" }, 0, { neverRan: 1 }],
  ];
  for (const [name, record, runs, found] of cases) {
    test(name, () => {
      const { lost, duplicated, mislabelled, wrong, neverRan } = historyOf(record, runs).verdict();
      assert.equal({ lost, duplicated, mislabelled, wrong, neverRan }, { ...good, ...found });
    });
  }

  test("counts ends and codes", () => {
    const history = historyOf({ ending: "unknown", code: "TIMEOUT" }, 0);
    history.add([{ id: "b", ending: "unsettled", tookMs: 1, endedAt: 1 }]);
    const { operations, endings, codes } = history.verdict();
    assert.is(operations, 2);
    assert.equal([endings.unknown, endings.unsettled, codes], [1, 1, { TIMEOUT: 1 }]);
  });
});
