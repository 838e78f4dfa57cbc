import type { INestApplicationContext } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { Handler, Responder, Sink } from './handler.ts';

const Marked = Reflector.createDecorator<true>();

/**
 * Marks a method without parameters that returns what `on`, `sink` or `answers` made. It is called once, when
 * the service starts.
 */
export const Handles = (): MethodDecorator => Marked(true);

/** Everything that a service hears. */
export interface Hears {
  readonly handlers: readonly Handler[];
  readonly sinks: readonly Sink[];
  readonly responders: readonly Responder[];
}

/** Calls every method marked by `@Handles()` in the application; `DiscoveryModule` must be among its modules. */
export function handlersOf(app: INestApplicationContext): Hears {
  const discovery = app.get(DiscoveryService, { strict: false });
  const scanner = new MetadataScanner();
  const found: (Handler | Sink | Responder)[] = [];
  for (const { instance } of [...discovery.getProviders(), ...discovery.getControllers()]) {
    if (typeof instance !== 'object' || instance === null) continue;
    const methods = instance as Record<string, () => Handler | Sink | Responder>;
    for (const name of scanner.getAllMethodNames(Object.getPrototypeOf(instance))) {
      const method = methods[name];
      if (method && Reflect.getMetadata(Marked.KEY, method)) found.push(method.call(instance));
    }
  }
  return {
    handlers: found.filter((each): each is Handler => 'home' in each),
    sinks: found.filter((each): each is Sink => 'write' in each),
    responders: found.filter((each): each is Responder => 'request' in each),
  };
}
