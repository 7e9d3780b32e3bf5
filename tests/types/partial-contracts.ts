import * as v from "valibot";
import { createContract, type EventName, type MessagingClient, type RequestName } from "../../mod.ts";
import type { Equal, Expect } from "./expect.ts";

export const questions = createContract({
  name: "questions",
  version: "1.0.0",
  requests: {
    now: { request: v.undefined(), response: v.string() },
    later: { request: v.optional(v.object({ hours: v.number() })), response: v.string() },
    anything: { request: v.unknown(), response: v.string() },
    nothing: { request: v.null(), response: v.string() },
    forget: { request: v.object({ id: v.string() }), response: v.undefined() },
  },
});

export const news = createContract({
  name: "news",
  version: "1.0.0",
  events: {
    heartbeat: v.object({ at: v.number() }),
    told: { schema: v.string() },
  },
});

export const empty = createContract({ name: "empty", version: "1.0.0" });

export type Names = [
  Expect<Equal<RequestName<typeof questions>, "now" | "later" | "anything" | "nothing" | "forget">>,
  Expect<Equal<EventName<typeof questions>, never>>,
  Expect<Equal<RequestName<typeof news>, never>>,
  Expect<Equal<EventName<typeof news>, "heartbeat" | "told">>,
  Expect<Equal<RequestName<typeof empty> | EventName<typeof empty>, never>>,
];

export async function inputMayBeLeftOutWhereTheSchemaTakesNone(
  client: MessagingClient<typeof questions>,
): Promise<void> {
  await client.request("now");
  await client.request("now", undefined, { timeoutMs: 10 });
  await client.request("later");
  await client.request("later", { hours: 1 });
  await client.request("anything");
  await client.request("anything", [1]);
  const nothing = await client.request("forget", { id: "1" });
  const answered: Expect<Equal<typeof nothing, undefined>> = true;
  console.log(answered);
  // @ts-expect-error -- null is a value
  await client.request("nothing");
  // @ts-expect-error -- the request takes nothing
  await client.request("now", { hours: 1 });
  // @ts-expect-error -- the contract has no events
  client.subscribe("told", () => {});
}

export function shortFormEventsAreTyped(client: MessagingClient<typeof news>): void {
  client.subscribe("heartbeat", (data) => {
    const event: Expect<Equal<typeof data, { at: number }>> = true;
    console.log(event);
  });
  client.subscribe("told", (data) => data.length);
  // @ts-expect-error -- the short form has no subject parameters
  client.subscribe("heartbeat", { params: { at: 1 } }, () => {});
  // @ts-expect-error -- the contract has no requests
  void client.request("now");
}
