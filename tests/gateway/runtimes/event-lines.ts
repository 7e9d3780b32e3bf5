/** One event of a stream, by the fields that HTML names. */
export interface EventLines {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Reads server-sent events as any program would; comments are not told. */
export async function* readEvents(response: Response): AsyncGenerator<EventLines> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    text += chunk.value;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const fields = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const all = (name: string): string[] =>
        fields.filter((field) => field.startsWith(`${name}: `)).map((field) => field.slice(name.length + 2));
      const [event] = all("event");
      if (event !== undefined) yield { event, id: all("id")[0] ?? "", data: all("data").join("\n") };
    }
  }
}
