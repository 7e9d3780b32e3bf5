import * as assert from "uvu/assert";
import { historyMs, StatisticsHistory } from "../../../src/gateway/live-page/browser/statistics-history.ts";
import { describe } from "../../support/suite.ts";

const start = Date.parse("2026-11-23T10:00:00Z");

/** An answer of `/statistics`: the requests and errors of `createOrder` by instance. */
function answer(
  seconds: number,
  instances: Record<string, readonly [requests: number, errors: number]>,
  startedSeconds = -60,
): string {
  return JSON.stringify({
    at: new Date(start + seconds * 1_000).toISOString(),
    contracts: [{
      name: "orders",
      version: "1.4.0",
      instances: Object.entries(instances).map(([id, [requests, errors]]) => ({
        id,
        version: "1.4.0",
        started: new Date(start + startedSeconds * 1_000).toISOString(),
        endpoints: [{ name: "createOrder", requests, errors, averageProcessingMs: 2 }],
      })),
    }],
  });
}

function rates(history: StatisticsHistory): unknown[] {
  return history.endpoints[0]!.points.map((
    { requestsPerSecond, errorsPerSecond },
  ) => [requestsPerSecond, errorsPerSecond]);
}

describe("StatisticsHistory", (test) => {
  test("add() turns counters into rates; a first answer has none", () => {
    const history = new StatisticsHistory();
    history.add(answer(0, { a: [1_000, 10] }));
    assert.equal(rates(history), []);
    history.add(answer(2, { a: [1_006, 11] }));
    history.add(answer(6, { a: [1_006, 13] }));
    assert.equal(rates(history), [[3, 0.5], [0, 0.5]]);
    const { points: _, ...numbers } = history.endpoints[0]!;
    assert.equal(numbers, {
      contract: "orders 1.4.0",
      name: "createOrder",
      instances: 1,
      requests: 1_006,
      errors: 13,
      averageProcessingMs: 2,
    });
  });

  test("add() takes an answer once that the gateway gives twice", () => {
    const history = new StatisticsHistory();
    for (const seconds of [0, 2, 2, 1]) history.add(answer(seconds, { a: [seconds, 0] }));
    assert.equal(rates(history), [[1, 0]]);
  });

  test("add() counts what a new instance did, and not what one did before it was heard of", () => {
    const history = new StatisticsHistory();
    history.add(answer(0, { a: [10, 0] }));
    history.add(answer(2, { a: [12, 0], old: [5_000, 50] }));
    assert.equal(rates(history), [[1, 0]]);
    history.add(answer(4, { a: [12, 0], old: [5_004, 50], young: [6, 2] }, 3));
    assert.equal(rates(history).at(-1), [5, 1]);
    assert.is(history.endpoints[0]!.instances, 3);
    assert.equal(history.instances.map(({ id }) => id), ["a", "old", "young"]);
  });

  test("add() knows an instance again that did not answer once, and is never below zero", () => {
    const history = new StatisticsHistory();
    history.add(answer(0, { a: [10, 0], b: [100, 0] }));
    history.add(answer(2, { a: [12, 0] }));
    history.add(answer(4, { a: [12, 0], b: [104, 0] }));
    history.add(answer(6, { a: [2, 0], b: [104, 0] }));
    assert.equal(rates(history), [[1, 0], [2, 0], [0, 0]]);
  });

  test("add() keeps the last minutes, also of an endpoint that is gone, and no more", () => {
    const history = new StatisticsHistory();
    for (let seconds = 0; seconds <= 1_000; seconds += 2) history.add(answer(seconds, { a: [seconds, 0] }));
    assert.is(history.endpoints[0]!.points.length, historyMs / 2_000 + 1);
    history.add(answer(1_002, {}));
    assert.is(history.endpoints[0]!.instances, 0);
    assert.is(history.endpoints[0]!.points.length, historyMs / 2_000);
    history.add(answer(1_302, {}));
    assert.equal(history.endpoints, []);
  });

  test("add() refuses what are no statistics", () => {
    for (const text of ["", "null", "{}", '{"at":"yesterday","contracts":[]}', '{"at":"2026-11-23T10:00:00Z"}']) {
      assert.throws(() => new StatisticsHistory().add(text));
    }
  });
});
