import { Module } from '@nestjs/common';
import { AvailabilityWatch } from './grpc/availability-watch.ts';
import { CatalogueRpc } from './grpc/catalogue.rpc.ts';
import { InventoryController } from './http/inventory.controller.ts';
import { ProductsController } from './http/products.controller.ts';
import { CatalogueConsumer } from './messages/catalogue.consumer.ts';
import { OverdueReservations } from './messages/overdue-reservations.ts';
import { ProductResponder } from './messages/product.responder.ts';
import { ReplenishmentConsumer } from './messages/replenishment.consumer.ts';
import { StockConsumer } from './messages/stock.consumer.ts';
import { CatalogueRepository } from './storage/catalogue.repository.ts';
import { ProductFinder } from './storage/product-finder.ts';
import { StockRepository } from './storage/stock.repository.ts';

@Module({
  controllers: [ProductsController, InventoryController, CatalogueRpc],
  providers: [
    StockConsumer,
    CatalogueConsumer,
    ReplenishmentConsumer,
    ProductResponder,
    OverdueReservations,
    CatalogueRepository,
    ProductFinder,
    AvailabilityWatch,
    StockRepository,
  ],
})
export class InventoryModule {}
