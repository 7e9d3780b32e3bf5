import type { Contender } from "./contenders.ts";
import { ratios, summarize, type Summary } from "./statistics.ts";

/** What is counted. */
export type Unit = "requests/s" | "events/s" | "ms" | "bytes" | "bytes/request";

/** One contender at one workload. */
export interface WorkloadRow extends Summary {
  readonly contender: string;
  /** Round by round. */
  readonly values: readonly number[];
  /** The first row's values to these, round by round; none in the first row. */
  readonly ratio?: Summary;
  /** Processor time of all its processes for each request or event, in microseconds, where it was taken. */
  readonly cpuUs?: number;
}

/** One kind of work, and how everybody did at it. */
export interface Workload {
  readonly title: string;
  readonly unit: Unit;
  readonly rows: readonly WorkloadRow[];
}

/** What a part of the benchmark found. */
export interface PartResult {
  readonly workloads: readonly Workload[];
  /** What a table cannot say. */
  readonly notes: readonly string[];
}

/** Compares everybody to the first. */
export function compare(
  title: string,
  unit: Unit,
  measured: readonly {
    contender: Contender;
    values: readonly number[];
    cpuUs?: readonly number[];
  }[],
): Workload {
  const first = measured[0]!;
  const rows = measured.map(({ contender, values, cpuUs }): WorkloadRow => ({
    contender: contender.title,
    values,
    ...summarize(values),
    ...(values === first.values ? {} : { ratio: ratios(first.values, values) }),
    ...(cpuUs === undefined ? {} : { cpuUs: summarize(cpuUs).median }),
  }));
  return { title, unit, rows };
}
