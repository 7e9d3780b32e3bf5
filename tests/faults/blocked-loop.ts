import { startNatsServer } from "../support/nats-server.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { bounded } from "./bounded.ts";
import type { Experiment } from "./experiment.ts";
import { faultsSubjects } from "./faults-contract.ts";
import { none } from "./figures.ts";
import { History } from "./history.ts";
import { atARate } from "./jobs/at-a-rate.ts";
import { lastNumber } from "./jobs/hear-while-blocked.ts";
import { pauseMs } from "./pause-ms.ts";

const amounts = {
  // The limits make the broker cut the listener: by default it keeps 64 MiB for each.
  small: { events: 12_000, blockMs: 1_500, config: "max_pending: 1MB" },
  large: { events: 60_000, blockMs: 6_000, config: "max_pending: 8MB" },
};
const requests = 100;
const padding = "x".repeat(1_000);

/** F13: the event loop of a listener stands still while events come. */
export const blockedLoop: Experiment = {
  id: "F13",
  promise: "A listener that was too slow for its broker is told that events are missing",
  sizes: { small: "1.5 s blocked, 12,000 events of 1 KiB", large: "6 s blocked, 60,000 events of 1 KiB" },
  contenders: ["ours", "nats.js"],
  runtimes: ["bun", "deno"],
  largeLimitMs: 60_000,
  run: async (run) => {
    const { events, blockMs, config } = amounts[run.size];
    const history = new History();
    await using broker = await startNatsServer({ config });
    const service = await run.contender.openService({ servers: [broker.url] }, (text) => {
      history.ran(text);
      return text;
    });
    using peer = await RawPeer.connect(broker.port);
    await using job = await run.startJob(
      "hearWhileBlocked",
      { where: { servers: [broker.url] }, blockMs, requests },
      { place: run.place === "here" ? "node" : run.place },
    );
    await job.marked("hearing");
    job.go();
    await job.marked("blocking");
    const tell = (number: number): void =>
      peer.publish(faultsSubjects.ticked, `{"number":${number},"padding":"${padding}"}`);
    await atARate(events, events / (blockMs * 0.8) * 1_000, tell);
    await job.marked("awake");
    // Whoever was cut has time to come back.
    await pauseMs(3_000);
    tell(lastNumber(0));
    const { heard, gapsTold, records } = await job.result(40_000);
    await bounded(service.stop(100));
    history.add(records);
    const lost = events - heard;
    return [
      { name: "events", value: events },
      { name: "lost", value: lost },
      { name: "gaps told", value: gapsTold },
      { name: "losses in silence", value: lost > 0 && gapsTold === 0 ? lost : 0, limit: none },
      { name: "unsettled requests", value: history.verdict().endings.unsettled, limit: none },
      { name: "wrong answers", value: history.verdict().wrong, limit: none },
    ];
  },
};
