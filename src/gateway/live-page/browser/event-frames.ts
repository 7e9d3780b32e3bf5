/** One event of a stream, as it came. */
export interface EventFrame {
  /** The event's identifier at the gateway. */
  readonly id: string;
  /** The event's name in the contract, or one of the gateway's own, which have a dot. */
  readonly name: string;
  /** What it was published to, without the contract's part. */
  readonly subject: string;
  /** The headers it came with, each as `name: value`. */
  readonly headers: readonly string[];
  /** Its body. */
  readonly data: string;
}

const maximumPending = 8 * 1024 * 1024;

/** Reads the frames of a `text/event-stream`, wherever its chunks are cut. */
export class EventFrames {
  #pending = "";
  #fields = new Map<string, string>();
  #headers: string[] = [];

  /** Takes a chunk and gives the events that are complete. @throws {Error} for one that is larger than any can be */
  read(chunk: string): EventFrame[] {
    const frames: EventFrame[] = [];
    const lines = (this.#pending + chunk).split("\n");
    this.#pending = lines.pop() ?? "";
    if (this.#pending.length > maximumPending) throw new Error("a line of the stream does not end");
    for (const line of lines) {
      const frame = this.#take(line.endsWith("\r") ? line.slice(0, -1) : line);
      if (frame !== undefined) frames.push(frame);
    }
    return frames;
  }

  #take(line: string): EventFrame | undefined {
    if (line === "") return this.#finish();
    const colon = line.indexOf(":");
    if (colon === 0) return undefined;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "header") {
      this.#headers.push(value);
      return undefined;
    }
    const before = name === "data" ? this.#fields.get(name) : undefined;
    this.#fields.set(name, before === undefined ? value : `${before}\n${value}`);
    return undefined;
  }

  #finish(): EventFrame | undefined {
    const fields = this.#fields;
    const headers = this.#headers;
    this.#fields = new Map();
    this.#headers = [];
    const name = fields.get("event");
    if (name === undefined) return undefined;
    return {
      id: fields.get("id") ?? "",
      name,
      subject: fields.get("subject") ?? name,
      headers,
      data: fields.get("data") ?? "",
    };
  }
}
