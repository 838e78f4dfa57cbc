import { runService } from '@waybill/service';
import { paymentService } from './payment.service.ts';

void runService(paymentService);
