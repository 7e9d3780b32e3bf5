import { injectedHeader } from "./hostile-strings.ts";
import { RawPeer } from "./raw-peer.ts";

/** Hears every message of a broker's account and keeps those that nobody should have sent. */
export class SubjectSpy {
  /** How many messages it heard. */
  heard = 0;
  /** Messages on a subject that was not expected, or with a header that was smuggled in. */
  readonly unexpected: string[] = [];
  readonly #peer: RawPeer;
  readonly #expected: (subject: string) => boolean;

  private constructor(peer: RawPeer, expected: (subject: string) => boolean) {
    this.#peer = peer;
    this.#expected = expected;
  }

  /** Listens to `>`. */
  static async start(
    port: number,
    expected: (subject: string) => boolean,
    fields?: Readonly<Record<string, unknown>>,
  ): Promise<SubjectSpy> {
    const spy = new SubjectSpy(await RawPeer.connect(port, fields), expected);
    await spy.#peer.subscribe(">", ({ subject, header = "", body }) => {
      spy.heard += 1;
      const smuggled = header.includes(`\n${injectedHeader}:`);
      if (spy.#expected(subject) && !smuggled) return;
      spy.unexpected.push(`${subject} ${JSON.stringify(header.slice(0, 200))} ${String(body).slice(0, 80)}`);
    });
    return spy;
  }

  /** Waits until it has heard all that the broker had read before. */
  async catchUp(): Promise<void> {
    await this.#peer.flush();
  }

  [Symbol.dispose](): void {
    this.#peer.close();
  }
}
