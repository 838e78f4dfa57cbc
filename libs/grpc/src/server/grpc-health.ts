import type { Server, ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { statusCodes } from '../status.ts';

interface Asked {
  readonly service: string;
}
interface Told {
  readonly status: 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';
}
type Watcher = ServerWritableStream<Asked, Told>;

export interface GrpcHealthOptions {
  /** The full names of the services that it reports on. */
  readonly services: readonly string[];
  /** True when calls can be served; a rejection counts as false. */
  readonly ready: () => Promise<boolean>;
  /** Milliseconds between two checks while a client watches; default 1,000. */
  readonly lookEvery?: number;
}

/**
 * `grpc.health.v1` that checks on demand: a cached status could be outdated, and checking without a request would
 * cost a database round trip for nothing.
 */
export class GrpcHealth {
  private readonly watchers = new Map<Watcher, Told['status'] | null>();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly options: GrpcHealthOptions) {}

  addTo(server: Server): void {
    server.addService(service, {
      check: (call: ServerUnaryCall<Asked, Told>, answer: sendUnaryData<Told>) =>
        void this.check(call.request.service, answer),
      watch: (call: Watcher) => this.watch(call),
      list: (_: unknown, answer: sendUnaryData<{ statuses: Record<string, Told> }>) =>
        void this.list(answer),
    });
  }

  /** From now on the status is NOT_SERVING; watchers get it at once. */
  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
    for (const watcher of this.watchers.keys()) void this.tell(watcher);
  }

  private async check(name: string, answer: sendUnaryData<Told>): Promise<void> {
    const status = await this.statusOf(name);
    if (status !== 'SERVICE_UNKNOWN') return answer(null, { status });
    answer({ code: statusCodes.NOT_FOUND, details: `there is no service ${name.slice(0, 200)}` });
  }

  private async list(answer: sendUnaryData<{ statuses: Record<string, Told> }>): Promise<void> {
    const status = await this.statusOf('');
    const names = ['', ...this.options.services];
    answer(null, { statuses: Object.fromEntries(names.map((name) => [name, { status }])) });
  }

  private watch(call: Watcher): void {
    this.watchers.set(call, null);
    call.on('cancelled', () => {
      this.watchers.delete(call);
      if (this.watchers.size === 0) this.rest();
    });
    void this.tell(call);
    this.timer ??= setInterval(() => {
      for (const watcher of this.watchers.keys()) void this.tell(watcher);
    }, this.options.lookEvery ?? 1_000).unref();
  }

  private rest(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async tell(watcher: Watcher): Promise<void> {
    const status = await this.statusOf(watcher.request.service);
    if (!this.watchers.has(watcher) || this.watchers.get(watcher) === status) return;
    this.watchers.set(watcher, status);
    watcher.write({ status });
  }

  private async statusOf(name: string): Promise<Told['status']> {
    if (name !== '' && !this.options.services.includes(name)) return 'SERVICE_UNKNOWN';
    const ready = !this.stopped && (await this.options.ready().catch(() => false));
    return ready && !this.stopped ? 'SERVING' : 'NOT_SERVING';
  }
}
