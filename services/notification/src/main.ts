import { runService } from '@waybill/service';
import { notificationService } from './notification.service.ts';

void runService(notificationService);
