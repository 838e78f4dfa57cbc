import { type DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { DeadLetterHook } from './dead-letter-hook.ts';
import type { Handler, Responder, Sink } from './handler.ts';

type Handled = Handler | Sink | Responder | DeadLetterHook;

const Marked = Reflector.createDecorator<true>();

/**
 * Marks a method without parameters that returns what `on`, `sink`, `answers` or `onDeadLetter` made, or a list of those. It
 * is called once, when the service starts.
 */
export const Handles = (): MethodDecorator => Marked(true);

/** Everything that a service hears. */
export interface Hears {
  readonly handlers: readonly Handler[];
  readonly sinks: readonly Sink[];
  readonly responders: readonly Responder[];
  readonly deadLetterHooks: readonly DeadLetterHook[];
}

/** Calls every method marked by `@Handles()` of the providers and controllers that are found. */
export function handlersOf(discovery: DiscoveryService): Hears {
  const scanner = new MetadataScanner();
  const found: Handled[] = [];
  for (const { instance } of [...discovery.getProviders(), ...discovery.getControllers()]) {
    if (typeof instance !== 'object' || instance === null) continue;
    const methods = instance as Record<string, () => Handled | readonly Handled[]>;
    for (const name of scanner.getAllMethodNames(Object.getPrototypeOf(instance))) {
      const method = methods[name];
      if (method && Reflect.getMetadata(Marked.KEY, method))
        found.push(...[method.call(instance)].flat());
    }
  }
  return {
    handlers: found.filter((each): each is Handler => 'home' in each),
    sinks: found.filter((each): each is Sink => 'write' in each),
    responders: found.filter((each): each is Responder => 'request' in each),
    deadLetterHooks: found.filter((each): each is DeadLetterHook => 'onDeadLetter' in each),
  };
}
