import { FindProducts } from '@waybill/contracts';
import { EventStoreTables1763683250000 } from '@waybill/event-store';
import {
  HotSagas1795960000001,
  SagaEntity,
  SagaLogs1795950000005,
  SagaRegistry,
  SagaRepository,
  SagaTables1763683300000,
  sagas,
} from '@waybill/saga';
import { defineService } from '@waybill/service';
import { saidOrders } from './messages/said-orders.ts';
import { orderConfig } from './order.config.ts';
import { OrderModule } from './order.module.ts';
import { placeOrderSaga } from './sagas/place-order.saga.ts';
import { Orders1763700000002 } from './storage/migrations/1763700000002-orders.ts';
import { HotOrders1795960000002 } from './storage/migrations/1795960000002-hot-orders.ts';
import {
  CatalogueEntity,
  OrderEntity,
  OrderEventEntity,
  StoredAnswerEntity,
} from './storage/order.entities.ts';
import { catalogue, orders, storedAnswers } from './storage/order.states.ts';

/** Orders from click to parcel: the heart of the system. */
export const orderService = defineService({
  name: 'order',
  port: 8081,
  module: OrderModule,
  asks: [FindProducts],
  config: orderConfig,
  tables: [orders, sagas, storedAnswers, catalogue],
  entities: [OrderEntity, OrderEventEntity, SagaEntity, StoredAnswerEntity, CatalogueEntity],
  migrations: [
    EventStoreTables1763683250000,
    SagaTables1763683300000,
    SagaLogs1795950000005,
    Orders1763700000002,
    HotSagas1795960000001,
    HotOrders1795960000002,
  ],
  lacks: async (dataSource) =>
    new SagaRegistry([placeOrderSaga]).missing(await new SagaRepository(dataSource).inFlight()),
  said: saidOrders,
  problems: {
    wrong_state: 409,
    saga_settled: 409,
    past_point_of_no_return: 409,
    not_found: 404,
  },
});
