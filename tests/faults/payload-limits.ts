import { startFaultProxy } from "../support/fault-proxy.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";
import { bounded } from "./bounded.ts";
import type { Experiment } from "./experiment.ts";
import { none } from "./figures.ts";
import { History } from "./history.ts";

const limitBytes = 1_024;
const limitAfterBytes = 512;
/** `{"text":""}` takes 11 bytes, `{"number":1,"padding":""}` takes 25. */
const [textLength, paddingLength] = [limitBytes - 11, limitBytes - 25];
const around = (length: number): number[] => [length - 1, length, length + 1];
const prompt = { atMost: 1_000 };

/** F15: messages of just the size that the broker takes, and of one byte more. */
export const payloadLimits: Experiment = {
  id: "F15",
  promise: "A message that is too large is a typed error at once, and never costs the connection",
  sizes: {
    small: "requests, events and answers of 1,023 to 1,025 bytes; limit lowered during an outage",
    large: "requests, events and answers of 1,023 to 1,025 bytes; limit lowered during an outage",
  },
  contenders: ["ours", "nats.js"],
  runtimes: ["bun", "deno"],
  largeLimitMs: 60_000,
  run: async (run) => {
    const history = new History();
    await using broker = await startNatsServer({ config: `max_payload: ${limitBytes}` });
    await using proxy = await startFaultProxy(broker.port);
    const service = await run.contender.openService({ servers: [broker.url] }, (text) => {
      const [id = "", length] = text.startsWith("back:") ? [text, text.slice(5)] : [text.trimEnd().split(" x")[0]];
      history.ran(id.trim());
      return length === undefined ? text : "x".repeat(Number(length));
    });
    await using job = await run.startJob("askOfSizes", {
      where: { servers: [proxy.url] },
      asked: around(textLength),
      told: around(paddingLength),
      answered: around(textLength),
      askedAway: [...around(textLength), limitAfterBytes, 100],
    });
    await job.marked("before");
    const lostBefore = proxy.taken - 1;
    await broker.kill();
    const away = proxy.taken;
    await until("another dial", () => proxy.taken > away, 10_000);
    job.go();
    await job.marked("asked");
    broker.configure(`max_payload: ${limitAfterBytes}`);
    await broker.restart();
    const { records } = await job.result(30_000);
    await bounded(service.stop(100));
    history.add(records);
    const violations = broker.log.text.match(/maximum payload/gi)?.length ?? 0;
    const { mislabelled, endings } = history.verdict();
    const refusals = records.filter(({ ending }) => ending !== "ok");
    const connected = refusals.filter(({ id }) => !id.startsWith("away"));
    return [
      { name: "messages", value: records.length },
      { name: "refused", value: refusals.length },
      { name: "wrong outcomes", value: records.filter((record) => !isRight(record)).length, limit: none },
      { name: "mislabelled", value: mislabelled, limit: none },
      {
        name: "slowest refusal",
        value: Math.max(0, ...connected.map(({ tookMs }) => tookMs)),
        unit: "ms",
        limit: prompt,
      },
      { name: "connections lost", value: lostBefore + violations, limit: none },
      { name: "refused without a label", value: endings.unlabelled, limit: none },
      { name: "unsettled", value: endings.unsettled, limit: none },
    ];
  },
};

/** Whether a message ended as its size says. */
function isRight({ id, ending, code, wrong }: History["records"][number]): boolean {
  const [kind, length] = id.split(":");
  const most = kind === "told" ? paddingLength : kind === "away" ? limitAfterBytes - 11 : textLength;
  // The service may come back later than its caller.
  if (kind === "away" && code === "NO_RESPONDERS") return Number(length) <= most;
  if (Number(length) <= most) return ending === "ok" && wrong !== true;
  return ending !== "ok" && code !== "TIMEOUT" && code !== "TimeoutError";
}
