import { runService } from '@waybill/service';
import { inventoryService } from './inventory.service.ts';

await runService(inventoryService);
