import type { Contract, RequestOperation } from "../contract/contract.ts";
import type { InferRequest, RequestName } from "../contract/infer.ts";
import { accessDecision } from "../contract/roles.ts";
import type { LibraryCode } from "../errors/error-codes.ts";
import { encodeBody } from "../message/json-codec.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import { systemClock } from "../transport/clock.ts";
import type { Transport } from "../transport/transport.ts";
import { ConformanceCaller, type RawRequest } from "./conformance-caller.ts";
import { checkAnswer, checkLetIn, checkRefusal, failure, shown } from "./conformance-checks.ts";
import { generateLabelled } from "./generate-values.ts";
import { malformedBodies } from "./malformed-bodies.ts";

/** A bearer token, or what gives one. */
export type ConformanceToken = string | (() => string | Promise<string>);

/**
 * Options of `conformance`.
 *
 * @example
 * ```ts
 * import { type Contract, MemoryTransport } from "@magicbutton/messaging";
 * import type { ConformanceOptions } from "@magicbutton/messaging/testing";
 *
 * const options: ConformanceOptions<Contract> = {
 *   transport: () => new MemoryTransport(),
 *   tokens: { clerk: "a clerk's token" },
 *   count: 3,
 * };
 * ```
 */
export interface ConformanceOptions<C extends Contract> {
  /** How the service is reached; a function is asked for each case. */
  readonly transport: Transport | (() => Transport | Promise<Transport>);
  /** What stands before the contract's subjects, as the service has it. @default none */
  readonly namespace?: string;
  /** What the service encrypts with. @default none */
  readonly encryption?: PayloadEncryption;
  /**
   * A token for each role: somebody who holds that role and no other. A role without one is not tried; a request that no
   * role with a token may use cannot be asked.
   *
   * @default none
   */
  readonly tokens?: Readonly<Record<string, ConformanceToken>>;
  /** Inputs to use in place of generated ones, where the service knows only some. @default generated ones */
  readonly examples?: { readonly [Name in RequestName<C>]?: readonly InferRequest<C, Name>[] };
  /** Requests to leave out, such as those that send real mail. @default none */
  readonly skip?: readonly RequestName<C>[];
  /**
   * Codes of the library that a valid input may be answered with beside the contract's own, such as `FORBIDDEN` where
   * `authorize` decides by data. @default none
   */
  readonly accept?: readonly LibraryCode[];
  /** How many valid inputs of each request. @default 5 */
  readonly count?: number;
  /** How many invalid inputs of each request at most. @default 50 */
  readonly invalidCount?: number;
  /** The same seed gives the same inputs. @default 1 */
  readonly seed?: number;
  /** How long each answer may take, in milliseconds. @default 5000 */
  readonly timeoutMs?: number;
  /** How long a second answer to a request is waited for, in milliseconds. @default 200 */
  readonly secondAnswerMs?: number;
}

/** One case, for any test framework: `test(name, run)`. */
export interface ConformanceCase {
  /** The request, and what it has to do. */
  readonly name: string;
  /** The request's name in the contract. */
  readonly operation: string;
  /** Asks the service over a connection of its own, and closes it. @throws {Error} that says what the service did wrong */
  readonly run: () => Promise<void>;
}

interface Subject {
  readonly operation: RequestOperation;
  readonly valid: readonly unknown[];
  readonly token: () => Promise<string | undefined>;
}

/**
 * Cases that hold a running service to its contract, for any test framework. Each request has to answer valid inputs with a
 * valid response or an error that the contract names, refuse invalid inputs and malformed bodies, let in the roles that the
 * contract says and no others, answer once, and still answer after each of these. Run it against a service with data that
 * may change.
 *
 * @throws {TypeError} where no valid input of a request can be generated (give `examples`), or no token lets it be asked
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, createMessagingServer, MemoryTransport } from "@magicbutton/messaging";
 * import { conformance } from "@magicbutton/messaging/testing";
 *
 * const contract = createContract({
 *   name: "clock",
 *   version: "1.0.0",
 *   requests: { now: { request: v.object({ zone: v.string() }), response: v.object({ iso: v.string() }) } },
 * });
 * const transport = new MemoryTransport();
 * const server = createMessagingServer({ contract, transport });
 * server.registerHandler("now", () => ({ iso: "2026-11-24T10:00:00Z" }));
 * await server.start();
 * for (const { name, run } of await conformance(contract, { transport })) {
 *   await run();
 *   console.log(name);
 * }
 * await server.stop();
 * ```
 */
