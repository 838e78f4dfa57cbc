import { type DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { TaskLease } from '@waybill/persistence';
import type { HostConfig } from '../config/host.config.ts';

/** How a task is scheduled. */
export interface ScheduledOptions<C> {
  /** Unique in the service. */
  readonly name: string;
  /** Milliseconds from one run to the next, from the settings of the service. */
  readonly every: (config: C, host: HostConfig) => number;
}

/** A run of a task: its lease, and a signal that aborts when the run must end. */
export interface TaskRun {
  readonly lease: TaskLease;
  readonly signal: AbortSignal;
}

/** A task that runs again and again. */
export interface Task {
  readonly name: string;
  readonly every: number;
  readonly run: (run: TaskRun) => Promise<unknown>;
}

const Marked = Reflector.createDecorator<ScheduledOptions<never>>();

/**
 * Runs the method again and again while the service runs, in one of its replicas at a time: under a lease in its database. If that
 * replica is killed, another one takes over when the lease has ended. A run that fails is repeated at its next time.
 */
export const Scheduled = <C>(
  options: ScheduledOptions<C>,
): (<M extends (run: TaskRun) => Promise<unknown>>(
  target: object,
  name: string | symbol,
  method: TypedPropertyDescriptor<M>,
) => void) => Marked(options as ScheduledOptions<never>) as never;

/** The methods of all providers that are marked with `@Scheduled()`. */
export function tasksOf(
  discovery: DiscoveryService,
  { own, host }: { readonly own: unknown; readonly host: HostConfig },
): readonly Task[] {
  const scanner = new MetadataScanner();
  return discovery.getProviders().flatMap(({ instance }) => {
    if (typeof instance !== 'object' || instance === null) return [];
    const methods = instance as Record<string, Task['run']>;
    return scanner.getAllMethodNames(Object.getPrototypeOf(instance)).flatMap((name) => {
      const method = methods[name];
      const marked: ScheduledOptions<unknown> | undefined =
        method && Reflect.getMetadata(Marked.KEY, method);
      if (!method || !marked) return [];
      const every = marked.every(own, host);
      return [{ name: marked.name, every, run: (run) => method.call(instance, run) }];
    });
  });
}
