import { runService } from '@waybill/service';
import { notificationService } from './notification.service.ts';

await runService(notificationService);
