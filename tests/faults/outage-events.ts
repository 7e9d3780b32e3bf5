import { startNatsServer } from "../support/nats-server.ts";
import { urlFor } from "./broker-urls.ts";
import type { Experiment } from "./experiment.ts";
import { none } from "./figures.ts";
import { History } from "./history.ts";
import { pauseMs } from "./pause-ms.ts";

const perSecond = 1_000;
const beforeMs = 700;
const amounts = { small: { events: 2_500, outageMs: 1_000 }, large: { events: 6_000, outageMs: 3_000 } };

/** F3: events while the broker is away. */
export const outageWithEvents: Experiment = {
  id: "F3",
  promise: "No event is lost in silence while the broker is away",
  sizes: { small: "1 s outage, 1,000 events/s", large: "3 s outage, 1,000 events/s" },
  contenders: ["ours", "nats.js", "nestjs"],
  runtimes: ["bun", "deno", "workerd"],
  largeLimitMs: 60_000,
  run: async (run) => {
    const { events, outageMs } = amounts[run.size];
    await using broker = await startNatsServer({ websocket: true });
    await using job = await run.startJob("tellAtARate", {
      where: { servers: [urlFor(run.place, broker)] },
      events,
      perSecond,
      timeoutMs: 10_000,
    });
    await job.marked("open");
    await pauseMs(beforeMs);
    await broker.kill();
    await pauseMs(outageMs);
    await broker.restart();
    const { records, heard } = await job.result(40_000);
    const history = new History();
    history.add(records);
    for (const number of heard) history.ran(String(number));
    const { operations, endings, lost, mislabelled } = history.verdict();
    return [
      { name: "told", value: operations },
      { name: "heard", value: heard.length },
      { name: "lost in silence", value: lost, limit: none },
      { name: "rejected, not sent", value: endings.failed },
      { name: "rejected, unknown", value: endings.unknown },
      { name: "mislabelled", value: mislabelled, limit: none },
      { name: "rejected without a label", value: endings.unlabelled, limit: none },
      { name: "unsettled", value: endings.unsettled, limit: none },
    ];
  },
};
