import type { Bench } from "../harness/bench.ts";
import { storedEventContenders } from "../harness/contenders.ts";
import { measureEventSizes } from "../harness/event-sizes.ts";
import type { PartResult } from "../harness/workload.ts";

/** Events that are stored on their way from one process to the handler in another, by a broker of their own. */
export async function measureStoredEvents(bench: Bench): Promise<PartResult> {
  const { startNatsServer } = await import(
    "../../tests/support/nats-server.ts"
  );
  await using broker = await startNatsServer({ jetstream: true });
  const stored = { ...bench, brokerUrl: broker.url };
  return await measureEventSizes(
    stored,
    storedEventContenders,
    (size) => `Stored events of ${size}, publisher to handler`,
  );
}
