import { Module } from '@nestjs/common';
import { AnalyticsController } from './http/analytics.controller.ts';
import { OrderCountsConsumer } from './messages/order-counts.consumer.ts';
import { RegionSalesConsumer } from './messages/region-sales.consumer.ts';
import { SummaryRepository } from './storage/summary.repository.ts';

@Module({
  controllers: [AnalyticsController],
  providers: [OrderCountsConsumer, RegionSalesConsumer, SummaryRepository],
})
export class AnalyticsModule {}
