import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { StepFailed } from '@waybill/contracts';
import { catalogueApi } from '@waybill/contracts/grpc';
import { MessagingModule } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { PersistenceModule } from '@waybill/persistence';
import { Resilience } from '@waybill/resilience';
import { SagaModule } from '@waybill/saga';
import {
  CONFIG,
  FAULTS,
  type FaultPoints,
  FaultyResilience,
  ServiceModule,
} from '@waybill/service';
import { Supplier } from './clients/supplier.ts';
import { AvailabilityWatch } from './grpc/availability-watch.ts';
import { CatalogueRpc } from './grpc/catalogue.rpc.ts';
import { CategoriesController } from './http/categories.controller.ts';
import { ImagesController } from './http/images.controller.ts';
import { ImportsController } from './http/imports.controller.ts';
import { InventoryController } from './http/inventory.controller.ts';
import { ProductImageController } from './http/product-image.controller.ts';
import { ProductsController } from './http/products.controller.ts';
import { SupplierWebhookController } from './http/supplier-webhook.controller.ts';
import { ImportIntake } from './import/import-intake.ts';
import { StockImporter } from './import/stock-importer.ts';
import { type InventoryConfig, inventoryConfig } from './inventory.config.ts';
import { CatalogueConsumer } from './messages/catalogue.consumer.ts';
import { ImageConsumer } from './messages/image.consumer.ts';
import { ImportConsumer } from './messages/import.consumer.ts';
import { OverdueDeliveries } from './messages/overdue-deliveries.ts';
import { OverdueReservations } from './messages/overdue-reservations.ts';
import { ProductResponder } from './messages/product.responder.ts';
import { publishedStock } from './messages/published-stock.ts';
import { ReplenishmentConsumer } from './messages/replenishment.consumer.ts';
import { StockConsumer } from './messages/stock.consumer.ts';
import { SupplierConsumer } from './messages/supplier.consumer.ts';
import { ImageBlobs } from './resizing/image-blobs.ts';
import { ImageResizer } from './resizing/image-resizer.ts';
import { seedCatalogue } from './seed/seed-catalogue.ts';
import { CatalogueRepository } from './storage/catalogue.repository.ts';
import { ImageRepository } from './storage/image.repository.ts';
import {
  ImageEntity,
  ProductEntity,
  ProductImageEntity,
  StockEntity,
} from './storage/inventory.entities.ts';
import { inventoryInvariants } from './storage/inventory.invariants.ts';
import { inventoryStorage } from './storage/inventory.storage.ts';
import { ProductCache } from './storage/product-cache.ts';
import { ProductFinder } from './storage/product-finder.ts';
import { productCacheOf } from './storage/redis-product-cache.ts';
import { StockRepository } from './storage/stock.repository.ts';
import { StockImportRepository } from './storage/stock-import.repository.ts';

const productCache = ({ redis }: InventoryConfig, log: Log): Promise<ProductCache> =>
  productCacheOf(redis, (what, error) => log.warn({ error }, what));

const imageBlobs = ({ openBlobs }: InventoryConfig): ImageBlobs => new ImageBlobs(openBlobs);
const imageResizer = (blobs: ImageBlobs, { imageWorkers }: InventoryConfig): ImageResizer =>
  new ImageResizer(blobs, imageWorkers);

const resilienceOf = (faults: FaultPoints | null): Resilience => new FaultyResilience(faults);
const supplierOf = (config: InventoryConfig, resilience: Resilience): Supplier =>
  new Supplier(config, resilience);

/** The catalogue, the stock, and the reservations of orders. */
@Module({
  imports: [
    ServiceModule.forRoot({
      name: 'inventory',
      config: inventoryConfig,
      invariants: (dataSource) => inventoryInvariants(dataSource),
      port: 8082,
      grpc: { api: catalogueApi, port: 9082 },
      problems: {
        unknown_sku: 404,
        wrong_currency: 422,
        precondition_failed: 412,
        idempotency_key_reused: 422,
        stock_full: 422,
      },
      seed: seedCatalogue,
      published: publishedStock,
      retained: ({ importRetention: keep }) => [
        { table: 'stock_imports', at: 'started_at', keep },
        { table: 'stock_import_pieces', at: 'at', keep },
        { table: 'stock_import_pages', at: 'at', keep },
      ],
    }),
    PersistenceModule.forRoot(inventoryStorage),
    MessagingModule.forRoot(),
    SagaModule.forParticipant(StepFailed, 'orderId'),
    TypeOrmModule.forFeature([ProductEntity, StockEntity, ImageEntity, ProductImageEntity]),
  ],
  controllers: [
    ProductsController,
    CategoriesController,
    ImagesController,
    ProductImageController,
    ImportsController,
    InventoryController,
    SupplierWebhookController,
    CatalogueRpc,
  ],
  providers: [
    StockConsumer,
    CatalogueConsumer,
    ImageConsumer,
    ReplenishmentConsumer,
    SupplierConsumer,
    ProductResponder,
    OverdueReservations,
    OverdueDeliveries,
    CatalogueRepository,
    ImageRepository,
    { provide: Resilience, inject: [FAULTS], useFactory: resilienceOf },
    { provide: Supplier, inject: [CONFIG, Resilience], useFactory: supplierOf },
    { provide: ImageBlobs, inject: [CONFIG], useFactory: imageBlobs },
    { provide: ImageResizer, inject: [ImageBlobs, CONFIG], useFactory: imageResizer },
    { provide: ProductCache, inject: [CONFIG, LOGGER], useFactory: productCache },
    ProductFinder,
    AvailabilityWatch,
    StockRepository,
    ImportConsumer,
    StockImportRepository,
    ImportIntake,
    StockImporter,
  ],
})
export class InventoryModule {}