export async function conformance<C extends Contract>(
  contract: C,
  options: ConformanceOptions<C>,
): Promise<readonly ConformanceCase[]> {
  const cases: ConformanceCase[] = [];
  for (const operation of contract.requests.values()) {
    if (options.skip?.includes(operation.name as RequestName<C>)) continue;
    cases.push(...await new RequestCases(contract, operation, options as ConformanceOptions<Contract>).all());
  }
  return cases;
}

/** The cases of one request. */
class RequestCases {
  readonly #contract: Contract;
  readonly #operation: RequestOperation;
  readonly #options: ConformanceOptions<Contract>;

  constructor(contract: Contract, operation: RequestOperation, options: ConformanceOptions<Contract>) {
    this.#contract = contract;
    this.#operation = operation;
    this.#options = options;
  }

  async all(): Promise<readonly ConformanceCase[]> {
    const { name, schemas } = this.#operation;
    const { examples = {}, seed = 1, count = 5, invalidCount = 50 } = this.#options;
    const given = (examples as Readonly<Record<string, readonly unknown[]>>)[name] ?? [];
    const generated = await generateLabelled<unknown>(schemas.request, `request "${name}"`, {
      seed,
      count,
      invalidCount,
      examples: given,
    });
    const subject = { operation: this.#operation, valid: generated.valid, token: this.#findToken() };
    return [
      ...generated.valid.map((input, index) => this.#valid(subject, input, index)),
      ...generated.invalid.map(({ name: what, value }) => this.#invalid(subject, what, value)),
      ...malformedBodies(generated.valid[0]).map((malformed) => this.#malformed(subject, malformed)),
      ...this.#options.encryption === undefined ? [] : [this.#unencrypted(subject)],
      ...this.#access(subject),
      this.#once(subject),
    ];
  }

  #valid(subject: Subject, input: unknown, index: number): ConformanceCase {
    const what = `valid input ${index + 1} of ${subject.valid.length}`;
    return this.#case(`answers ${what} with a valid response or an error of the contract`, async (caller) => {
      const answer = await caller.ask(subject.operation, { body: encodeBody(input), token: await subject.token() });
      await checkAnswer(subject.operation, `the valid input ${shown(input)}`, answer, this.#options.accept ?? []);
    });
  }

  #invalid(subject: Subject, what: string, value: unknown): ConformanceCase {
    return this.#case(`refuses an input with INVALID_REQUEST where ${what}`, async (caller) => {
      const answer = await caller.ask(subject.operation, { body: encodeBody(value), token: await subject.token() });
      checkRefusal(subject.operation, `an input where ${what}, ${shown(value)},`, answer, ["INVALID_REQUEST"]);
      await this.#stillAnswers(caller, subject, what);
    });
  }

  #malformed(
    subject: Subject,
    { what, body, contentType }: ReturnType<typeof malformedBodies>[number],
  ): ConformanceCase {
    return this.#case(`refuses ${what} with MALFORMED_MESSAGE`, async (caller) => {
      const request: RawRequest = {
        body,
        token: await subject.token(),
        ...contentType === undefined ? {} : { contentType },
      };
      const answer = await caller.ask(subject.operation, request);
      const codes = ["MALFORMED_MESSAGE", "INVALID_REQUEST", ...contentType === undefined ? [] : ["UNSUPPORTED"]];
      checkRefusal(subject.operation, what, answer, codes);
      await this.#stillAnswers(caller, subject, what);
    });
  }

  #unencrypted(subject: Subject): ConformanceCase {
    return this.#case(
      "refuses a body in the open with DECRYPTION_FAILED, where encryption is required",
      async (caller) => {
        if (!await caller.requiresEncryption()) return;
        const body = encodeBody(subject.valid[0]);
        const answer = await caller.ask(subject.operation, { body, token: await subject.token(), unsealed: true });
        // The answer to it cannot be read where it is in the open too.
        checkRefusal(subject.operation, "a body in the open", answer, ["DECRYPTION_FAILED"]);
        await this.#stillAnswers(caller, subject, "a body in the open");
      },
    );
  }

  #access(subject: Subject): readonly ConformanceCase[] {
    const { operation } = subject;
    const { access } = operation;
    const body = encodeBody(subject.valid[0]);
    const refused = (what: string, token: () => Promise<string | undefined>, code: LibraryCode): ConformanceCase =>
      this.#case(`refuses ${what} with ${code}`, async (caller) => {
        checkRefusal(operation, what, await caller.ask(operation, { body, token: await token() }), [code]);
        await this.#stillAnswers(caller, subject, what);
      });
    const letIn = (what: string, token: () => Promise<string | undefined>): ConformanceCase =>
      this.#case(`lets in ${what}`, async (caller) => {
        checkLetIn(operation, what, await caller.ask(operation, { body, token: await token() }));
      });
    const nobody = "a caller without a token";
    const noToken = (): Promise<undefined> => Promise.resolve(undefined);
    const roles = Object.keys(this.#options.tokens ?? {}).map((role) => {
      const what = `the role "${role}"`;
      const may = accessDecision(this.#contract.roles, access, [role]);
      return may ? letIn(what, this.#tokenOf(role)) : refused(what, this.#tokenOf(role), "FORBIDDEN");
    });
    if (access === "public") return [letIn(nobody, noToken), ...roles];
    const forged = (): Promise<string> => Promise.resolve("forged.by.nobody");
    return [
      refused(nobody, noToken, "UNAUTHENTICATED"),
      refused("a forged token", forged, "UNAUTHENTICATED"),
      ...roles,
    ];
  }

  #once(subject: Subject): ConformanceCase {
    const { secondAnswerMs = 200 } = this.#options;
    return this.#case("answers once", async (caller) => {
      const request = { body: encodeBody(subject.valid[0]), token: await subject.token() };
      const startedAt = systemClock.now();
      await caller.ask(subject.operation, request);
      // The first answer of the next one may take as long.
      const patienceMs = 2 * (systemClock.now() - startedAt) + secondAnswerMs;
      const count = await caller.countAnswers(subject.operation, request, patienceMs) ?? 1;
      // Whether it answers at all, the other cases tell.
      if (count > 1) throw failure(subject.operation, "a valid input", `${count} times in place of once`);
    });
  }

  async #stillAnswers(caller: ConformanceCaller, subject: Subject, what: string): Promise<void> {
    const request = { body: encodeBody(subject.valid[0]), token: await subject.token() };
    const answer = await caller.ask(subject.operation, request);
    await checkAnswer(subject.operation, `a valid input after ${what}`, answer, this.#options.accept ?? []);
  }

  #case(what: string, run: (caller: ConformanceCaller) => Promise<void>): ConformanceCase {
    const { namespace, encryption, timeoutMs = 5_000, transport } = this.#options;
    const { name } = this.#operation;
    return {
      name: `${name} ${what}`,
      operation: name,
      run: async () => {
        const over = typeof transport === "function" ? await transport() : transport;
        const caller = await ConformanceCaller.open({
          contract: this.#contract,
          transport: over,
          namespace,
          encryption,
          timeoutMs,
        });
        try {
          await run(caller);
        } finally {
          await caller[Symbol.asyncDispose]();
        }
      },
    };
  }

  /** The token of somebody who may ask. */
  #findToken(): () => Promise<string | undefined> {
    const { name, access } = this.#operation;
    if (access === "public") return () => Promise.resolve(undefined);
    const role = Object.keys(this.#options.tokens ?? {}).find((one) =>
      accessDecision(this.#contract.roles, access, [one])
    );
    if (role !== undefined) return this.#tokenOf(role);
    throw new TypeError(
      `Cannot ask request "${name}": no role of \`tokens\` may use it, which ${
        access.join(" and ")
      } may; give a token or skip it`,
    );
  }

  #tokenOf(role: string): () => Promise<string> {
    const token = this.#options.tokens![role]!;
    return async () => typeof token === "function" ? await token() : token;
  }
}
