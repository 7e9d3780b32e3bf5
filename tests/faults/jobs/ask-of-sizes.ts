import type { OperationRecord } from "../history.ts";
import { bounded } from "../bounded.ts";
import type { Job, JobChoice } from "./job.ts";
import { Recorder } from "./recorder.ts";

/** How large. */
export interface SizesChoice extends JobChoice {
  /** Lengths of the texts that are asked. */
  readonly asked: readonly number[];
  /** Lengths of the paddings of the events that are told. */
  readonly told: readonly number[];
  /** Lengths of the texts that come back. */
  readonly answered: readonly number[];
  /** Lengths of the texts that are asked while the broker is away; none where nobody can take it away. */
  readonly askedAway: readonly number[];
}

const timeoutMs = 5_000;

/** Sends messages around a broker's limit; a text `back:N` is answered with so many characters. */
export const askOfSizes: Job<SizesChoice, { records: readonly OperationRecord[] }> = async (choice, context) => {
  const { where, asked, told, answered, askedAway } = choice;
  const caller = await context.contender.openCaller(where);
  const recorder = new Recorder(context.contender);
  const record = (id: string, call: () => Promise<unknown>, expected?: unknown): Promise<OperationRecord> =>
    recorder.record(id, timeoutMs, call, expected);
  const ask = (id: string, length: number): Promise<OperationRecord> => {
    const text = `${id} `.padEnd(length, "x");
    return record(id, () => caller.ask(text, { timeoutMs, idempotent: false }), text);
  };
  for (const length of asked) await ask(`asked:${length}`, length);
  for (const length of asked) {
    const id = `asked with a header:${length}`;
    const text = `${id} `.padEnd(length, "x");
    // The header's block takes 29 bytes of the same limit.
    const short = text.slice(0, length - 29);
    const options = { timeoutMs, idempotent: false, headers: { "X-Header": "12345" } };
    await record(id, () => caller.ask(short, options), short);
  }
  for (const length of told) await record(`told:${length}`, () => caller.tell(1, "x".repeat(length)));
  for (const length of answered) {
    const text = `back:${length}`;
    await record(text, () => caller.ask(text, { timeoutMs, idempotent: false }), "x".repeat(length));
  }
  if (askedAway.length > 0) {
    context.mark("before");
    await context.go();
    const asking = askedAway.map((length) => ask(`away:${length}`, length));
    context.mark("asked");
    await Promise.all(asking);
  }
  const records = await recorder.finish();
  await bounded(caller.close());
  return { records };
};
