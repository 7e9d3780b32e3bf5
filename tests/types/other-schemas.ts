// Any Standard Schema carries its types, not Valibot's alone.
import {
  createContract,
  type InferEvent,
  type InferRequest,
  type InferResponse,
  type MessagingServer,
  type StandardSchema,
} from "../../mod.ts";
import type { Equal, Expect } from "./expect.ts";

const minutes: StandardSchema<string, number> = {
  "~standard": {
    version: 1,
    vendor: "by hand",
    validate: (value) =>
      typeof value === "string" ? { value: Number(value) } : { issues: [{ message: "not a string" }] },
  },
};

const span: StandardSchema<{ from: string; to: number }> = {
  "~standard": {
    version: 1,
    vendor: "by hand",
    validate: (value) => Promise.resolve({ value: value as { from: string; to: number } }),
  },
};

export const timer = createContract({
  name: "timer",
  version: "1.0.0",
  requests: { wait: { request: minutes, response: minutes } },
  events: { over: { schema: span, subject: "{from}.{to}" } },
});
type Timer = typeof timer;

export type Sides = [
  Expect<Equal<InferRequest<Timer, "wait">, string>>,
  Expect<Equal<InferResponse<Timer, "wait">, number>>,
  Expect<Equal<InferEvent<Timer, "over">, { from: string; to: number }>>,
];

export function handlersTakeOutputAndGiveInput(server: MessagingServer<Timer>): void {
  server.registerHandler("wait", (request) => {
    const received: Expect<Equal<typeof request, number>> = true;
    return String(received);
  });
  // @ts-expect-error -- the answer travels as the schema's input, a string
  server.registerHandler("wait", (request) => request);
}

export const refused = createContract({
  name: "timer",
  version: "1.0.0",
  // @ts-expect-error -- the schema has no such field
  events: { over: { schema: span, subject: "{until}" } },
});
