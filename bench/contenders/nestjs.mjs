// NestJS with its NATS transport, as https://docs.nestjs.com/microservices/nats has it; its logger is off. Plain
// JavaScript has no decorators, so they are called.
import "reflect-metadata";
import { Controller, Logger, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import {
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  Transport,
} from "@nestjs/microservices";
import { firstValueFrom } from "rxjs";

Logger.overrideLogger(false);

const overNats = ({ url }, more = {}) => ({
  transport: Transport.NATS,
  options: { servers: [url], ...more },
});

const orderPattern = ({ prefix }) => `${prefix}.createOrder`;
const movementPattern = ({ prefix }) => `${prefix}.orderMoved`;

async function start(broker, controller, options) {
  class Application {}
  Module({ controllers: [controller] })(Application);
  const service = await NestFactory.createMicroservice(Application, {
    ...overNats(broker, options),
    logger: false,
  });
  await service.listen();
  return { close: () => service.close() };
}

function decorate(controller, method, pattern) {
  Controller()(controller);
  pattern(
    controller.prototype,
    method,
    Object.getOwnPropertyDescriptor(controller.prototype, method),
  );
}

async function connected(broker) {
  const client = ClientProxyFactory.create(overNats(broker));
  await client.connect();
  return client;
}

export function serve(broker, answer) {
  class Orders {
    createOrder(order) {
      return answer(order);
    }
  }
  decorate(Orders, "createOrder", MessagePattern(orderPattern(broker)));
  return start(broker, Orders, { queue: "bench" });
}

export async function open(broker) {
  const client = await connected(broker);
  const pattern = orderPattern(broker);
  return {
    request: (order) => firstValueFrom(client.send(pattern, order)),
    close: () => client.close(),
  };
}

export function listen(broker, onMovement) {
  class Movements {
    orderMoved(movement) {
      onMovement(movement);
    }
  }
  decorate(Movements, "orderMoved", EventPattern(movementPattern(broker)));
  return start(broker, Movements);
}

export async function publisher(broker) {
  const client = await connected(broker);
  const pattern = movementPattern(broker);
  return {
    // It publishes by itself: an observable of `emit` is hot.
    publish: (movement) => void client.emit(pattern, movement),
    close: () => client.close(),
  };
}
