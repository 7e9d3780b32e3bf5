import * as assert from "uvu/assert";
import { RateTable } from "../../src/gateway/rate-table.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { describe } from "../support/suite.ts";

describe("RateTable", (test) => {
  test("lets through what the limit says in a window that begins with a caller's first request", () => {
    const table = new RateTable("identity", { requests: 2, windowMs: 1_000 }, 10);
    const at = (now: number): string => {
      const { allowed, remaining, resetMs } = table.count("ann", now);
      return `${allowed ? "yes" : "no"} ${remaining} ${resetMs}`;
    };
    assert.equal([at(500), at(1_400), at(1_499), at(1_500), at(2_600)], [
      "yes 1 1000",
      "yes 0 100",
      "no 0 1",
      "yes 1 1000",
      "yes 1 1000",
    ]);
  });

  test("lets no caller through more often than twice the limit in any window, whatever it tries", () => {
    const table = new RateTable("identity", { requests: 10, windowMs: 1_000 }, 100);
    const random = seededRandom(3);
    const allowed: number[] = [];
    for (let now = 0; now < 100_000; now += random.below(60)) if (table.count("noisy", now).allowed) allowed.push(now);
    for (const [index, start] of allowed.entries()) {
      const inside = allowed.slice(index).filter((now) => now < start + 1_000).length;
      assert.ok(inside <= 20, `${inside} from ${start}`);
    }
    assert.ok(allowed.length > 900 && allowed.length <= 1_010, String(allowed.length));
  });

  test("forgets the caller not seen for longest, and never one who goes on trying", () => {
    const table = new RateTable("address", { requests: 1, windowMs: 60_000 }, 50);
    assert.is(table.count("noisy", 0).allowed, true);
    for (let other = 0; other < 5_000; other++) {
      assert.is(table.count(`other-${other}`, other).allowed, true);
      assert.is(table.count("noisy", other).allowed, false);
      assert.ok(table.size <= 50);
    }
  });
});
