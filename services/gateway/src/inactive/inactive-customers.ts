import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Problem, TOKEN_VERIFIER, type TokenVerifier } from '@waybill/http';
import { CLOCK, type Clock, every } from '@waybill/messaging';
import type { HealthReport } from '@waybill/observability';
import type { OpenAnswers } from '@waybill/resilience/http-server';
import { AccountActivity } from './account-activity.ts';
import { bearerOf, subjectIn } from './bearer.ts';

/** Milliseconds, so that a deactivated customer is refused within a second. */
const readEvery = 250;
/** Milliseconds without a read after which the list may be out of date. */
const limits = { degraded: 2_000, unhealthy: 86_400_000 };

/**
 * Refuses customers who are deactivated or erased, although their tokens are still valid, and ends their event streams. Follows
 * the customer service; while that is away, the last list counts.
 */
@Injectable()
export class InactiveCustomers implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly ids = new Set<string>();
  /** Responses to inactive customers that are, or may still become, event streams. */
  private readonly suspects = new Set<ServerResponse>();
  private answers: Pick<OpenAnswers, 'entries'> = { entries: () => [] };
  private listener: (customerId: string) => void = () => {};
  private position = 0;
  private readAt: number;
  private stop = (): void => {};

  constructor(
    private readonly activity: AccountActivity,
    @Inject(TOKEN_VERIFIER) private readonly verifier: TokenVerifier,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.readAt = clock.now().getTime();
  }

  /** Reads once before any request is served; a customer service that starts later is not waited for. */
  async onApplicationBootstrap(): Promise<void> {
    await this.follow().catch(() => undefined);
    this.stop = every(
      this.clock,
      readEvery,
      () => this.follow(),
      () => {},
    );
  }

  onApplicationShutdown(): void {
    this.stop();
  }

  /** Names the responses whose event streams end once their customer is inactive. */
  watch(answers: Pick<OpenAnswers, 'entries'>): void {
    this.answers = answers;
  }

  /** Calls `listener` whenever a customer becomes inactive. */
  onInactive(listener: (customerId: string) => void): void {
    this.listener = listener;
  }

  has(customerId: string): boolean {
    return this.ids.has(customerId);
  }

  /** Reads the changes since the last read. */
  async follow(): Promise<void> {
    this.endStreams();
    for (;;) {
      const { position, changes } = await this.activity.after(this.position);
      this.readAt = this.clock.now().getTime();
      if (changes.length === 0) return;
      this.position = position;
      for (const { customerId, active } of changes) {
        if (active) this.ids.delete(customerId);
        else this.add(customerId);
      }
    }
  }

  /** The problem of a request whose valid token is of an inactive customer. Undefined at once for nearly all others. */
  refusalOf(request: IncomingMessage): undefined | Promise<Problem | undefined> {
    if (this.ids.size === 0) return undefined;
    const token = bearerOf(request);
    const subject = token && subjectIn(token);
    if (!token || !subject || !this.ids.has(subject)) return undefined;
    return this.verified(token);
  }

  /** A report while the customer service is away, because who was deactivated since then is not refused; else none. */
  troubles(): readonly HealthReport[] {
    const value = this.clock.now().getTime() - this.readAt;
    if (value < limits.degraded) return [];
    const status = value < limits.unhealthy ? 'degraded' : 'unhealthy';
    const unit = 'ms since the last read';
    const check = { name: 'inactive-customers', status, value, threshold: limits, unit } as const;
    return [{ service: 'gateway', status, checks: [{ ...check, durationMs: 0 }] }];
  }

  private add(customerId: string): void {
    this.ids.add(customerId);
    this.listener(customerId);
    for (const [response, request] of this.answers.entries()) {
      const token = bearerOf(request);
      if (token && subjectIn(token) === customerId) this.suspects.add(response);
    }
    this.endStreams();
  }

  /** A response whose head is not sent yet is looked at again. */
  private endStreams(): void {
    for (const response of this.suspects) {
      if (isEventStream(response)) response.destroy();
      if (response.headersSent || response.destroyed) this.suspects.delete(response);
    }
  }

  /** An invalid token is not refused here: the owner of the route decides whether it needs one. */
  private async verified(token: string): Promise<Problem | undefined> {
    try {
      const { id } = await this.verifier.verify(token);
      return this.ids.has(id) ? inactive() : undefined;
    } catch {
      return undefined;
    }
  }
}

const isEventStream = (response: ServerResponse): boolean =>
  response.headersSent &&
  String(response.getHeader('content-type')).startsWith('text/event-stream');

/** The problem that an inactive customer gets. */
export const inactive = (): Problem =>
  new Problem(403, 'customer_inactive', 'this account is inactive');
