import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

/** One delivery that a handler began, and whether it came to its end. */
export interface LoggedDelivery {
  readonly id: number;
  readonly key: string;
  readonly sequence: number;
  readonly attempt: number;
  readonly redelivered: boolean;
  /** Which process. */
  readonly process: number;
  ended: boolean;
}

/** Where consumers write what they do. A line is with the system when it is written: a killed process loses none. */
export class EventLogWriter {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  begun(delivery: Omit<LoggedDelivery, "ended">): void {
    const { id, key, sequence, attempt, redelivered, process } = delivery;
    writeSync(this.#file, `B ${process} ${sequence} ${attempt} ${redelivered ? 1 : 0} ${id} ${key}\n`);
  }

  ended(process: number, sequence: number, attempt: number): void {
    writeSync(this.#file, `E ${process} ${sequence} ${attempt}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** What consumers did, in the order they did it. */
export function readEventLog(path: string): LoggedDelivery[] {
  const deliveries: LoggedDelivery[] = [];
  const open = new Map<string, LoggedDelivery>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const [kind, process, sequence, attempt, redelivered, id, key = ""] = line.split(" ");
    const name = `${process} ${sequence} ${attempt}`;
    if (kind === "B") {
      const delivery: LoggedDelivery = {
        id: Number(id),
        key,
        sequence: Number(sequence),
        attempt: Number(attempt),
        redelivered: redelivered === "1",
        process: Number(process),
        ended: false,
      };
      deliveries.push(delivery);
      open.set(name, delivery);
    } else if (kind === "E") open.get(name)!.ended = true;
  }
  return deliveries;
}

/** What the log says of all events together. */
export interface LogVerdict {
  /** Events that no handler finished. */
  readonly lost: number;
  /** Deliveries beyond the first one of an event. */
  readonly redeliveries: number;
  /** Of them, those that were not told as such. */
  readonly unflagged: number;
  /** Pairs of events of one key of which the later one was begun while the earlier one had never been finished. */
  readonly outOfOrder: number;
}

/** Judges the log of events 1 to `count`. */
export function judgeEventLog(deliveries: readonly LoggedDelivery[], count: number): LogVerdict {
  const begun = new Set<number>();
  const ended = new Set<number>();
  const lastEnded = new Map<string, number>();
  let [redeliveries, unflagged, outOfOrder] = [0, 0, 0];
  for (const { id, key, redelivered, attempt, ended: isEnded } of deliveries) {
    if (begun.has(id)) {
      redeliveries += 1;
      if (!redelivered || attempt < 2) unflagged += 1;
    }
    begun.add(id);
    // Ids of a key rise: one that is begun behind a later one that was done has been overtaken.
    if (!ended.has(id) && (lastEnded.get(key) ?? 0) > id) outOfOrder += 1;
    if (!isEnded) continue;
    ended.add(id);
    lastEnded.set(key, Math.max(id, lastEnded.get(key) ?? 0));
  }
  return { lost: count - ended.size, redeliveries, unflagged, outOfOrder };
}
