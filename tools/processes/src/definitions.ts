import { AnalyticsModule } from '@waybill/analytics';
import { CustomerModule } from '@waybill/customer';
import { InventoryModule } from '@waybill/inventory';
import { NotificationModule } from '@waybill/notification';
import { OrderModule } from '@waybill/order';
import { PaymentModule } from '@waybill/payment';
import { declarationOf } from '@waybill/service';
import { ShippingModule } from '@waybill/shipping';

/** Every service that has a database and subscribes to messages. */
export const definitions = [
  OrderModule,
  InventoryModule,
  PaymentModule,
  ShippingModule,
  NotificationModule,
  AnalyticsModule,
  CustomerModule,
].map(declarationOf);
