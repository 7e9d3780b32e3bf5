/** The numbers of one request's service, over all its instances. */
export interface EndpointHistory {
  /** The contract and its version, such as `orders 1.4.0`. */
  readonly contract: string;
  /** The request's name. */
  readonly name: string;
  /** How many instances serve it. */
  readonly instances: number;
  /** How many requests they took since they were started. */
  readonly requests: number;
  /** How many of those failed. */
  readonly errors: number;
  /** From arrival to answer, in milliseconds. */
  readonly averageProcessingMs: number;
  /** What happened between two answers of the gateway, the oldest first. */
  readonly points: readonly RatePoint[];
}

/** What happened between two answers of the gateway. */
export interface RatePoint {
  /** When the later one was asked for, in milliseconds since 1970. */
  readonly at: number;
  readonly requestsPerSecond: number;
  readonly errorsPerSecond: number;
}

/** A server that answered. */
export interface RunningInstance {
  /** The contract it serves. */
  readonly contract: string;
  /** Its own identifier. */
  readonly id: string;
  /** The version it says it serves. */
  readonly version: string;
  /** When it was started. */
  readonly started: string;
}

/** An answer of `/statistics`, as far as the page reads it. */
interface StatisticsAnswer {
  readonly at: string;
  readonly contracts: readonly {
    readonly name: string;
    readonly version: string;
    readonly instances: readonly {
      readonly id: string;
      readonly version: string;
      readonly started: string;
      readonly endpoints: readonly {
        readonly name: string;
        readonly requests: number;
        readonly errors: number;
        readonly averageProcessingMs: number;
      }[];
    }[];
  }[];
}

interface Counters {
  readonly requests: number;
  readonly errors: number;
}

/** What the instances of one endpoint come to together. */
interface Sum {
  readonly contract: string;
  readonly name: string;
  instances: number;
  requests: number;
  errors: number;
  spentMs: number;
  grownRequests: number;
  grownErrors: number;
}

/** How far back the history goes, in milliseconds. */
export const historyMs: number = 5 * 60_000;
/** Two points further apart than this have something unknown between them, in milliseconds. */
export const longestStepMs: number = 10_000;

/** Turns the counters of `/statistics` into rates, and remembers those of the last minutes. */
export class StatisticsHistory {
  #endpoints = new Map<string, EndpointHistory>();
  #counters = new Map<string, Counters>();
  #instances: readonly RunningInstance[] = [];
  #at: number | undefined;

  /** The endpoints of the newest answer, in its order, and those that were there in the last minutes. */
  get endpoints(): readonly EndpointHistory[] {
    return [...this.#endpoints.values()];
  }

  /** Who gave the newest answer. */
  get instances(): readonly RunningInstance[] {
    return this.#instances;
  }

  /** When the newest answer was asked for, in milliseconds since 1970. */
  get at(): number | undefined {
    return this.#at;
  }

  /** Takes an answer; one that was there before is taken once. @throws {Error} for what is none */
  add(text: string): void {
    const answer = JSON.parse(text) as StatisticsAnswer;
    const at = Date.parse(answer.at);
    if (Number.isNaN(at) || !Array.isArray(answer.contracts as unknown)) throw new Error("these are no statistics");
    if (this.#at !== undefined && at <= this.#at) return;
    const sums = this.#sumUp(answer);
    const seconds = this.#at === undefined ? undefined : (at - this.#at) / 1_000;
    const endpoints = new Map([...sums].map(([key, sum]) => {
      const points = [...this.#pointsOf(key, at)];
      // A first answer says how many there were, not how fast they came.
      if (seconds !== undefined) {
        const { grownRequests, grownErrors } = sum;
        points.push({ at, requestsPerSecond: grownRequests / seconds, errorsPerSecond: grownErrors / seconds });
      }
      return [key, toHistory(sum, points)] as const;
    }));
    for (const [key, gone] of this.#endpoints) {
      const points = this.#pointsOf(key, at);
      if (!endpoints.has(key) && points.length > 0) endpoints.set(key, { ...gone, instances: 0, points });
    }
    this.#endpoints = endpoints;
    this.#instances = answer.contracts.flatMap(({ name, instances }) =>
      instances.map(({ id, version, started }) => ({ contract: name, id, version, started }))
    );
    this.#at = at;
  }

  #sumUp(answer: StatisticsAnswer): Map<string, Sum> {
    const sums = new Map<string, Sum>();
    for (const { name: contractName, version, instances } of answer.contracts) {
      const contract = `${contractName} ${version}`;
      for (const { id, started, endpoints } of instances) {
        for (const { name, requests, errors, averageProcessingMs } of endpoints) {
          const key = JSON.stringify([contract, name]);
          const sum = sums.get(key) ?? emptySum(contract, name);
          sums.set(key, sum);
          const grown = this.#growth(JSON.stringify([key, id]), { requests, errors }, Date.parse(started));
          sum.instances += 1;
          sum.requests += requests;
          sum.errors += errors;
          sum.spentMs += averageProcessingMs * requests;
          sum.grownRequests += grown.requests;
          sum.grownErrors += grown.errors;
        }
      }
    }
    return sums;
  }

  /** What an instance did since the answer before; of one that was not in it and is older nobody knows. */
  #growth(key: string, now: Counters, startedAt: number): Counters {
    const isNew = this.#at !== undefined && startedAt >= this.#at;
    const before = this.#counters.get(key) ?? (isNew ? { requests: 0, errors: 0 } : now);
    if (!this.#counters.has(key) && this.#counters.size >= maximumCounters) this.#counters.clear();
    this.#counters.set(key, now);
    return {
      requests: Math.max(0, now.requests - before.requests),
      errors: Math.max(0, now.errors - before.errors),
    };
  }

  #pointsOf(key: string, at: number): readonly RatePoint[] {
    const points = this.#endpoints.get(key)?.points ?? [];
    return points.filter((point) => point.at >= at - historyMs);
  }
}

/** Instances come and go while a page stays open for days. */
const maximumCounters = 50_000;

function emptySum(contract: string, name: string): Sum {
  return { contract, name, instances: 0, requests: 0, errors: 0, spentMs: 0, grownRequests: 0, grownErrors: 0 };
}

function toHistory(sum: Sum, points: readonly RatePoint[]): EndpointHistory {
  const { contract, name, instances, requests, errors, spentMs } = sum;
  const averageProcessingMs = requests === 0 ? 0 : spentMs / requests;
  return { contract, name, instances, requests, errors, averageProcessingMs, points };
}
