import type { Contract, EventOperation, RequestOperation } from "../contract/contract.ts";
import type { EventName, InferContract, RequestName } from "../contract/infer.ts";
import { type GeneratedValues, generateLabelled, type GenerateOptions } from "./generate-values.ts";

/**
 * Generates inputs of a request: valid ones, and invalid ones that are named by what is wrong with them.
 *
 * @throws {TypeError} for a request that is not in the contract, an example that is not valid, or a schema that no valid
 * input can be generated for; it names the request
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract } from "@magicbutton/messaging";
 * import { generateRequests } from "@magicbutton/messaging/testing";
 *
 * const orders = createContract({
 *   name: "orders",
 *   version: "1.0.0",
 *   requests: { place: { request: v.object({ sku: v.string() }), response: v.object({ id: v.string() }) } },
 * });
 * const { valid, invalid } = await generateRequests(orders, "place", { count: 3 });
 * console.log(valid.map(({ sku }) => sku), invalid.map(({ name }) => name));
 * ```
 */
export async function generateRequests<C extends Contract, Name extends RequestName<C>>(
  contract: C,
  name: Name,
  options: GenerateOptions<InferContract<C>["requests"][Name]["input"]> = {},
): Promise<GeneratedValues<InferContract<C>["requests"][Name]["input"]>> {
  return await generateLabelled(requestOf(contract, name).schemas.request, `request "${name}"`, options);
}

/**
 * Generates answers to a request: valid ones for a handler that stands in for the real one, and invalid ones.
 *
 * @throws {TypeError} for a request that is not in the contract, an example that is not valid, or a schema that no valid
 * answer can be generated for; it names the request
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract } from "@magicbutton/messaging";
 * import { createTestPair, generateResponses } from "@magicbutton/messaging/testing";
 *
 * const orders = createContract({
 *   name: "orders",
 *   version: "1.0.0",
 *   requests: { place: { request: v.object({ sku: v.string() }), response: v.object({ id: v.string() }) } },
 * });
 * const { valid: [answer] } = await generateResponses(orders, "place");
 * await using pair = await createTestPair(orders, { handlers: { place: () => answer! } });
 * console.log(await pair.client.request("place", { sku: "A1" }));
 * ```
 */
export async function generateResponses<C extends Contract, Name extends RequestName<C>>(
  contract: C,
  name: Name,
  options: GenerateOptions<InferContract<C>["requests"][Name]["returned"]> = {},
): Promise<GeneratedValues<InferContract<C>["requests"][Name]["returned"]>> {
  return await generateLabelled(
    requestOf(contract, name).schemas.response,
    `the response of request "${name}"`,
    options,
  );
}

/**
 * Generates the data of an event: valid ones, whose subject parameters can stand in a subject, and invalid ones that are
 * named by what is wrong with them.
 *
 * @throws {TypeError} for an event that is not in the contract, an example that is not valid, or a schema that no valid data
 * can be generated for; it names the event
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract } from "@magicbutton/messaging";
 * import { generateEvents } from "@magicbutton/messaging/testing";
 *
 * const clock = createContract({ name: "clock", version: "1.0.0", events: { ticked: v.object({ at: v.number() }) } });
 * const { valid } = await generateEvents(clock, "ticked");
 * console.log(valid.map(({ at }) => at));
 * ```
 */
export async function generateEvents<C extends Contract, Name extends EventName<C>>(
  contract: C,
  name: Name,
  options: GenerateOptions<InferContract<C>["events"][Name]["input"]> = {},
): Promise<GeneratedValues<InferContract<C>["events"][Name]["input"]>> {
  const { schema, subject, template } = eventOf(contract, name);
  // A field that is a parameter has to be a subject token, too, which its schema may not say.
  const refusal = (data: unknown): string | undefined => {
    try {
      template.publishSubject(subject, data);
      return undefined;
    } catch (error) {
      return `"${(error as Error).message}"`;
    }
  };
  return await generateLabelled(schema, `event "${name}"`, options, refusal);
}

function requestOf(contract: Contract, name: string): RequestOperation {
  const operation = contract.requests.get(name);
  if (operation === undefined) {
    throw new TypeError(`Contract "${contract.name}" has no request "${name.slice(0, 128)}"`);
  }
  return operation;
}

function eventOf(contract: Contract, name: string): EventOperation {
  const operation = contract.events.get(name);
  if (operation === undefined) throw new TypeError(`Contract "${contract.name}" has no event "${name.slice(0, 128)}"`);
  return operation;
}
