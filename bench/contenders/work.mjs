// The work that every contender does: one request with its answer, and one event. Imported by programs for Node, Bun and
// Deno alike, so plain JavaScript.
import * as v from "valibot";

export const orderSchema = v.object({
  orderId: v.string(),
  sku: v.string(),
  quantity: v.pipe(v.number(), v.integer(), v.minValue(1)),
  customer: v.object({ id: v.string(), region: v.string() }),
  note: v.string(),
});

export const receiptSchema = v.object({
  orderId: v.string(),
  total: v.number(),
  accepted: v.boolean(),
});

export const movementSchema = v.object({
  sequence: v.pipe(v.number(), v.integer(), v.minValue(0)),
  region: v.string(),
  text: v.string(),
});

/** How many stored events a listener has in hand that it has not acknowledged. */
export const eventsInHand = 256;

/** An order of 142 to 150 bytes of JSON, different each time. */
export function orderNumber(number) {
  return {
    orderId: `order-${number}`,
    sku: "A1-4711",
    quantity: 1 + number % 9,
    customer: { id: "customer-0815", region: "eu-north" },
    note: "Leave it at the door, please",
  };
}

/** What a service answers. */
export function receiptFor({ orderId, quantity }) {
  return { orderId, total: quantity * 7, accepted: true };
}

/** A fast wrong answer is no answer. */
export function checkReceipt(order, receipt) {
  if (
    receipt.orderId === order.orderId && receipt.total === order.quantity * 7 &&
    receipt.accepted
  ) return;
  throw new Error(
    `Wrong answer to ${JSON.stringify(order)}: ${JSON.stringify(receipt)}`,
  );
}

/** An event of exactly so many bytes of JSON. */
export function movementNumber(sequence, bytes) {
  const empty = `{"sequence":${sequence},"region":"eu-north","text":""}`;
  return {
    sequence,
    region: "eu-north",
    text: "x".repeat(bytes - empty.length),
  };
}

const unchanged = (value) => value;

/** For contenders that check nothing. */
export const unchecked = {
  order: unchanged,
  receipt: unchanged,
  movement: unchanged,
};

/** For contenders that check by hand what a contract checks. */
export const checkedByValibot = {
  order: (value) => v.parse(orderSchema, value),
  receipt: (value) => v.parse(receiptSchema, value),
  movement: (value) => v.parse(movementSchema, value),
};
