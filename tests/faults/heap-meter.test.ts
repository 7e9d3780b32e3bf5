import * as assert from "uvu/assert";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe } from "../support/suite.ts";
import { HeapMeter } from "./heap-meter.ts";

describe("HeapMeter", (test) => {
  setFlagsFromString("--expose-gc");
  (globalThis as { gc?: () => void }).gc = runInNewContext("gc") as () => void;

  async function measure(keep: (kept: unknown[]) => void): Promise<HeapMeter> {
    const meter = new HeapMeter();
    const kept: unknown[] = [];
    for (let step = 0; step < 12; step++) {
      for (let unit = 0; unit < 1_000; unit++) keep(kept);
      // The first steps compile.
      if (step >= 4) await meter.sample(step * 1_000);
    }
    assert.ok(kept.length >= 0);
    return meter;
  }

  test("sees what is kept", async () => {
    const meter = await measure((kept) => kept.push(new Array(100).fill(Math.random())));
    assert.ok(meter.bytesForEach > 700 && meter.bytesForEach < 1_200, String(meter.bytesForEach));
    assert.ok(meter.surelyForEach > 600 && meter.surelyForEach <= meter.bytesForEach, String(meter.surelyForEach));
  });

  test("does not see what is let go", async () => {
    const meter = await measure((kept) => {
      kept[0] = new Array(100).fill(Math.random());
    });
    assert.ok(meter.bytesForEach < 30, String(meter.bytesForEach));
  });
});
