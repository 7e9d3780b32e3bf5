import type { Bench } from "../harness/bench.ts";
import { eventContenders } from "../harness/contenders.ts";
import { measureEventSizes } from "../harness/event-sizes.ts";
import type { PartResult } from "../harness/workload.ts";

/** Events from one process to the handler in another, small ones and larger ones. */
export function measureEvents(bench: Bench): Promise<PartResult> {
  return measureEventSizes(
    bench,
    eventContenders,
    (size) => `Events of ${size}, publisher to handler`,
  );
}
