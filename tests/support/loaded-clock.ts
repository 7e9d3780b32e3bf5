import { FakeClock } from "./fake-clock.ts";

/** A clock whose every throw of the dice is the same. */
export class LoadedClock extends FakeClock {
  readonly #byte: number;

  /** From 0 to 255. */
  constructor(byte: number) {
    super();
    this.#byte = byte;
  }

  override randomBytes(bytes: Uint8Array<ArrayBuffer>): void {
    bytes.fill(this.#byte);
  }
}
