import * as assert from "uvu/assert";
import type { Problem } from "./answer.ts";

/** One frame of an event stream, by the gateway's fields. */
export interface Frame {
  readonly comment?: string;
  readonly id?: string;
  readonly event?: string;
  readonly subject?: string;
  readonly headers: readonly string[];
  /** All data lines, joined as a reader joins them; absent where there is none. */
  readonly data?: string;
}

/** Reads an event stream frame by frame, as strictly as a stranger would. */
export class FrameReader {
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #text = "";

  private constructor(response: Response) {
    this.response = response;
    this.#reader = response.body!.getReader();
  }

  /** Of an answer that is a stream and begins as one does. */
  static async of(response: Response): Promise<FrameReader> {
    if (response.status !== 200) throw new Error(`No stream but ${response.status}: ${await response.text()}`);
    assert.is(response.headers.get("Content-Type"), "text/event-stream; charset=utf-8");
    assert.is(response.headers.get("Cache-Control"), "no-store, no-transform");
    assert.is(response.headers.get("X-Accel-Buffering"), "no");
    const frames = new FrameReader(response);
    assert.equal(await frames.next(), { headers: [], comment: "ready" });
    return frames;
  }

  /** The next frame; `undefined` at the end. */
  async next(): Promise<Frame | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end !== -1) {
        const frame = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        return parseFrame(frame);
      }
      const { done, value } = await this.#reader.read();
      if (done) {
        assert.is(this.#text, "", "the stream ended inside a frame");
        return undefined;
      }
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }

  /** The data of the next event; where the stream stands is none. */
  async data(): Promise<unknown> {
    let frame = await this.next();
    if (frame?.id !== undefined && Object.keys(frame).length === 2) frame = await this.next();
    if (frame?.data === undefined) throw new Error(`No event but ${JSON.stringify(frame)}`);
    return JSON.parse(frame.data);
  }

  /** Why the gateway ended the stream; nothing comes behind it. */
  async end(): Promise<Problem> {
    const frame = await this.next();
    assert.is(frame?.event, "gateway.end", JSON.stringify(frame));
    assert.is(await this.next(), undefined);
    return JSON.parse(frame!.data!);
  }

  /** Leaves. */
  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }
}

function parseFrame(text: string): Frame {
  const frame: Record<string, string> = {};
  const headers: string[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line)!;
    const field = name === "" ? "comment" : name;
    if (field === "header") headers.push(value);
    else if (field === "data" && "data" in frame) frame["data"] += `\n${value}`;
    else frame[field] = value;
  }
  return { ...frame, headers };
}
