import type { Contract, Kind } from '@waybill/message';
import type { Handler, InjectedFaults } from './handler.ts';

const awaited: ReadonlySet<Kind> = new Set(['command', 'reply', 'task', 'request', 'local']);

/** Whether another party waits for the outcome of messages of this kind; the other kinds report facts. */
export const isAwaited = (kind: Kind): boolean => awaited.has(kind);

const nothing: ReadonlyMap<string, Handler> = new Map();

/** The handlers of a service by group and type; throws a `TypeError` for two handlers of one type in a group. */
export class HandlersByGroup {
  private readonly byGroup = new Map<string, Map<string, Handler>>();
  private readonly calling = new Set<string>();
  private readonly awaited = new Set<string>();
  private readonly prefetches = new Map<string, number>();

  constructor(
    private readonly service: string,
    handlers: readonly Handler[],
    private readonly faults?: InjectedFaults | null,
  ) {
    for (const handler of handlers) this.register(handler);
  }

  groups(): Iterable<string> {
    return this.byGroup.keys();
  }

  /** The handlers of a group, by type. */
  of(group: string): ReadonlyMap<string, Handler> {
    return this.byGroup.get(group) ?? nothing;
  }

  /** Whether messages of the group wait before they are decided: for an external call, or because of a fault. */
  callsExternally(group: string): boolean {
    return this.calling.has(group) || this.isFaulty(group);
  }

  isFaulty(group: string): boolean {
    return this.faults?.isAnyOn === true && this.faults.isOn(group);
  }

  /** The smallest prefetch that a handler of the group declares. */
  prefetchOf(group: string): number | undefined {
    return this.prefetches.get(group);
  }

  /** Whether another party waits for the outcome of some message of the group. */
  isAwaited(group: string): boolean {
    return this.awaited.has(group);
  }

  /** The group and handler of a local message; throws a `TypeError` without a handler. */
  ofLocal(contract: Contract): { readonly group: string; readonly handler: Handler } {
    for (const [group, known] of this.byGroup) {
      const handler = known.get(contract.type);
      if (handler?.contract === contract) return { group, handler };
    }
    throw new TypeError(`${this.service} has no handler of ${contract.type}`);
  }

  private register(handler: Handler): void {
    const group = handler.options.group ?? this.service;
    const handlers = this.byGroup.get(group) ?? new Map<string, Handler>();
    if (handlers.has(handler.contract.type)) {
      throw new TypeError(`group ${group} has two handlers of ${handler.contract.type}`);
    }
    handlers.set(handler.contract.type, handler);
    this.byGroup.set(group, handlers);
    if (handler.options.call) this.calling.add(group);
    if (isAwaited(handler.contract.kind)) this.awaited.add(group);
    const { prefetch } = handler.options;
    if (prefetch !== undefined) {
      this.prefetches.set(group, Math.min(prefetch, this.prefetches.get(group) ?? prefetch));
    }
  }
}
