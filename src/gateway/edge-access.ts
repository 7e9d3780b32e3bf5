import { bearerToken, checkAccess } from "../contract/access-check.ts";
import type { Authenticate, VerifiedActor } from "../contract/actor.ts";
import type { Contract, EventOperation, RequestOperation } from "../contract/contract.ts";
import { isMessagingError } from "../errors/messaging-error.ts";
import { explainCredentials } from "../logging/explain-credentials.ts";
import type { Logger } from "../logging/logger.ts";
import type { CallerLimits } from "./caller-limits.ts";
import type { EdgeCall } from "./edge-call.ts";

const noBody = new Uint8Array(0);

/** What a caller wants to use. */
export interface WantedOperation {
  readonly contract: Contract;
  readonly operation: RequestOperation | EventOperation;
  /** Where it leads, with the namespace. */
  readonly subject: string;
  /** A request's id; empty for an event. */
  readonly requestId: string;
}

/** Whom the gateway has let in. */
export interface AdmittedCaller {
  readonly actor: VerifiedActor;
  /** The bearer token, where one came: it travels on, and the service verifies it again. */
  readonly token: string | undefined;
  /** By what it is counted: who it is, or where an anonymous one comes from; `undefined` where that is not known either. */
  readonly identity: string | undefined;
}

/** Who may come in: by the same decision as the server's, then inside the caller's rate. */
export class EdgeAccess {
  readonly #authenticate: Authenticate | undefined;
  readonly #limits: CallerLimits;
  readonly #now: () => number;
  readonly #explain: (operation: string, reason: string) => void;

  /** Nobody is admitted without `authenticate`, but to what is public. */
  constructor(authenticate: Authenticate | undefined, limits: CallerLimits, now: () => number, logger: Logger) {
    this.#authenticate = authenticate;
    this.#limits = limits;
    this.#now = now;
    this.#explain = explainCredentials(logger);
  }

  /**
   * Admits a caller. What it shows is its bearer token alone: a signature would be of somebody on the inside.
   *
   * @throws {MessagingError} `UNAUTHENTICATED`, `FORBIDDEN`
   * @throws {EdgeRefusal} over the rate of the identity
   */
  async admit(call: EdgeCall, wanted: WantedOperation): Promise<AdmittedCaller> {
    const token = bearerToken(call.headers.authorization);
    const actor = await this.verify(wanted, token);
    call.actorId = actor.id;
    const isAnonymous = wanted.operation.access === "public" &&
      (token === undefined || this.#authenticate === undefined);
    const identity = isAnonymous ? anonymousIdentity(call.address) : `actor:${actor.id}`;
    this.#limits.countIdentity(identity, this.#now(), call.rate);
    return { actor, token, identity };
  }

  /** Who shows this token and may use the operation. @throws {MessagingError} `UNAUTHENTICATED`, `FORBIDDEN` */
  async verify({ contract, operation, subject, requestId }: WantedOperation, token?: string): Promise<VerifiedActor> {
    const credentials = token === undefined ? {} : { token };
    const call = { subject, requestId, body: noBody };
    const authenticate = this.#authenticate;
    return await checkAccess({ contract, operation, credentials, call, authenticate, explain: this.#explain });
  }
}

/** Whether an error says that the caller is not let in. */
export function isDenial(thrown: unknown): boolean {
  return isMessagingError(thrown, "UNAUTHENTICATED") || isMessagingError(thrown, "FORBIDDEN");
}

function anonymousIdentity(address: string | undefined): string | undefined {
  return address === undefined ? undefined : `address:${address}`;
}
