import type { Contract } from "../contract/contract.ts";
import type { EventName, InferContract, RequestName } from "../contract/infer.ts";
import { isLibraryCode, type LibraryCode } from "../errors/error-codes.ts";
import { MessagingError } from "../errors/messaging-error.ts";

/**
 * Options of every fault.
 *
 * @example
 * ```ts
 * import type { FaultOptions } from "@magicbutton/messaging/testing";
 *
 * const options: FaultOptions = { nth: 2, times: 3 };
 * ```
 */
export interface FaultOptions {
  /** Which message of the operation is the first, counted from now: 1 is the next. @default 1 */
  readonly nth?: number;
  /** How many messages in a row; `Infinity` until it is removed. @default 1 */
  readonly times?: number;
}

/**
 * Options of a fault of a request, on its way or on its answer's.
 *
 * @example
 * ```ts
 * import type { RouteFaultOptions } from "@magicbutton/messaging/testing";
 *
 * const options: RouteFaultOptions = { at: "answer", times: Infinity };
 * ```
 */
export interface RouteFaultOptions extends FaultOptions {
  /** What it happens to: an answer is lost or late after the work was done. @default "request" */
  readonly at?: "request" | "answer";
}

/**
 * Options of `fail`.
 *
 * @example
 * ```ts
 * import type { FailOptions } from "@magicbutton/messaging/testing";
 *
 * const options: FailOptions = { retryAfterMs: 50, times: 2 };
 * ```
 */
export interface FailOptions<Data = unknown> extends FaultOptions {
  /** The error's data, typed by the contract for its own codes. @default none */
  readonly data?: Data;
  /** The message. @default the contract's, or one that says that it was on purpose */
  readonly message?: string;
  /** How long the caller shall wait before another attempt, in milliseconds. @default none */
  readonly retryAfterMs?: number;
}

/** A fault that was asked for. */
export interface InjectedFault {
  /** What it is, in words. */
  readonly description: string;
  /** How often it has happened. */
  readonly happened: number;
  /** Takes it back. Never throws. */
  remove(): void;
}

/** The codes that a request may be made to fail with: its own of the contract, and the library's. */
export type FailureCode<C extends Contract, Name extends RequestName<C> | EventName<C>> =
  | LibraryCode
  | (Name extends RequestName<C> ? keyof InferContract<C>["requests"][Name]["errors"] & string : never);

/** The data of such an error. */
export type FailureData<C extends Contract, Name, Code> = Name extends RequestName<C>
  ? Code extends keyof InferContract<C>["requests"][Name]["errors"] ? InferContract<C>["requests"][Name]["errors"][Code]
  : unknown
  : unknown;

/**
 * Makes messages fail, late, lost or doubled on purpose. Each attempt of a request that is retried counts as a message.
 * Several faults of one message all happen; where one makes it fail, that one alone.
 */
export interface Faults<C extends Contract = Contract> {
  /**
   * Makes a request, or the broadcast of an event, fail with a code. The connection's codes (`TIMEOUT`, `CANCELLED`,
   * `NO_RESPONDERS`, `DISCONNECTED`, `PAYLOAD_TOO_LARGE`) come at once and nothing is sent; the others are an answer,
   * written and read as a service's.
   *
   * @throws {TypeError} for an operation that is not in the contract, or a code that is neither its own nor the library's
   */
  fail<Name extends RequestName<C> | EventName<C>, Code extends FailureCode<C, Name>>(
    name: Name,
    code: Code,
    options?: FailOptions<FailureData<C, Name, Code>>,
  ): InjectedFault;
  /**
   * Makes a request, its answer or an event late, by the transport's clock.
   *
   * @throws {TypeError} for an operation that is not in the contract, or a delay that is no duration
   */
  delay(name: RequestName<C> | EventName<C>, delayMs: number, options?: RouteFaultOptions): InjectedFault;
  /**
   * Loses a request, its answer or an event: the caller waits until its deadline, a broadcast looks as if it was sent.
   *
   * @throws {TypeError} for an operation that is not in the contract
   */
  drop(name: RequestName<C> | EventName<C>, options?: RouteFaultOptions): InjectedFault;
  /**
   * Delivers a request or an event once more. The second arrival of a request comes after the answer to the first; its own
   * answer goes to nobody.
   *
   * @throws {TypeError} for an operation that is not in the contract
   */
  duplicate(name: RequestName<C> | EventName<C>, options?: FaultOptions): InjectedFault;
  /** Faults that have not happened as often as was asked for, in words; `Infinity` is always enough. */
  readonly unused: readonly string[];
  /** Takes all of them back. Never throws. */
  clear(): void;
}

