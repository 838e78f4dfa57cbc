import { analyticsService } from '@waybill/analytics';
import { inventoryService } from '@waybill/inventory';
import { notificationService } from '@waybill/notification';
import { orderService } from '@waybill/order';
import { paymentService } from '@waybill/payment';
import type { ServiceDefinition } from '@waybill/service';
import { shippingService } from '@waybill/shipping';

/** Every service that has a database and listens to messages. */
export const definitions = [
  orderService,
  inventoryService,
  paymentService,
  shippingService,
  notificationService,
  analyticsService,
] as unknown as readonly ServiceDefinition[];
