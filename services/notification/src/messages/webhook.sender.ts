import { Inject, Injectable } from '@nestjs/common';
import { FieldCipher } from '@waybill/encryption';
import { CLOCK, type Clock } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { CONFIG, Scheduled } from '@waybill/service';
import { legacySignedHeaders, NotPosted, post, signedHeaders } from '@waybill/webhooks';
import { type Job, WorksOn } from '@waybill/work-queue';
import type { Webhook, WebhookScheme } from '../domain/webhook.ts';
import {
  type Attempt,
  msOf,
  type Tried,
  type WebhookDelivery,
  webhookHeaders,
} from '../domain/webhook-delivery.ts';
import type { NotificationConfig } from '../notification.config.ts';
import { WebhookRepository } from '../storage/webhook.repository.ts';
import { WebhookDeliveryRepository, webhookQueue } from '../storage/webhook-delivery.repository.ts';
import { WebhookMetrics } from './webhook.metrics.ts';

/** How many deliveries one endpoint gets at a time. */
const atOnce = 5;

/** Where an endpoint is, and who signs for it. */
interface Endpoint {
  readonly url: string;
  readonly secrets: readonly string[];
  readonly scheme: WebhookScheme;
}

/**
 * Delivers webhooks. A job is a webhook, so one that hangs or fails has one worker for a moment, however much waits for it, and delays no
 * other.
 */
@Injectable()
export class WebhookSender {
  constructor(
    private readonly webhooks: WebhookRepository,
    private readonly deliveries: WebhookDeliveryRepository,
    private readonly cipher: FieldCipher,
    private readonly metrics: WebhookMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: NotificationConfig,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  // The rows say when a delivery is given up; a job fails only when the database or the keys are away.
  @WorksOn(webhookQueue, {
    concurrency: 32,
    attempts: Number.POSITIVE_INFINITY,
    longestDelay: 60_000,
    lease: 120_000,
  })
  async send({ key, signal, postpone }: Job): Promise<void> {
    const webhook = await this.webhooks.find(key);
    if (!webhook) return;
    const due = await this.deliveries.due(key, webhook.failures > 0 ? 1 : atOnce);
    const endpoint = due.length > 0 ? await this.endpointOf(webhook) : null;
    if (endpoint === undefined) {
      // Its owner is erased.
      await this.webhooks.remove(key);
      return;
    }
    const tried = endpoint
      ? await Promise.all(due.map((each) => this.try(each, endpoint, signal)))
      : [];
    const made = tried.filter(({ attempt }) => attempt.failure !== 'stopped');
    await postpone((manager) => this.recorded(manager, webhook, made));
    this.metrics.count(made.map(({ attempt }) => attempt));
  }

  /** The secrets of a rotation that is over are not kept. */
  @Scheduled({ name: 'webhook-rotations', every: () => 60_000 })
  async endRotations(): Promise<void> {
    await this.webhooks.endRotations(this.clock.now());
  }

  private async recorded(
    manager: Parameters<WebhookDeliveryRepository['record']>[0],
    before: Webhook,
    tried: readonly Tried[],
  ): Promise<Date | null> {
    const { webhook, next } = await this.deliveries.record(manager, before.id, tried, {
      now: this.clock.now(),
      disableAfter: this.config.webhooks.disableAfter,
      random: Math.random,
    });
    const reason = webhook?.disabledReason;
    if (reason && reason !== before.disabledReason) {
      this.log.warn({ webhookId: before.id, reason }, 'a webhook is disabled');
      this.metrics.disabled(reason);
    }
    return next;
  }

  /** Undefined if the owner is erased. */
  private async endpointOf(webhook: Webhook): Promise<Endpoint | undefined> {
    const { scheme, previousSecret, previousSecretUntil } = webhook;
    const isRotating = Date.parse(previousSecretUntil ?? '') > this.clock.now().getTime();
    const [url, ...secrets] = await Promise.all(
      [webhook.url, webhook.secret, ...(isRotating && previousSecret ? [previousSecret] : [])].map(
        (each) => this.cipher.decrypt(each),
      ),
    );
    if (url === undefined) return undefined;
    return { url, secrets: secrets.filter((each) => each !== undefined), scheme };
  }

  private async try(
    delivery: WebhookDelivery,
    { url, secrets, scheme }: Endpoint,
    signal: AbortSignal,
  ): Promise<Tried> {
    const now = this.clock.now();
    const sign = scheme === 'legacy' ? legacySignedHeaders : signedHeaders;
    const headers = {
      ...webhookHeaders,
      ...sign(secrets, delivery, now),
    };
    const began = performance.now();
    const attempt = (rest: Pick<Attempt, 'status' | 'failure' | 'bytes'>): Attempt => ({
      at: now.toISOString(),
      durationMs: Math.round(performance.now() - began),
      ...rest,
    });
    const { loopbackAllowed: loopback, timeout } = this.config.webhooks;
    try {
      const posting = { url, headers, body: delivery.body };
      const { status, bytes, retryAfter } = await post(posting, { loopback, timeout, signal });
      const isWait = status < 200 || status >= 300;
      return {
        delivery,
        attempt: attempt({ status, failure: null, bytes }),
        retryAfter: isWait ? msOf(retryAfter, now) : 0,
      };
    } catch (error) {
      if (!(error instanceof NotPosted)) throw error;
      const failure = error.code;
      return { delivery, attempt: attempt({ status: null, failure, bytes: 0 }), retryAfter: 0 };
    }
  }
}
