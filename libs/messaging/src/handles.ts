import { type DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { Contract, Envelope } from '@waybill/message';
import type { BatchConsumer, DeadLetterHook, Handler, Responder } from './handler.ts';
import { type TransactionalOptions, transactional } from './transactional.ts';

type Handled = Handler | BatchConsumer | Responder | DeadLetterHook;

const Marked = Reflector.createDecorator<Partial<Transactional>>();

interface Transactional {
  readonly contract: Contract;
  readonly options: TransactionalOptions;
}

/** A method that handles messages with data `D`. `transaction` comes from the storage: TypeORM's `EntityManager`. */
type TransactionalMethod<D> = (data: D, transaction: never, message: Envelope) => Promise<unknown>;

/**
 * Marks a method without parameters that returns the result of `on`, `batchConsumer`, `answers` or
 * `onDeadLetter`, or a list of them. It is called once, when the service starts.
 */
export function Handles(): MethodDecorator;
/**
 * Marks a method that handles the messages of `contract`, each in a transaction that also writes the inbox row:
 * its writes commit together with the record that the message was processed. Its result answers a waiting caller.
 */
export function Handles<D>(
  contract: Contract<D>,
  options?: TransactionalOptions,
): <M extends TransactionalMethod<D>>(
  target: object,
  name: string | symbol,
  method: TypedPropertyDescriptor<M>,
) => void;
export function Handles(contract?: Contract, options: TransactionalOptions = {}): MethodDecorator {
  return Marked(contract ? { contract, options } : {}) as MethodDecorator;
}

const noRequest =
  'is marked with @Handles(), so its class is created once: neither it nor what it injects can be scoped to a request';

/** Everything that a service handles. */
export interface ServiceHandlers {
  readonly handlers: readonly Handler[];
  readonly batchConsumers: readonly BatchConsumer[];
  readonly responders: readonly Responder[];
  readonly deadLetterHooks: readonly DeadLetterHook[];
}

/** Collects what the methods marked with `@Handles()` of all providers and controllers declare. */
export function handlersOf(discovery: DiscoveryService): ServiceHandlers {
  const scanner = new MetadataScanner();
  const found = [...discovery.getProviders(), ...discovery.getControllers()].flatMap((wrapper) =>
    handledIn(wrapper, scanner),
  );
  return {
    handlers: found.filter((each): each is Handler => 'home' in each),
    batchConsumers: found.filter((each): each is BatchConsumer => 'write' in each),
    responders: found.filter((each): each is Responder => 'request' in each),
    deadLetterHooks: found.filter((each): each is DeadLetterHook => 'onDeadLetter' in each),
  };
}

function handledIn(wrapper: InstanceWrapper, scanner: MetadataScanner): readonly Handled[] {
  const { instance } = wrapper;
  if (typeof instance !== 'object' || instance === null) return [];
  const methods = instance as Record<string, (...of: unknown[]) => unknown>;
  return scanner.getAllMethodNames(Object.getPrototypeOf(instance)).flatMap((name) => {
    const method = methods[name];
    const marked = method && (Reflect.getMetadata(Marked.KEY, method) as Partial<Transactional>);
    if (!marked) return [];
    const where = `${instance.constructor.name}.${name}`;
    if (!wrapper.isDependencyTreeStatic()) throw new TypeError(`${where} ${noRequest}`);
    return handledBy(method.bind(instance), marked, where);
  });
}

const isHandled = (made: unknown): made is Handled =>
  typeof made === 'object' &&
  made !== null &&
  ['home', 'write', 'request', 'onDeadLetter'].some((field) => field in made);

function handledBy(
  method: (...of: unknown[]) => unknown,
  { contract, options = {} }: Partial<Transactional>,
  name: string,
): readonly Handled[] {
  if (contract) return [transactional(contract, options, async (...of) => method(...of))];
  const made = method.length === 0 ? [method()].flat() : [];
  if (method.length === 0 && made.every(isHandled)) return made;
  throw new TypeError(
    `${name} is marked with @Handles() but does not return on(…), batchConsumer(…), answers(…) or onDeadLetter(…). ` +
      'A method that handles the messages itself names their contract: @Handles(Contract)',
  );
}
