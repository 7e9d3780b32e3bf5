import { connect, type ConnectionOptions, type NatsConnection } from "@nats-io/transport-node";
import { PermissionViolationError } from "@nats-io/nats-core";
import { until } from "../support/until.ts";

/** A client that is none of ours: raw nats.js, with somebody's credentials, that tries what it likes. */
export class HostileClient implements AsyncDisposable {
  readonly connection: NatsConnection;
  readonly #violations: string[] = [];

  private constructor(connection: NatsConnection) {
    this.connection = connection;
    void this.#listen();
  }

  static async connect(options: ConnectionOptions): Promise<HostileClient> {
    return new HostileClient(await connect({ reconnect: false, ...options }));
  }

  /** Tries to publish; tells whether the broker refused it, by its own word. */
  async publishIsRefused(subject: string, reply?: string): Promise<boolean> {
    const seen = this.#violations.length;
    this.connection.publish(subject, "{}", reply === undefined ? {} : { reply });
    return await this.#refusedSince(seen, "publish", subject);
  }

  /** Tries to listen; tells whether the broker refused it, by its own word. */
  async subscribeIsRefused(subject: string, queue?: string): Promise<boolean> {
    const seen = this.#violations.length;
    const subscription = this.connection.subscribe(subject, {
      callback: () => {},
      ...(queue === undefined ? {} : { queue }),
    });
    const refused = await this.#refusedSince(seen, "subscription", subject);
    subscription.unsubscribe();
    return refused;
  }

  /** Listens where it may, and gives what comes. */
  async listen(subject: string): Promise<{ readonly subjects: string[] }> {
    const heard: string[] = [];
    this.connection.subscribe(subject, { callback: (_, message) => void heard.push(message.subject) });
    await this.connection.flush();
    return { subjects: heard };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }

  async #refusedSince(seen: number, operation: string, subject: string): Promise<boolean> {
    // The broker's refusal comes before the answer to the flush, and nats.js tells it some turns later.
    await this.connection.flush();
    const wanted = `${operation} ${subject}`;
    const isThere = (): boolean => this.#violations.slice(seen).includes(wanted);
    return await until(wanted, isThere, 20).catch(() => false);
  }

  async #listen(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === "error" && status.error instanceof PermissionViolationError) {
        this.#violations.push(`${status.error.operation} ${status.error.subject}`);
      }
    }
  }
}
