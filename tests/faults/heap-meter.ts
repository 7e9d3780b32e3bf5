/** Looks at the heap after a collection, again and again, and says how it grows. Runs where garbage can be collected. */
export class HeapMeter {
  readonly #samples: { readonly at: number; readonly bytes: number }[] = [];

  /** Whether this runtime lets a program collect garbage: Node and Deno with `--expose-gc`, Bun always. */
  static get isPossible(): boolean {
    return collector() !== undefined && memory() !== undefined;
  }

  /** Takes a sample; `at` is how much was done until then. */
  async sample(at: number): Promise<void> {
    // Twice, with a turn between: what a finalizer or a settled promise lets go of is only free in the second.
    for (let time = 0; time < 2; time++) {
      collector()?.();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    this.#samples.push({ at, bytes: memory()?.() ?? Number.NaN });
  }

  /** Bytes that stay for each unit that is done: the slope of the line through the samples, by least squares. */
  get bytesForEach(): number {
    return this.#line().slope;
  }

  /** Bytes that surely stay: the slope less twice its standard error, for where a runtime's own ups and downs are larger. */
  get surelyForEach(): number {
    const { slope, slopeError } = this.#line();
    return slope - 2 * slopeError;
  }

  #line(): { readonly slope: number; readonly slopeError: number } {
    const count = this.#samples.length;
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / count;
    const middle = mean(this.#samples.map(({ at }) => at));
    const level = mean(this.#samples.map(({ bytes }) => bytes));
    const above = this.#samples.reduce((sum, { at, bytes }) => sum + (at - middle) * (bytes - level), 0);
    const below = this.#samples.reduce((sum, { at }) => sum + (at - middle) ** 2, 0);
    const slope = above / below;
    const off = this.#samples.reduce((sum, { at, bytes }) => sum + (bytes - level - slope * (at - middle)) ** 2, 0);
    return { slope, slopeError: Math.sqrt(off / Math.max(1, count - 2) / below) };
  }
}

interface GarbageCollecting {
  readonly gc?: () => void;
  readonly Bun?: { gc(synchronous: boolean): void };
  readonly process?: { memoryUsage(): { heapUsed: number } };
}

function collector(): (() => void) | undefined {
  const { gc, Bun } = globalThis as GarbageCollecting;
  return gc ?? (Bun === undefined ? undefined : () => Bun.gc(true));
}

function memory(): (() => number) | undefined {
  const { process } = globalThis as GarbageCollecting;
  return process === undefined ? undefined : () => process.memoryUsage().heapUsed;
}
