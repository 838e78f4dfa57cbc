import 'reflect-metadata';
import { runService } from '@waybill/service';
import { orderService } from './order.service.ts';

void runService(orderService);
