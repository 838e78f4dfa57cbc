import { Inject, Injectable } from '@nestjs/common';
import { ActivityEnriched, ActivityProcessed, type DataOf } from '@waybill/contracts';
import { type DecideContext, Handles } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { count, stage } from '@waybill/streams';
import type { AnalyticsConfig } from '../analytics.config.ts';
import { amountOf, pageOf, skuOf } from '../domain/page.ts';
import { visitorOf } from '../domain/visitor.ts';
import { visitorActivities } from '../storage/pipeline.entities.ts';
import { customerCounts, products } from '../storage/popularity.entities.ts';

type Enriched = DataOf<typeof ActivityEnriched>;
type Processed = DataOf<typeof ActivityProcessed>;
type Tables = Pick<DecideContext<undefined>, 'read'>;

/** enriched → processed: what the shop knows of page, product and customer. */
@Injectable()
export class ProcessingConsumer {
  constructor(@Inject(CONFIG) private readonly config: Pick<AnalyticsConfig, 'shopCurrency'>) {}

  @Handles()
  process() {
    return processing.from(ActivityEnriched, {
      key: (activity) => visitorIn(activity),
      tables: (activity) => {
        const product = skuOf(activity);
        return [
          ...(product ? [products.at(product)] : []),
          ...(activity.customer ? [customerCounts.at(activity.customer.id)] : []),
        ];
      },
      event: (activity, tables) => this.processed(activity, tables),
    });
  }

  private processed({ properties, ...activity }: Enriched, { read }: Tables): Processed {
    const reported = { ...activity, properties };
    const sku = skuOf(reported);
    const { customer } = activity;
    return {
      ...activity,
      visitor: visitorIn(activity),
      bounced: activity.number === 1,
      page: pageOf(reported),
      product: sku ? { sku, category: read(products.at(sku))?.category ?? null } : null,
      lifetimeValue: customer ? (read(customerCounts.at(customer.id))?.spent ?? 0) : null,
      amount: amountOf(reported, this.config.shopCurrency),
    };
  }
}

const visitorIn = ({ customer, sessionId }: Pick<Enriched, 'customer' | 'sessionId'>): string =>
  visitorOf(customer?.id, sessionId);

const processing = stage(visitorActivities, {
  group: 'analytics.processing',
  process: count<Processed>(),
  publish: (outputs) => outputs.map(({ event }) => ActivityProcessed(event)),
});
