import { runService } from '@waybill/service';
import { shippingService } from './shipping.service.ts';

void runService(shippingService);
