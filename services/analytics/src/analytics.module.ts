import { Module } from '@nestjs/common';
import { MessagingModule } from '@waybill/messaging';
import { PersistenceModule } from '@waybill/persistence';
import { ServiceModule } from '@waybill/service';
import { analyticsConfig } from './analytics.config.ts';
import { AnalyticsController } from './http/analytics.controller.ts';
import { OrderCountsConsumer } from './messages/order-counts.consumer.ts';
import { RegionSalesConsumer } from './messages/region-sales.consumer.ts';
import { analyticsStorage } from './storage/analytics.storage.ts';
import { SummaryRepository } from './storage/summary.repository.ts';

/** Counts orders and revenue. */
@Module({
  imports: [
    ServiceModule.forRoot({
      name: 'analytics',
      config: analyticsConfig,
      port: 8086,
    }),
    PersistenceModule.forRoot(analyticsStorage),
    MessagingModule.forRoot(),
  ],
  controllers: [AnalyticsController],
  providers: [OrderCountsConsumer, RegionSalesConsumer, SummaryRepository],
})
export class AnalyticsModule {}
