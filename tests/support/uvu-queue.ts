// Must be imported before uvu: uvu 0.5.6 reads UVU_DEFER once, while it loads, and without it schedules its own run with
// a `setTimeout`, which workerd refuses at global scope and which no runner can wait for.

/** What a suite resolves to: formatted errors or `true`, tests that passed, tests skipped, tests registered. */
export type UvuResult = [errors: string | true, passed: number, skipped: number, total: number];

/** One suite, ready to run. */
export type UvuRun = () => Promise<UvuResult>;

interface UvuGlobals {
  UVU_DEFER?: number;
  UVU_QUEUE?: UvuRun[][];
  UVU_INDEX?: number;
}

const uvuGlobals = globalThis as unknown as UvuGlobals;
uvuGlobals.UVU_DEFER = 1;

/** Makes the group that suites registered from now on go to, and returns it. */
export function openUvuGroup(): UvuRun[] {
  const group: UvuRun[] = [];
  uvuGlobals.UVU_QUEUE ??= [];
  uvuGlobals.UVU_INDEX = uvuGlobals.UVU_QUEUE.push(group) - 1;
  return group;
}
