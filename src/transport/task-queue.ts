/** Options of `TaskQueue`. */
export interface TaskQueueOptions<Item> {
  /** How many run at once. */
  readonly concurrency: number;
  /** How many wait besides them. */
  readonly queueLimit: number;
  /** How many bytes those that wait may have together; one more is taken below that. @default no limit */
  readonly queueBytes?: number;
  /** What an item takes. @default nothing */
  readonly bytesOf?: (item: Item) => number;
  /** Does the work. Never throws and never rejects. */
  readonly run: (item: Item) => void | Promise<void>;
}

/** Runs work in the order it came, so many at once, with a bound on what waits. */
export class TaskQueue<Item> {
  readonly #options: TaskQueueOptions<Item>;
  readonly #waiting: (Item | undefined)[] = [];
  readonly #bytesOf: (item: Item) => number;
  readonly #queueBytes: number;
  #first = 0;
  #waitingBytes = 0;
  #running = 0;
  #draining = false;
  #whenIdle: (() => void)[] = [];
  /** One for all items. */
  readonly #onFinished = (): void => {
    this.#running -= 1;
    this.#drain();
  };

  /** Nothing runs yet. @throws {TypeError} for limits that are no whole numbers, or a concurrency under 1 */
  constructor(options: TaskQueueOptions<Item>) {
    checkLimit("concurrency", options.concurrency, 1);
    checkLimit("queueLimit", options.queueLimit, 0);
    const { queueBytes = Infinity, bytesOf = () => 0 } = options;
    if (queueBytes !== Infinity) checkLimit("queueBytes", queueBytes, 1);
    this.#options = options;
    this.#queueBytes = queueBytes;
    this.#bytesOf = bytesOf;
  }

  /** How many run or wait. */
  get size(): number {
    return this.#running + this.#waitingCount;
  }

  /** Whether one more can be taken. */
  get hasRoom(): boolean {
    return this.#running < this.#options.concurrency ||
      this.#waitingCount < this.#options.queueLimit && this.#waitingBytes < this.#queueBytes;
  }

  /** The item that waits longest. */
  get oldest(): Item | undefined {
    return this.#waiting[this.#first];
  }

  /** Takes an item, also one over the limit: `hasRoom` says what to expect. Runs it at once where it can. */
  add(item: Item): void {
    if (this.#draining || this.#waitingCount > 0 || this.#running >= this.#options.concurrency) {
      this.#waiting.push(item);
      this.#waitingBytes += this.#bytesOf(item);
      return;
    }
    this.#draining = true;
    this.#start(item);
    this.#draining = false;
    this.#drain();
  }

  /** Takes out the item that waits longest. */
  dropOldest(): Item | undefined {
    return this.#waitingCount === 0 ? undefined : this.#takeFirst();
  }

  /** Takes out all that wait. */
  clear(): readonly Item[] {
    const items = this.#waiting.splice(0).slice(this.#first) as Item[];
    this.#first = 0;
    this.#waitingBytes = 0;
    return items;
  }

  /** Resolves when nothing runs or waits. */
  idle(): Promise<void> {
    return this.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    while (this.#waitingCount > 0 && this.#running < this.#options.concurrency) this.#start(this.#takeFirst());
    this.#draining = false;
    if (this.#whenIdle.length > 0 && this.size === 0) {
      for (const wake of this.#whenIdle.splice(0)) wake();
    }
  }

  #start(item: Item): void {
    this.#running += 1;
    const outcome = this.#options.run(item);
    if (outcome === undefined) this.#running -= 1;
    else outcome.then(this.#onFinished, this.#onFinished);
  }

  get #waitingCount(): number {
    return this.#waiting.length - this.#first;
  }

  // Not `Array.shift`, which moves all that wait: with 100,000 of them the queue would stand still for seconds.
  #takeFirst(): Item {
    const item = this.#waiting[this.#first] as Item;
    this.#waiting[this.#first] = undefined;
    this.#waitingBytes -= this.#bytesOf(item);
    this.#first += 1;
    if (this.#first === this.#waiting.length || this.#first >= 1_024 && this.#first * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#first);
      this.#first = 0;
    }
    return item;
  }
}

function checkLimit(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new TypeError(
    `Cannot use \`${name}\`: a whole number of at least ${least} is wanted, current value is ${String(value)}`,
  );
}