/** What happens to one message. */
export interface Fault {
  readonly error?: { readonly code: string } & Omit<FailOptions, keyof FaultOptions>;
  readonly delayMs?: number;
  readonly delayAnswerMs?: number;
  readonly drop?: "request" | "answer";
  readonly copies?: number;
  /** In words. */
  readonly description: string;
}

interface PlannedFault {
  readonly name: string;
  readonly nth: number;
  readonly times: number;
  readonly fault: Fault;
  seen: number;
  happened: number;
}

/** The faults of one test transport. */
export class PlannedFaults implements Faults {
  readonly #contract: Contract;
  readonly #planned = new Set<PlannedFault>();

  /** None yet. */
  constructor(contract: Contract) {
    this.#contract = contract;
  }

  fail(name: string, code: string, options: FailOptions = {}): InjectedFault {
    const { nth, times, ...error } = options;
    const own = this.#contract.requests.get(name)?.errors.has(code) ?? false;
    if (!own && !isLibraryCode(code)) {
      throw new TypeError(
        `Cannot make "${name}" fail with "${code}": neither the contract nor the library has that code for it`,
      );
    }
    return this.#plan(name, { nth, times }, { error: { code, ...error }, description: `fails with ${code}` });
  }

  delay(name: string, delayMs: number, options: RouteFaultOptions = {}): InjectedFault {
    if (!(Number.isFinite(delayMs) && delayMs > 0)) {
      throw new TypeError(`Cannot use \`delayMs\`: a number over 0 is wanted, current value is ${String(delayMs)}`);
    }
    const late = options.at === "answer" ? { delayAnswerMs: delayMs } : { delayMs };
    const what = options.at === "answer" ? "is answered" : "is sent";
    return this.#plan(name, options, { ...late, description: `${what} ${delayMs} ms late` });
  }

  drop(name: string, options: RouteFaultOptions = {}): InjectedFault {
    const { at = "request" } = options;
    const description = at === "answer" ? "loses its answer" : "is lost";
    return this.#plan(name, options, { drop: at, description });
  }

  duplicate(name: string, options: FaultOptions = {}): InjectedFault {
    return this.#plan(name, options, { copies: 1, description: "is delivered twice" });
  }

  get unused(): readonly string[] {
    const unused = [...this.#planned].filter(({ times, happened }) => happened < (times === Infinity ? 0 : times));
    return unused.map(({ name, fault, happened, times }) => `"${name}" ${fault.description}: ${happened} of ${times}`);
  }

  clear(): void {
    this.#planned.clear();
  }

  /** What happens to the next message of an operation; each call counts as one. */
  take(name: string): Fault | undefined {
    const due: Fault[] = [];
    for (const planned of this.#planned) {
      if (planned.name !== name) continue;
      planned.seen += 1;
      if (planned.seen < planned.nth) continue;
      planned.happened += 1;
      due.push(planned.fault);
      if (planned.happened >= planned.times) this.#planned.delete(planned);
    }
    if (due.length < 2) return due[0];
    const failing = due.find(({ error }) => error !== undefined);
    return failing ?? due.reduce(both);
  }

  #plan(
    name: string,
    { nth = 1, times = 1 }: Partial<Record<keyof FaultOptions, number | undefined>>,
    fault: Fault,
  ): InjectedFault {
    if (!this.#contract.requests.has(name) && !this.#contract.events.has(name)) {
      throw new TypeError(`Contract "${this.#contract.name}" has no operation "${String(name).slice(0, 128)}"`);
    }
    for (const [option, value] of Object.entries({ nth, times })) {
      if (!(value >= 1) || !(Number.isInteger(value) || value === Infinity)) {
        throw new TypeError(
          `Cannot use \`${option}\`: a whole number of at least 1 is wanted, current value is ${value}`,
        );
      }
    }
    const planned: PlannedFault = { name, nth, times, fault, seen: 0, happened: 0 };
    this.#planned.add(planned);
    return {
      description: fault.description,
      get happened() {
        return planned.happened;
      },
      remove: () => void this.#planned.delete(planned),
    };
  }
}

function both(one: Fault, other: Fault): Fault {
  return {
    ...one,
    ...other,
    copies: (one.copies ?? 0) + (other.copies ?? 0),
    description: `${one.description} and ${other.description}`,
  };
}

/** The error of a fault. */
export function faultError(contract: Contract, operation: string, fault: NonNullable<Fault["error"]>): MessagingError {
  const { code, data, message, retryAfterMs } = fault;
  const own = contract.requests.get(operation)?.errors.get(code);
  return new MessagingError(code, message ?? own?.message ?? `"${operation}" failed with ${code} on purpose`, {
    data,
    retryAfterMs,
    operation,
    ...(own === undefined ? {} : { status: own.status, retryable: own.retryable }),
  });
}
