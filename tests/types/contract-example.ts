import type {
  EventName,
  InferErrors,
  InferEvent,
  InferRequest,
  InferResponse,
  LibraryCode,
  MessagingError,
  RequestName,
} from "../../mod.ts";
import type { Equal, Expect, IsAny } from "./expect.ts";
import type { Orders } from "./orders.ts";

export type Names = [
  Expect<Equal<RequestName<Orders>, "createOrder" | "countOrders">>,
  Expect<Equal<EventName<Orders>, "orderCreated" | "orderMoved" | "orderKept">>,
];

export type Shapes = [
  Expect<Equal<InferRequest<Orders, "createOrder">, { sku: string; quantity: number }>>,
  Expect<Equal<InferResponse<Orders, "createOrder">, { id: string; total: number }>>,
  Expect<Equal<InferResponse<Orders, "countOrders">, number>>,
  Expect<Equal<InferEvent<Orders, "orderCreated">, { id: string; region: string }>>,
  Expect<Equal<InferEvent<Orders, "orderKept">, { id: string }>>,
];

export type NothingIsAny = [
  Expect<Equal<IsAny<InferRequest<Orders, "createOrder">>, false>>,
  Expect<Equal<IsAny<InferResponse<Orders, "createOrder">>, false>>,
  Expect<Equal<IsAny<InferEvent<Orders, "orderMoved">>, false>>,
  Expect<Equal<IsAny<InferErrors<Orders, "createOrder">>, false>>,
];

export type Errors = [
  Expect<
    Equal<
      InferErrors<Orders, "createOrder">,
      | MessagingError<"OUT_OF_STOCK", { sku: string }>
      | MessagingError<"SHOP_CLOSED", undefined>
      | MessagingError<LibraryCode>
    >
  >,
  Expect<Equal<InferErrors<Orders, "countOrders">, MessagingError<LibraryCode>>>,
];

// @ts-expect-error -- the contract has no such request
export type NoRequest = InferRequest<Orders, "deleteOrder">;
// @ts-expect-error -- an event is no request
export type EventAsRequest = InferResponse<Orders, "orderCreated">;
// @ts-expect-error -- the contract has no such event
export type NoEvent = InferEvent<Orders, "orderDeleted">;
