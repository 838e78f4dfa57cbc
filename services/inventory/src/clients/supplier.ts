import type { OnApplicationShutdown } from '@nestjs/common';
import {
  bulkhead,
  circuitBreaker,
  failureRate,
  type Pipeline,
  type Resilience,
  timeout,
} from '@waybill/resilience';
import { Pool } from 'undici';
import { z } from 'zod';
import type { SupplierAnswer, SupplierOrder } from '../domain/supplier-order.ts';

export interface SupplierOptions {
  readonly supplier: string;
  readonly supplierUrl: string;
  readonly supplierApiKey: string;
}

/** Suppliers may add fields. */
const orderAnswer = z.object({ orderId: z.string(), status: z.enum(['ordered', 'delivered']) });
const problemAnswer = z.object({ code: z.string().max(100), detail: z.string().default('') });

/** Codes of problems that asking again does not solve. */
const definite = ['not_supplied', 'idempotency_key_reused'];
const largestAnswer = 64 * 1_024;
const longestRefusal = 500;

/** The supplier's HTTP API. Only a response that matches its schema counts as an answer; everything else is an error, and asked again. */
export class Supplier implements OnApplicationShutdown {
  private readonly pool: Pool;
  private readonly pipeline: Pipeline;
  private readonly path: string;
  private readonly headers: Readonly<Record<string, string>>;

  constructor({ supplier, supplierUrl, supplierApiKey }: SupplierOptions, resilience: Resilience) {
    this.path = `/v1/${supplier}/orders`;
    this.headers = {
      authorization: `Bearer ${supplierApiKey}`,
      'content-type': 'application/json',
    };
    this.pool = new Pool(supplierUrl, { connections: 16, maxResponseSize: largestAnswer });
    this.pipeline = resilience.pipeline(
      `supplier-${supplier}`,
      bulkhead({ calls: 16, queue: 1_000 }),
      circuitBreaker({ opensAt: failureRate(0.5, { over: '10s', atLeast: 5 }), staysOpen: '1s' }),
      timeout('2s'),
    );
  }

  /** Orders goods. Repeated for the same request it is the same order. */
  order({ requestId, sku, quantity }: SupplierOrder): Promise<SupplierAnswer> {
    return this.pipeline.run(async (signal) => {
      const { statusCode, body } = await this.pool.request({
        method: 'POST',
        path: this.path,
        headers: { ...this.headers, 'idempotency-key': requestId },
        body: JSON.stringify({ sku, quantity }),
        signal,
      });
      return answerOf(requestId, statusCode, await body.text());
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.destroy();
  }
}

function answerOf(requestId: string, status: number, text: string): SupplierAnswer {
  if (status === 200 || status === 201) {
    const { orderId } = orderAnswer.parse(JSON.parse(text));
    if (orderId === requestId) return { outcome: 'ordered' };
  }
  if (status === 422) {
    const { code, detail } = problemAnswer.parse(JSON.parse(text));
    if (definite.includes(code)) {
      return { outcome: 'refused', detail: (detail || code).slice(0, longestRefusal) };
    }
  }
  throw new SupplierSilent(`status ${status}`);
}

/** The supplier gave no definite answer. */
export class SupplierSilent extends Error {
  readonly code = 'supplier_silent';
  constructor(why: string) {
    super(`the supplier gave no answer (${why})`);
    this.name = 'SupplierSilent';
  }
}
