interface Waiter {
  readonly pattern: RegExp;
  readonly settle: (line: string) => void;
}

/** The log lines of a server, and a way to wait for one instead of sleeping. */
export class ServerLog {
  readonly #lines: string[] = [];
  readonly #waiters = new Set<Waiter>();
  #rest = "";

  /** How many lines there are; give it to {@linkcode waitFor} to look only at later ones. */
  get length(): number {
    return this.#lines.length;
  }

  get text(): string {
    return this.#lines.join("\n");
  }

  /** Whether there is a line that matches. */
  has(pattern: RegExp): boolean {
    return this.#lines.some((line) => pattern.test(line));
  }

  append(chunk: string): void {
    const lines = (this.#rest + chunk).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      this.#lines.push(line);
      for (const waiter of this.#waiters) {
        if (!waiter.pattern.test(line)) continue;
        this.#waiters.delete(waiter);
        waiter.settle(line);
      }
    }
  }

  /** The first line from `start` on that matches; rejects with the whole log when none comes within the time. */
  waitFor(pattern: RegExp, start = 0, timeoutMs = 10_000): Promise<string> {
    const known = this.#lines.slice(start).find((line) => pattern.test(line));
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        pattern,
        settle: (line) => {
          clearTimeout(timer);
          resolve(line);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(`The server logged nothing like ${pattern} within ${timeoutMs} ms:\n${this.text}`));
      }, timeoutMs);
      this.#waiters.add(waiter);
    });
  }
}
