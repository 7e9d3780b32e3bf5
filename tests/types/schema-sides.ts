// What travels is a schema's input, what the other side gets is its output: both sides of every schema of a contract.
import * as v from "valibot";
import {
  createContract,
  type HandlerContext,
  type InferErrors,
  type InferEvent,
  type InferRequest,
  type InferResponse,
  type LibraryCode,
  type MessagingClient,
  type MessagingError,
  type MessagingServer,
} from "../../mod.ts";
import type { Equal, Expect } from "./expect.ts";

const instant = v.pipe(v.string(), v.isoTimestamp(), v.transform((text) => new Date(text)));

export const calendar = createContract({
  name: "calendar",
  version: "1.0.0",
  errors: { TAKEN: { data: v.object({ until: instant }) } },
  requests: {
    book: {
      request: v.object({ at: instant, seats: v.optional(v.number(), 1) }),
      response: v.object({ confirmedAt: instant }),
      errors: ["TAKEN"],
    },
  },
  events: { booked: { schema: v.object({ room: v.string(), at: instant }), subject: "{room}.{at}" } },
});
type Calendar = typeof calendar;

export type WhatTheCallerSees = [
  Expect<Equal<InferRequest<Calendar, "book">, { at: string; seats?: number | undefined }>>,
  Expect<Equal<InferResponse<Calendar, "book">, { confirmedAt: Date }>>,
  Expect<Equal<InferEvent<Calendar, "booked">, { room: string; at: Date }>>,
  Expect<
    Equal<InferErrors<Calendar, "book">, MessagingError<"TAKEN", { until: Date }> | MessagingError<LibraryCode>>
  >,
];

export function handlersTakeOutputAndGiveInput(server: MessagingServer<Calendar>): void {
  server.registerHandler("book", (request, context) => {
    const received: Expect<Equal<typeof request, { at: Date; seats: number }>> = true;
    const given: Expect<Equal<typeof context, HandlerContext<Calendar, "book">>> = true;
    if (received && given) throw context.error("TAKEN", { until: "2026-01-01T00:00:00Z" });
    // @ts-expect-error -- an error's data travels as its schema's input, a string here
    if (!received) throw context.error("TAKEN", { until: new Date() });
    return { confirmedAt: "2026-01-01T00:00:00Z" };
  });
  // @ts-expect-error -- the response travels as its schema's input, a string here
  server.registerHandler("book", () => ({ confirmedAt: new Date() }));
}

export async function broadcastsTakeInput(server: MessagingServer<Calendar>): Promise<void> {
  await server.broadcast("booked", { room: "blue", at: "2026-01-01T00:00:00Z" });
  // @ts-expect-error -- an event travels as its schema's input, a string here
  await server.broadcast("booked", { room: "blue", at: new Date() });
}

export async function subscribersGetOutputAndFilterByInput(client: MessagingClient<Calendar>): Promise<void> {
  client.subscribe("booked", { params: { at: "2026-01-01T00:00:00Z" } }, (data) => data.at.getTime());
  // @ts-expect-error -- a subject parameter is the field's input
  client.subscribe("booked", { params: { at: new Date() } }, () => {});
  for await (const { data } of client.events("booked")) {
    const output: Expect<Equal<typeof data, { room: string; at: Date }>> = true;
    if (output) break;
  }
}
