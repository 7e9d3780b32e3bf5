import type { Transport } from "../../mod.ts";

/** A transport that the behaviour suite runs over. */
export interface TransportKind {
  /** Stands in front of every test's name. */
  readonly name: string;
  /** A new transport to the same broker. */
  readonly connect: () => Transport;
}
