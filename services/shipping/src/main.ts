import { runService } from '@waybill/service';
import { shippingService } from './shipping.service.ts';

await runService(shippingService);
