import { Inject, Injectable } from '@nestjs/common';
import { CustomerErased, type DataOf, OrderAnnounced } from '@waybill/contracts';
import { Handles } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { Work } from '@waybill/work-queue';
import { DataSource } from 'typeorm';
import type { AnalyticsConfig } from '../analytics.config.ts';
import { pairsOf } from '../domain/pairs.ts';
import { Leaderboards } from '../storage/leaderboards.ts';
import { PopularityRepository, type Purchase } from '../storage/popularity.repository.ts';
import { countedBatches } from './counted-batches.ts';
import { recommendationJobs } from './recommendations.worker.ts';

type Announced = DataOf<typeof OrderAnnounced>;

/** Counts what customers buy. Each order counts once. */
@Injectable()
export class PurchasesConsumer {
  constructor(
    private readonly dataSource: DataSource,
    private readonly popularity: PopularityRepository,
    private readonly work: Work,
    private readonly leaderboards: Leaderboards,
    @Inject(CONFIG) private readonly config: Pick<AnalyticsConfig, 'shopCurrency'>,
  ) {}

  @Handles()
  purchased() {
    return countedBatches(OrderAnnounced, 'analytics.purchases', (batch) =>
      this.count(batch.filter(({ status }) => status === 'confirmed').map(purchaseOf)),
    );
  }

  /** What leads to an erased customer is removed; what was sold is still counted for the products. */
  @Handles()
  erased() {
    return countedBatches(CustomerErased, 'analytics.customers', async (batch) => {
      const ids = batch.map(({ customerId }) => customerId);
      await this.dataSource.transaction((manager) => this.popularity.forget(manager, ids));
      await this.leaderboards.removeCustomers(ids);
    });
  }

  private async count(orders: readonly Purchase[]): Promise<void> {
    if (orders.length === 0) return;
    const { popularity } = this;
    const { shopCurrency } = this.config;
    const { products, customers } = await this.dataSource.transaction(async (manager) => {
      const byId = new Map(orders.map((order) => [order.orderId, order]));
      const fresh = await popularity.remember(manager, [...byId.keys()]);
      const purchases = [...byId.values()].filter(({ orderId }) => fresh.has(orderId));
      const products = await popularity.countSales(manager, purchases, shopCurrency);
      const customers = await popularity.countCustomers(manager, purchases, shopCurrency);
      const pairs = purchases.flatMap(({ lines }) => pairsOf(lines.map(({ sku }) => sku)));
      const changed = await popularity.countTogether(manager, 'bought', pairs);
      await this.work.add(manager, recommendationJobs(changed));
      return { products, customers };
    });
    await this.leaderboards.raiseProducts(products);
    await this.leaderboards.raiseCustomers(customers);
  }
}

const purchaseOf = ({ orderId, customer, total, lines }: Announced): Purchase => ({
  orderId,
  customerId: customer.id,
  total,
  lines,
});
