// What client and server load of this room when a program has durable events. One file for all three: each file that is
// loaded for itself makes a bundler cut what they share with the rest into pieces, which costs those without them.
export { openDurablePublisher } from "./durable-publisher.ts";
export { openStoredSubscription } from "./open-stored-subscription.ts";
export { readDeadLetters } from "./read-dead-letters.ts";
