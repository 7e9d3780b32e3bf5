import type { Authenticate, Contract, Transport } from "../../mod.ts";

/** A transport that the behaviour suite runs over. */
export interface TransportKind {
  /** Stands in front of every test's name. */
  readonly name: string;
  /** A new transport for a client of this place. */
  readonly connect: (place?: Place) => Transport;
  /** A new transport for a server, where clients come in another way. @default `connect` */
  readonly serve?: () => Transport;
  /** What it refuses as `UNSUPPORTED`, by the text that says so; what is not named here must work. @default nothing */
  readonly refuses?: Readonly<Partial<Record<Refusable, RegExp>>>;
}

/** Where a client wants to get: a gateway is made for it, other transports reach every place. */
export interface Place {
  readonly contract: Contract;
  /** The gateway's own where the kind refuses `namespaces` of clients. */
  readonly namespace?: string;
  /** Verifies callers, as the servers of the place do. */
  readonly authenticate?: Authenticate;
}

/** What a transport may refuse. */
export type Refusable =
  /** A client's namespace. */
  | "namespaces"
  /** Serving requests. */
  | "serving"
  /** Publishing, whatever it is. */
  | "publishing"
  /** Subjects that are no contract's. */
  | "foreignSubjects"
  /** One question to everybody who listens. */
  | "manyAnswers"
  /** Sharing events in a group. */
  | "queueGroups"
  /** Encrypted bodies and signed requests. */
  | "protection";
