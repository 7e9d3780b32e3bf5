/**
 * Reads a body as it comes, until its end, until `onChunk` gives `false`, or until the signal aborts; what is not read is
 * given back. A promise of `onChunk` is waited for.
 *
 * @throws what `onChunk` threw, what the body failed with, or the signal's reason
 */
export async function readChunks(
  response: Response,
  signal: AbortSignal,
  onChunk: (chunk: Uint8Array) => boolean | Promise<boolean>,
): Promise<void> {
  const reader = response.body?.getReader();
  // Not every `fetch` ends its body with the signal. Cancelling also ends a read that waits.
  const cancel = (): void => void reader?.cancel().catch(() => {});
  signal.addEventListener("abort", cancel);
  try {
    for (;;) {
      if (signal.aborted) throw signal.reason;
      const part = await reader?.read();
      if (signal.aborted) throw signal.reason;
      if (part?.value === undefined || !await onChunk(part.value)) return;
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}

/** Reads a whole body; `undefined` where it has more bytes than that. */
export async function readBody(
  response: Response,
  signal: AbortSignal,
  maximumBytes: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  await readChunks(response, signal, (chunk) => {
    chunks.push(chunk);
    length += chunk.length;
    return length <= maximumBytes;
  });
  if (length > maximumBytes) return undefined;
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}
