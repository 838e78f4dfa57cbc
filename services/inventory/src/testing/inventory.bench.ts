import { type Message, StepFailed } from '@waybill/contracts';
import type { ConsumerOptions, StateTable } from '@waybill/messaging';
import { ConsumerBench, until } from '@waybill/messaging/testing';
import { reportsTo } from '@waybill/saga';
import type { Supplier } from '../clients/supplier.ts';
import { type InventoryConfig, inventoryConfig } from '../inventory.config.ts';
import { CatalogueConsumer } from '../messages/catalogue.consumer.ts';
import { ImportConsumer } from '../messages/import.consumer.ts';
import { SeedProduct } from '../messages/inventory.local.ts';
import { ReplenishmentConsumer } from '../messages/replenishment.consumer.ts';
import { StockConsumer } from '../messages/stock.consumer.ts';
import { SupplierConsumer } from '../messages/supplier.consumer.ts';

/** A supplier that takes every order. */
const willing = { order: async () => ({ outcome: 'ordered' }) } as unknown as Supplier;

/** Every handler of inventory on a test bench. */
export class InventoryBench extends ConsumerBench {
  constructor(settings: Partial<InventoryConfig> = {}, options: Partial<ConsumerOptions> = {}) {
    super(handlers({ ...inventoryConfig.parse({}), ...settings }), {
      service: 'inventory',
      deadLetterHooks: [reportsTo(StepFailed, 'orderId')],
      ...options,
    });
  }

  /** A product with stock, as the seed adds it. */
  async seed(sku: string, quantity: number, threshold = 0): Promise<void> {
    const product = SeedProduct({
      sku,
      quantity,
      threshold,
      name: sku,
      description: '',
      category: 'Test',
      imageUrl: '/images/test.svg',
      priceAmount: 100,
      weightGrams: 1,
      taxClass: 'standard',
    });
    await this.submitted(product);
    this.sent.length = 0;
  }

  async submitted<A>(message: Message): Promise<A> {
    const [answer] = await Promise.all([this.consumer.submit<A>(message), this.quiet()]);
    return answer;
  }

  command(message: Message, id?: string) {
    return this.deliver(message, { group: 'inventory', ...(id === undefined ? {} : { id }) });
  }

  /** Resolves when every delivered message is settled, with a store that takes time. */
  async settled(): Promise<void> {
    await until(() => this.open() === 0);
  }

  /** The messages sent since the last call, as `type` and data. */
  published(): { type: string; data: unknown }[] {
    return this.sent.splice(0).map(({ type, data }) => ({ type, data }));
  }

  state<S extends object>(table: StateTable<S>, id: string): S | undefined {
    return this.store.states.get(`${table.table}/${id}`)?.value as S | undefined;
  }
}

function handlers(config: InventoryConfig) {
  const stock = new StockConsumer(config);
  const catalogue = new CatalogueConsumer(config);
  const replenishment = new ReplenishmentConsumer(config);
  const supplier = new SupplierConsumer(willing, config);
  const imports = new ImportConsumer(config);
  return [
    stock.reserve(),
    stock.release(),
    stock.commit(),
    stock.restore(),
    stock.restockReturn(),
    stock.review(),
    catalogue.change(),
    catalogue.withdraw(),
    catalogue.seed(),
    catalogue.restock(),
    catalogue.takeGoodsIn(),
    imports.takeDeliveriesIn(),
    replenishment.demand(),
    replenishment.low(),
    replenishment.restocked(),
    supplier.order(),
    supplier.delivery(),
    supplier.again(),
  ];
}
