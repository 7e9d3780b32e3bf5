import { MessagingError } from "../errors/messaging-error.ts";
import type { ServerAddress } from "./server-address.ts";

/** So many servers' reasons stand in one error. */
const maximumShown = 8;

/** Why each server could not be connected to, newest, since there was a connection. */
export class ConnectFailures {
  readonly #errors = new Map<ServerAddress, MessagingError>();

  /** Takes one; `false` where the same server failed in the same way before. */
  add(server: ServerAddress, error: MessagingError): boolean {
    const before = this.#errors.get(server);
    this.#errors.set(server, error);
    return before?.message !== error.message;
  }

  /** There is a connection. */
  clear(): void {
    this.#errors.clear();
  }

  /** Whether none of so many servers can be used later either: what a runtime or a server cannot do stays so. */
  cannotPass(servers: number): boolean {
    return this.#errors.size === servers && [...this.#errors.values()].every(({ code }) => code === "UNSUPPORTED");
  }

  /** All of them in one error; of several, an authentication failure says more than a server that is away. */
  toError(): MessagingError {
    const errors = [...this.#errors.values()];
    const first = errors.find(({ code }) => code === "UNAUTHENTICATED") ?? errors.at(-1);
    if (first === undefined) {
      return new MessagingError("DISCONNECTED", "Cannot connect: there is no server", { execution: "not-executed" });
    }
    if (errors.every(({ message }) => message === first.message)) return first;
    const reasons = [...this.#errors].map(([{ url }, { message }]) =>
      message.includes(url) ? message : `${url}: ${message}`
    );
    const more = reasons.length - maximumShown;
    const shown = [...reasons.slice(0, maximumShown), ...(more > 0 ? [`${more} more`] : [])].join("; ");
    return new MessagingError(first.code, `No server could be connected to: ${shown}`, {
      execution: first.execution,
      cause: first,
    });
  }
}
