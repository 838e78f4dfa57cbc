import { type DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { Job } from './job.ts';

/** How the jobs of a queue are done. */
export interface WorksOnOptions {
  /** How many jobs one process does at a time; default 2. */
  readonly concurrency?: number;
  /** After this many failed attempts a job is dead; default 5. */
  readonly attempts?: number;
  /** Milliseconds until the second attempt; each further one waits four times as long. Default 1,000. */
  readonly firstDelay?: number;
  /** The longest wait between two attempts in milliseconds; default an hour. */
  readonly longestDelay?: number;
  /** Milliseconds that an attempt may take, and after which another worker takes over from one that crashed; default 30,000. */
  readonly lease?: number;
}

/** What does the jobs of a queue. */
export interface QueueHandler extends Required<WorksOnOptions> {
  readonly queue: string;
  readonly run: (job: Job<never>) => Promise<unknown>;
}

const Marked = Reflector.createDecorator<WorksOnOptions & { readonly queue: string }>();

/**
 * Marks the method that does the jobs of a queue, in every process that has it. It may run more than once for a job, so what it does to
 * the outside needs an idempotency key (the job's id); what it writes in `job.complete` is committed once. An error is retried, unless
 * it has `retriable: false`.
 */
export const WorksOn = (
  queue: string,
  options: WorksOnOptions = {},
): (<D extends object, R>(
  target: object,
  name: string | symbol,
  method: TypedPropertyDescriptor<(job: Job<D>) => Promise<R>>,
) => void) => Marked({ ...options, queue }) as never;

/** The methods of all providers that are marked with `@WorksOn()`. */
export function queueHandlersOf(discovery: DiscoveryService): readonly QueueHandler[] {
  const scanner = new MetadataScanner();
  return discovery.getProviders().flatMap(({ instance }) => {
    if (typeof instance !== 'object' || instance === null) return [];
    const methods = instance as Record<string, QueueHandler['run']>;
    return scanner.getAllMethodNames(Object.getPrototypeOf(instance)).flatMap((name) => {
      const method = methods[name];
      const marked: (WorksOnOptions & { queue: string }) | undefined =
        method && Reflect.getMetadata(Marked.KEY, method);
      if (!method || !marked) return [];
      return [{ ...defaults, ...marked, run: (job: Job<never>) => method.call(instance, job) }];
    });
  });
}

const defaults = {
  concurrency: 2,
  attempts: 5,
  firstDelay: 1_000,
  longestDelay: 3_600_000,
  lease: 30_000,
};
