/** The value that so many percent of these do not exceed; `NaN` of none, which no limit is kept by. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const index = Math.ceil(sorted.length * percent / 100) - 1;
  return sorted[Math.max(0, index)] ?? Number.NaN;
}
