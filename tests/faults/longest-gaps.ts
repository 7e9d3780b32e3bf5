import type { OperationRecord } from "./history.ts";

/** For each fault the longest time without an answer between its begin and the begin of the next; dates in milliseconds. */
export function longestGaps(records: readonly OperationRecord[], faultsBegan: readonly number[]): readonly number[] {
  const answered = records.flatMap(({ ending, endedAt }) => ending === "ok" ? [endedAt] : []).sort((a, b) => a - b);
  return faultsBegan.map((began, index) => {
    const next = faultsBegan[index + 1] ?? Infinity;
    const before = answered.findLast((at) => at <= began) ?? began;
    const within = [before, ...answered.filter((at) => at > began && at < next)];
    // Nothing was answered any more.
    if (within.length === 1) return Infinity;
    return Math.max(...within.slice(1).map((at, position) => at - within[position]!));
  });
}
