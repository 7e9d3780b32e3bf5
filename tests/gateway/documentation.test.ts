import { readFile } from "node:fs/promises";
import * as assert from "uvu/assert";
import { effectiveLimits, type RateLimit } from "../../src/gateway/gateway-limits.ts";
import { GatewayMetrics } from "../../src/gateway/gateway-metrics.ts";
import { describe } from "../support/suite.ts";

const page = await readFile(new URL("../../docs/gateway.md", import.meta.url), "utf8");
const start = page.indexOf("## Limits");
const limitRows = page.slice(start, page.indexOf("\n## ", start)).split("\n").filter((line) => line.startsWith("| `"));

/** A limit as the page writes it. */
function written(value: number | RateLimit | false): string {
  if (value === false) return "none";
  return typeof value === "number"
    ? value.toLocaleString("en")
    : `${value.requests.toLocaleString("en")} in ${value.windowMs.toLocaleString("en")} ms`;
}

describe("docs/gateway.md", (test) => {
  test("has every limit with its default, and no other", () => {
    const told = new Map<string, string>();
    for (const row of limitRows) {
      const [, names = "", values = ""] = row.split("|").map((cell) => cell.trim());
      const each = names.split(", ").map((name) => name.replaceAll("`", ""));
      const defaults = each.length === 1 ? [values] : values.split(", ");
      for (const [index, name] of each.entries()) told.set(name, defaults[index]!);
    }
    const wanted = Object.entries<number | RateLimit | false>(effectiveLimits());
    assert.equal(
      Object.fromEntries([...told].sort()),
      Object.fromEntries(
        wanted.map(([name, value]) => {
          return [name, written(value)] as const;
        }).sort(),
      ),
    );
  });

  test("names every metric", () => {
    const metrics = new GatewayMetrics();
    metrics.operation("a", "b").count(200, 1);
    for (const [, name = ""] of metrics.text().matchAll(/^# TYPE messaging_gateway_(\w+) /gm)) {
      assert.match(page, new RegExp(`(?:messaging_gateway|…)_${name}\\b`));
    }
  });
});
