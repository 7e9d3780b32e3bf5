/** What to do about a durable consumer that is another one than wanted. */
export const consumerWayOut = "take another name, or delete the consumer, which loses its place";

/** How texts say whether a durable consumer keeps an order: in the words of the subscription that asked for one. */
export function orderText(exclusive: boolean): string {
  return exclusive ? "an order" : "none";
}
