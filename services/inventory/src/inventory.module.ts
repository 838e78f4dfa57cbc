import { Module } from '@nestjs/common';
import { StepFailed } from '@waybill/contracts';
import { SagaModule } from '@waybill/saga';
import { CONFIG, LOGGER, type Log } from '@waybill/service';
import { AvailabilityWatch } from './grpc/availability-watch.ts';
import { CatalogueRpc } from './grpc/catalogue.rpc.ts';
import { ImagesController } from './http/images.controller.ts';
import { InventoryController } from './http/inventory.controller.ts';
import { ProductsController } from './http/products.controller.ts';
import type { InventoryConfig } from './inventory.config.ts';
import { CatalogueConsumer } from './messages/catalogue.consumer.ts';
import { OverdueReservations } from './messages/overdue-reservations.ts';
import { ProductResponder } from './messages/product.responder.ts';
import { ReplenishmentConsumer } from './messages/replenishment.consumer.ts';
import { StockConsumer } from './messages/stock.consumer.ts';
import { CatalogueRepository } from './storage/catalogue.repository.ts';
import { ProductCache } from './storage/product-cache.ts';
import { ProductFinder } from './storage/product-finder.ts';
import { openProductCache } from './storage/redis-product-cache.ts';
import { StockRepository } from './storage/stock.repository.ts';

const productCache = ({ redis }: InventoryConfig, log: Log): Promise<ProductCache> =>
  openProductCache(redis, (what, error) => log.warn({ error }, what));

@Module({
  imports: [SagaModule.forParticipant(StepFailed, 'orderId')],
  controllers: [ProductsController, ImagesController, InventoryController, CatalogueRpc],
  providers: [
    StockConsumer,
    CatalogueConsumer,
    ReplenishmentConsumer,
    ProductResponder,
    OverdueReservations,
    CatalogueRepository,
    { provide: ProductCache, inject: [CONFIG, LOGGER], useFactory: productCache },
    ProductFinder,
    AvailabilityWatch,
    StockRepository,
  ],
})
export class InventoryModule {}
