import * as v from "valibot";
import { createContract } from "../../../mod.ts";

const text = v.object({ text: v.string() });
const place = v.object({ tenant: v.string(), id: v.string() });

/** What the experiments on the gateway use: something public, something of a tenant's own, something that takes long. */
export const trial = createContract({
  name: "trial",
  version: "1.0.0",
  roles: { member: {}, manager: { inherits: ["member"] } },
  errors: { NOT_FOUND: { status: 404, message: "There is no such order" } },
  requests: {
    /** Says it back. */
    say: { request: text, response: text, access: "public" },
    /** Tells which headers came, and who asks. */
    tell: {
      request: text,
      response: v.object({ actor: v.string(), headers: v.record(v.string(), v.string()) }),
      access: ["member"],
    },
    /** An order of the tenant that is named. */
    readOrder: { request: place, response: place, errors: ["NOT_FOUND"], access: ["member"] },
    /** An order of the caller's own tenant. */
    findOrder: { request: v.object({ id: v.string() }), response: place, errors: ["NOT_FOUND"], access: ["member"] },
    closeDay: { request: text, response: text, access: ["manager"] },
    /** Takes thirty seconds. */
    wait: { request: text, response: text, access: ["member"], timeoutMs: 30_000 },
  },
  events: {
    ticked: { schema: v.object({ count: v.number(), padding: v.string() }), access: { subscribe: "public" } },
    poured: {
      schema: v.object({ batch: v.string(), padding: v.string() }),
      subject: "{batch}",
      access: { subscribe: "public" },
    },
    orderMoved: { schema: place, subject: "{tenant}.{id}", access: { subscribe: ["member"] } },
    dayClosed: { schema: v.object({ tenant: v.string() }), subject: "{tenant}", access: { subscribe: ["manager"] } },
  },
});

/** The tenants of the experiments. */
export const tenants: readonly string[] = Array.from({ length: 100 }, (_, index) => `tenant-${index}`);

/** How many orders each tenant has: `order-0` to `order-9`, by names that tell whose they are. */
export const ordersOfTenant = 10;

/** The id of an order, which no other tenant has. */
export function orderId(tenant: string, number: number): string {
  return `${tenant}-order-${number}`;
}

/** Whether a tenant has such an order. */
export function hasOrder(tenant: string, id: string): boolean {
  if (!tenants.includes(tenant)) return false;
  return Array.from({ length: ordersOfTenant }, (_, number) => orderId(tenant, number)).includes(id);
}
