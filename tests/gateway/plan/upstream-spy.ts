import { RawPeer } from "../../support/raw-peer.ts";

/** A message on its way to a service. */
export interface UpstreamMessage {
  readonly subject: string;
  /** Its header block as it travelled; empty where it has none. */
  readonly header: string;
  readonly body: string;
}

const request = /^[^$_][\w-]*\.v\d+\.request\./;

/** Hears, at the broker, every request that goes to a service. */
export class UpstreamSpy implements Disposable {
  /** All it heard. */
  readonly messages: UpstreamMessage[] = [];
  readonly #peer: RawPeer;

  private constructor(peer: RawPeer) {
    this.#peer = peer;
  }

  /** Listens to all there is. */
  static async start(port: number): Promise<UpstreamSpy> {
    const spy = new UpstreamSpy(await RawPeer.connect(port));
    await spy.#peer.subscribe(">", ({ subject, header = "", body }) => {
      if (request.test(subject)) spy.messages.push({ subject, header, body: body.toString("utf8") });
    });
    return spy;
  }

  /** The requests that it heard while something was done. */
  async during(work: () => Promise<void>): Promise<readonly UpstreamMessage[]> {
    await this.#peer.flush();
    const before = this.messages.length;
    await work();
    await this.#peer.flush();
    return this.messages.slice(before);
  }

  /** How many that were. */
  async countDuring(work: () => Promise<void>): Promise<number> {
    return (await this.during(work)).length;
  }

  [Symbol.dispose](): void {
    this.#peer.close();
  }
}
