import * as v from "valibot";
import { createContract } from "../../mod.ts";

const text = v.object({ text: v.string() });
const place = v.object({ tenant: v.string(), id: v.string() });

/** A contract with four roles and twelve operations: what the tests of permissions are about. */
export const shop = createContract({
  name: "shop",
  version: "2.1.0",
  roles: { viewer: {}, clerk: { inherits: ["viewer"] }, manager: { inherits: ["clerk"] }, courier: {} },
  requests: {
    ping: { request: text, response: text, access: "public" },
    findItem: { request: text, response: text, access: ["viewer"] },
    listOrders: { request: text, response: text, access: ["clerk"] },
    createOrder: { request: text, response: text, access: ["clerk"] },
    cancelOrder: { request: text, response: text, access: ["manager"] },
    reportDelivery: { request: text, response: text, access: ["courier"] },
    closeDay: { request: text, response: text, access: ["manager", "courier"] },
  },
  events: {
    announced: { schema: text, access: { subscribe: "public" } },
    stockChanged: { schema: place, subject: "{tenant}.{id}", access: { subscribe: ["viewer"] } },
    orderMoved: { schema: place, subject: "{tenant}.moved.{id}", access: { subscribe: ["clerk"] }, durable: true },
    orderFlagged: { schema: place, subject: "{tenant}.{id}", access: { subscribe: ["manager"] } },
    delivered: { schema: place, subject: "{id}.{tenant}", access: { subscribe: ["courier"] } },
  },
});

/** The roles by name. */
export const roleNames = ["viewer", "clerk", "manager", "courier"] as const;
export type RoleName = (typeof roleNames)[number];

/** What each role may use, written by hand: the generated permissions are measured against it. */
export const mayUse: Readonly<Record<RoleName, readonly string[]>> = {
  viewer: ["ping", "findItem", "announced", "stockChanged"],
  clerk: ["ping", "findItem", "listOrders", "createOrder", "announced", "stockChanged", "orderMoved"],
  manager: [
    "ping",
    "findItem",
    "listOrders",
    "createOrder",
    "cancelOrder",
    "closeDay",
    "announced",
    "stockChanged",
    "orderMoved",
    "orderFlagged",
  ],
  courier: ["ping", "reportDelivery", "closeDay", "announced", "delivered"],
};

/** An event's data for this tenant, in either event form. */
export function eventData(name: string, tenant: string): Record<string, string> {
  return name === "announced" ? { text: tenant } : { tenant, id: "7" };
}

/** The subject an event of this tenant goes to, written by hand. */
export function eventSubject(name: string, tenant: string, id: string): string {
  const prefix = `shop.v2.event.${name}`;
  if (name === "announced") return prefix;
  if (name === "orderMoved") return `${prefix}.${tenant}.moved.${id}`;
  return name === "delivered" ? `${prefix}.${id}.${tenant}` : `${prefix}.${tenant}.${id}`;
}
