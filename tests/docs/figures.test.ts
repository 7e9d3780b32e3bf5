// Figures that a page repeats from where they were measured: they change there first.
import { readFile } from "node:fs/promises";
import * as assert from "uvu/assert";
import { describe } from "../support/suite.ts";

interface Row {
  readonly contender: string;
  readonly median: number;
  readonly ratio?: { readonly median: number };
}

const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
const { parts } = JSON.parse(await read("bench/results/latest.json"));
const reliability = await read("docs/reliability.md");

function rowsOf(part: string, title: string): readonly Row[] {
  return parts[part].workloads.find((workload: { title: string }) => workload.title === title).rows;
}

/** What an experiment gave for this library, in the order of its figures. */
function measured(experiment: string): readonly string[] {
  const row = reliability.split("\n").find((line) => line.startsWith(`| ${experiment} |`))!;
  return row.split("|")[5]!.trim().split("<br>");
}

describe("The pages", (test) => {
  test("tell how fast events are as the benchmark does", async () => {
    const row = rowsOf("events", "Events of 100 B, publisher to handler").find(({ contender }) =>
      contender === "nats.js"
    )!;
    const ratio = row.ratio!.median.toFixed(2);
    assert.ok((await read("README.md")).includes(`Events of 100 bytes: ${ratio} of nats.js`), ratio);
    assert.ok((await read("docs/migrating-from-nats-js.md")).includes(`[${ratio} of nats.js]`), ratio);
  });

  test("tell what instances, and failures of a cluster, gave", async () => {
    const page = (await read("docs/scaling-out.md")).replaceAll(/\s+/g, " ");
    const rates = ["1 server", "2 servers", "4 servers"].map((servers) => {
      const [ours] = rowsOf("instances", `Requests, 128 in flight, ${servers}`);
      return Math.round(ours!.median).toLocaleString("en");
    });
    assert.ok(page.includes(`be faster: ${rates[0]}, ${rates[1]} and ${rates[2]} requests a second`), rates.join());
    assert.ok(page.includes(`at most ${measured("F7")[0]} in 99 of 100 cases (F7)`), measured("F7")[0]);
    assert.ok(page.includes(`pings of 1 s, after ${measured("F8")[0]} (F8)`), measured("F8")[0]);
    assert.is(measured("F12")[1], "0");
    assert.is(measured("F6")[0], "0");
  });
});
