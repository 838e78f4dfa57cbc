import type { InjectedFaults } from '@waybill/messaging';

/** What goes wrong on purpose at one point. */
export interface Fault {
  /** The share of calls that fail, from 0 to 1. */
  readonly share: number;
  /** How much longer each call takes. */
  readonly latencyMs: number;
}

export const noFault: Fault = { share: 0, latencyMs: 0 };

/**
 * What a fault does. `failure`: calls fail, and take longer. `duplicate` and `reorder`: messages are delivered twice, or overtaken.
 * `outage`: a server is out of reach for the latency, and then the fault is over.
 */
export const faultEffects = ['failure', 'duplicate', 'reorder', 'outage'] as const;
export type FaultEffect = (typeof faultEffects)[number];

/** A failure on purpose. It counts like a failure of the handler or the dependency itself. */
export class InjectedFault extends Error {
  readonly code = 'injected_fault';
  readonly retriable = true;
  constructor(point: string) {
    super(`${point} fails on purpose: an operator has set this fault`);
    this.name = 'InjectedFault';
  }
}

/** Sums of shares such as 0.1 are not exact. */
const rounding = 1e-9;

/** A point of this process where a fault can be injected; off until `set`. */
export class FaultPoint {
  private current = noFault;
  private calls = 0;
  private readonly waiting = new Set<() => void>();
  private readonly listeners = new Set<() => void>();
  private end: NodeJS.Timeout | undefined;

  constructor(
    readonly name: string,
    /** One sentence for operators: what fails or is late. */
    readonly about: string,
    readonly effect: FaultEffect,
  ) {}

  get fault(): Fault {
    return this.current;
  }

  get isOn(): boolean {
    return this.current !== noFault;
  }

  /** Replaces the fault. Calls that are held by an earlier latency continue at once. An outage ends after `left` milliseconds. */
  set(fault: Fault, left = fault.latencyMs): void {
    const isOutage = this.effect === 'outage';
    const isOff = fault.latencyMs === 0 && (isOutage || fault.share === 0);
    this.current = isOff ? noFault : fault;
    this.calls = 0;
    clearTimeout(this.end);
    if (isOutage && !isOff) this.end = setTimeout(() => this.set(noFault), left).unref();
    for (const tell of [...this.listeners, ...this.waiting]) tell();
  }

  /** Calls the listener after each change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Whether the next call fails. The failures are spread evenly: with a share of 0.25, every fourth call fails. */
  strikes(): boolean {
    const { share } = this.current;
    const before = Math.floor(this.calls * share + rounding);
    this.calls += 1;
    return Math.floor(this.calls * share + rounding) > before;
  }

  /** Resolves after the latency, or when the signal aborts; rejects with an `InjectedFault` if the call is to fail. */
  async pass(signal?: AbortSignal): Promise<void> {
    const { latencyMs } = this.current;
    if (latencyMs > 0) await this.hold(latencyMs, signal);
    if (this.strikes()) throw new InjectedFault(this.name);
  }

  private hold(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const resume = (): void => {
        clearTimeout(timer);
        this.waiting.delete(resume);
        signal?.removeEventListener('abort', resume);
        resolve();
      };
      const timer = setTimeout(resume, ms).unref();
      this.waiting.add(resume);
      signal?.addEventListener('abort', resume);
    });
  }
}

/** The points of one service where faults can be injected, by name. */
export class FaultPoints implements InjectedFaults {
  private readonly byName = new Map<string, FaultPoint>();
  isAnyOn = false;

  /** The point of that name, which is made if it does not exist; default effect: `failure`. */
  point(
    name: string,
    about: string,
    { effect = 'failure' }: { readonly effect?: FaultEffect } = {},
  ): FaultPoint {
    const known = this.byName.get(name);
    if (known) return known;
    const made = new FaultPoint(name, about, effect);
    made.onChange(() => {
      this.isAnyOn = this.all().some(({ isOn }) => isOn);
    });
    this.byName.set(name, made);
    return made;
  }

  pass(group: string): Promise<void> {
    return this.byName.get(group)?.pass() ?? Promise.resolve();
  }

  find(name: string): FaultPoint | undefined {
    return this.byName.get(name);
  }

  all(): readonly FaultPoint[] {
    return [...this.byName.values()];
  }

  /** Whether a fault is set at the point of that name. */
  isOn(name: string): boolean {
    return this.isAnyOn && this.byName.get(name)?.isOn === true;
  }
}
