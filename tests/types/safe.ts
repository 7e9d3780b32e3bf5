import {
  type Execution,
  isMessagingError,
  type LibraryCode,
  type MessagingClient,
  type MessagingError,
  safe,
} from "../../mod.ts";
import type { Equal, Expect, IsAny } from "./expect.ts";
import type { Orders } from "./orders.ts";

export async function resultsNarrowByOkAndByCode(client: MessagingClient<Orders>): Promise<string> {
  const result = await safe(client.request("createOrder", { sku: "A1", quantity: 2 }));
  // @ts-expect-error -- a value only where the call went well
  result.value;
  if (result.ok) {
    const value: Expect<Equal<typeof result.value, { id: string; total: number }>> = true;
    // @ts-expect-error -- an error only where the call failed
    result.error;
    return value ? result.value.id : "";
  }
  const { error } = result;
  const codes: Expect<Equal<typeof error.code, "OUT_OF_STOCK" | "SHOP_CLOSED" | LibraryCode>> = true;
  const notAny: Expect<Equal<IsAny<typeof error>, false>> = true;
  console.log(codes, notAny);
  if (error.code === "OUT_OF_STOCK") {
    const data: Expect<Equal<typeof error.data, { sku: string }>> = true;
    return data ? error.data.sku : "";
  }
  if (error.code === "SHOP_CLOSED") {
    const data: Expect<Equal<typeof error.data, undefined>> = true;
    return String(data);
  }
  const rest: Expect<Equal<typeof error, MessagingError<LibraryCode>>> = true;
  console.log(rest);
  if (error.code === "TIMEOUT") {
    const execution: Expect<Equal<typeof error.execution, Execution>> = true;
    return String(execution);
  }
  // @ts-expect-error -- no such code can come from this request
  return error.code === "SOLD_OUT" ? "" : error.message;
}

export async function anyPromiseMayBeGiven(): Promise<void> {
  const result = await safe(Promise.resolve(42));
  if (result.ok) {
    const value: Expect<Equal<typeof result.value, number>> = true;
    console.log(value);
  } else {
    const error: Expect<Equal<typeof result.error, MessagingError>> = true;
    console.log(error);
  }
}

export function caughtValuesNarrow(caught: unknown): void {
  if (isMessagingError(caught, "TIMEOUT")) {
    const code: Expect<Equal<typeof caught.code, "TIMEOUT">> = true;
    console.log(code);
  }
  if (isMessagingError(caught)) {
    const code: Expect<Equal<typeof caught.code, string>> = true;
    const data: Expect<Equal<typeof caught.data, unknown>> = true;
    console.log(code, data);
  }
}
