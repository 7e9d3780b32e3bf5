/** The deadline of a request, in milliseconds, where call, contract and client say nothing: both sides assume it. */
export const defaultTimeoutMs = 5_000;
