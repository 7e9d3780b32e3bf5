/** What a plain request was answered with. */
export interface PlainAnswer {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A NATS client of somebody else: it knows subjects and bytes, and nothing of this library. */
export interface PlainPeer {
  /** Answers every request for the subject with the `answer` and the `headers` that the request's JSON asks for. */
  serve(url: string, subject: string): Promise<AsyncDisposable>;
  request(url: string, subject: string, body: string, headers?: Readonly<Record<string, string>>): Promise<PlainAnswer>;
  publish(url: string, subject: string, body: string): Promise<void>;
  /** Resolves when the broker has the subscription; `body` with the first message. */
  hear(url: string, subject: string): Promise<{ readonly body: Promise<string> } & AsyncDisposable>;
}

/** What a plain service of these tests is asked for. */
export interface WantedAnswer {
  readonly answer: string;
  readonly headers?: Readonly<Record<string, string>>;
}
