import assert from "node:assert/strict";
import { barChart } from "../../bench/harness/bar-chart.ts";
import type { Contender } from "../../bench/harness/contenders.ts";
import { interleave } from "../../bench/harness/interleave.ts";
import { median, ratios, slope, summarize } from "../../bench/harness/statistics.ts";
import { workloadTable } from "../../bench/harness/table.ts";
import { compare } from "../../bench/harness/workload.ts";
import { describe } from "../support/suite.ts";

const one: Contender = { name: "one", title: "one" };
const other: Contender = { name: "other", title: "the <other>" };
const workload = compare("Work", "requests/s", [
  { contender: one, values: [2_000, 3_000, 1_000], cpuUs: [10, 30, 20] },
  { contender: other, values: [1_000, 1_000, 1_000] },
]);

describe("The benchmark's figures", (test) => {
  test("median() gives the middle, or what lies between the two there, and leaves the values as they were", () => {
    const values = [9, 1, 5];
    assert.equal(median(values), 5);
    assert.equal(median([1, 2, 10, 4]), 3);
    assert.deepEqual(values, [9, 1, 5]);
  });

  test("summarize() gives how far values lie apart", () => {
    assert.deepEqual(summarize([3, 1, 2]), { median: 2, low: 1, high: 3 });
  });

  test("ratios() are taken round by round before the median is", () => {
    assert.deepEqual(ratios([10, 100, 30], [10, 50, 10]), { median: 2, low: 1, high: 3 });
  });

  test("slope() finds the growth of what grows, through noise", () => {
    assert.equal(slope([[0, 7], [10, 7], [20, 7]]), 0);
    assert.equal(slope([[0, 1], [1, 3], [2, 5]]), 2);
    assert.equal(slope([[0, 1], [1, 0], [2, 1], [3, 2], [4, 1]]), 0.2);
  });

  test("interleave() begins each round with another one", async () => {
    const turns: string[] = [];
    const measured = await interleave(["a", "b", "c"], 3, (name) => {
      turns.push(name);
      return Promise.resolve(turns.length);
    });
    assert.equal(turns.join(""), "abcbcacab");
    assert.deepEqual(measured.get("a"), [1, 6, 8]);
  });

  test("compare() gives the first to each of the others", () => {
    const [first, second] = workload.rows;
    assert.equal(first?.ratio, undefined);
    assert.equal(first?.cpuUs, 20);
    assert.deepEqual(second?.ratio, { median: 2, low: 1, high: 3 });
  });

  test("workloadTable() has a row for everybody", () => {
    const rows = workloadTable(workload).split("\n").slice(4);
    assert.deepEqual(rows, [
      "| one | 2,000 | 1,000 to 3,000 |  |  | 20.0 |",
      "| the <other> | 1,000 |  | 2.00 | 1.00 to 3.00 |  |",
    ]);
  });

  test("barChart() has a bar as long as the value for everybody, and escapes names", () => {
    const svg = barChart("Chart", "On a machine", [workload]);
    const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
    assert.deepEqual(widths, [220, 110]);
    assert.match(svg, />the &lt;other></);
    assert.match(svg, />1,000 {2}\(2\.00\)</);
    assert.match(svg, /prefers-color-scheme: dark/);
  });
});
