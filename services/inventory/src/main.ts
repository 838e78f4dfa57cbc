import { runService } from '@waybill/service';
import { inventoryService } from './inventory.service.ts';

void runService(inventoryService);
