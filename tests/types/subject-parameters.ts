import * as v from "valibot";
import { createContract, type MessagingClient } from "../../mod.ts";
import type { Orders } from "./orders.ts";

const measured = v.object({
  site: v.string(),
  sensor: v.number(),
  unit: v.picklist(["c", "f"]),
  good: v.boolean(),
  place: v.object({ x: v.number() }),
  tags: v.array(v.string()),
  note: v.optional(v.string()),
});

export const sensors = createContract({
  name: "sensors",
  version: "1.0.0",
  events: {
    measured: { schema: measured, subject: "{site}.{sensor}.{unit}" },
    fixed: { schema: measured, subject: "all.{site}" },
  },
});

export const refused = [
  createContract({
    name: "sensors",
    version: "1.0.0",
    // @ts-expect-error -- the schema has no such field
    events: { measured: { schema: measured, subject: "{site}.{region}" } },
  }),
  createContract({
    name: "sensors",
    version: "1.0.0",
    // @ts-expect-error -- a boolean field
    events: { measured: { schema: measured, subject: "{good}" } },
  }),
  createContract({
    name: "sensors",
    version: "1.0.0",
    // @ts-expect-error -- an object field
    events: { measured: { schema: measured, subject: "{place}" } },
  }),
  createContract({
    name: "sensors",
    version: "1.0.0",
    // @ts-expect-error -- a list field
    events: { measured: { schema: measured, subject: "{tags}" } },
  }),
  createContract({
    name: "sensors",
    version: "1.0.0",
    // @ts-expect-error -- a field that may be missing
    events: { measured: { schema: measured, subject: "{note}" } },
  }),
  createContract({
    name: "sensors",
    version: "1.0.0",
    // @ts-expect-error -- a schema without fields
    events: { measured: { schema: v.string(), subject: "{site}" } },
  }),
];

export function subscriptionsNameParameters(
  client: MessagingClient<typeof sensors>,
  ordersClient: MessagingClient<Orders>,
): void {
  client.subscribe("measured", { params: {} }, () => {});
  client.subscribe("measured", { params: { site: "a", sensor: 7, unit: "c" } }, () => {});
  ordersClient.subscribe("orderMoved", { params: { region: "eu" } }, () => {});
  // @ts-expect-error -- the parameter is a number
  client.subscribe("measured", { params: { sensor: "7" } }, () => {});
  // @ts-expect-error -- the field has two values, neither of which is this one
  client.subscribe("measured", { params: { unit: "k" } }, () => {});
  // @ts-expect-error -- a field of the schema, but no parameter of the subject
  client.subscribe("measured", { params: { good: true } }, () => {});
  // @ts-expect-error -- no field at all
  client.subscribe("measured", { params: { region: "eu" } }, () => {});
  // @ts-expect-error -- the event has no parameters
  ordersClient.subscribe("orderCreated", { params: { region: "eu" } }, () => {});
  // @ts-expect-error -- the parameter is a number
  client.events("measured", { params: { sensor: "7" } });
}
