import { MessagingError } from "../errors/messaging-error.ts";

/** One event of a stream, as it was written. */
export interface ServerSentEvent {
  /** Its `event` field; empty where there is none. */
  readonly event: string;
  /** Its `data` lines, joined; empty where there are none. */
  readonly data: string;
  /** Its `id` field. */
  readonly id: string | undefined;
  /** Its `subject` field, the gateway's own. */
  readonly subject: string | undefined;
  /** Its `time` field, the gateway's own: when it was stored, in milliseconds since 1970. */
  readonly time: number | undefined;
  /** Its `header` fields, the gateway's own, by name and value. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

interface UnfinishedEvent {
  event: string;
  subject: string | undefined;
  time: number | undefined;
  id: string | undefined;
  readonly data: string[];
  readonly headers: [string, string][];
  length: number;
}

/**
 * Reads server-sent events as their bytes come, cut anywhere, as HTML's "Server-sent events" has it; an event without
 * data is one here.
 */
export class EventReader {
  /** The `id` of the last whole event, of any stream: from there the next may be resumed. */
  lastEventId: string | undefined;
  /** What the server wants a reader to wait before it reconnects, in milliseconds. */
  retryMs = 0;
  readonly #maximumLength: number;
  readonly #onEvent: (event: ServerSentEvent) => void;
  #decoder!: TextDecoder;
  #event!: UnfinishedEvent;
  #line!: string;
  #afterReturn!: boolean;

  /** Reads one stream after another; an event, or a line, of more than `maximumLength` characters is not kept. */
  constructor(maximumLength: number, onEvent: (event: ServerSentEvent) => void) {
    this.#maximumLength = maximumLength;
    this.#onEvent = onEvent;
    this.restart();
  }

  /** The next bytes are the first of another stream. */
  restart(): void {
    // A decoder drops the byte order mark that may stand at the start.
    this.#decoder = new TextDecoder();
    this.#event = emptyEvent();
    this.#line = "";
    this.#afterReturn = false;
  }

  /** Takes the next bytes. @throws {MessagingError} `PAYLOAD_TOO_LARGE`, after which the rest makes no sense */
  read(bytes: Uint8Array): void {
    let text = this.#decoder.decode(bytes, { stream: true });
    if (text === "") return;
    // A line ends with its CR at once: the LF may never come, or come with the next bytes.
    if (this.#afterReturn && text.startsWith("\n")) text = text.slice(1);
    this.#afterReturn = text.endsWith("\r");
    const lines = text.split(/\r\n|\r|\n/);
    lines[0] = this.#line + lines[0]!;
    this.#line = lines.pop()!;
    for (const line of lines) this.#takeLine(line);
    this.#checkLength(this.#line.length);
  }

  #takeLine(line: string): void {
    this.#checkLength(line.length);
    if (line === "") return this.#dispatch();
    const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line)!;
    // A comment: a sign of life.
    if (name === "") return;
    this.#event.length += line.length;
    this.#takeField(name!, value!);
  }

  #takeField(name: string, value: string): void {
    const event = this.#event;
    if (name === "data") event.data.push(value);
    else if (name === "event" || name === "subject") event[name] = value;
    else if (name === "header") {
      const colon = value.indexOf(":");
      event.headers.push([value.slice(0, Math.max(0, colon)), value.slice(colon + 1).trim()]);
    } else if (name === "id" && /^[\x21-\x7e]{1,128}$/.test(value)) event.id = value;
    else if (name === "time" && /^\d{1,16}$/.test(value)) event.time = Number(value);
    else if (name === "retry" && /^\d{1,9}$/.test(value)) this.retryMs = Number(value);
  }

  #dispatch(): void {
    const { event, data, subject, time, headers, id } = this.#event;
    this.#event = emptyEvent();
    this.lastEventId = id ?? this.lastEventId;
    // Nothing but an id says where the stream stands.
    if (event === "" && subject === undefined && data.length + headers.length === 0) return;
    this.#onEvent({ event, data: data.join("\n"), id, subject, time, headers });
  }

  #checkLength(lineLength: number): void {
    const maximum = this.#maximumLength;
    if (this.#event.length + lineLength <= maximum) return;
    throw new MessagingError(
      "PAYLOAD_TOO_LARGE",
      `An event stream was dropped: it has an event of more than ${maximum} characters`,
    );
  }
}

function emptyEvent(): UnfinishedEvent {
  return { event: "", subject: undefined, time: undefined, id: undefined, data: [], headers: [], length: 0 };
}
