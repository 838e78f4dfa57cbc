import { runService } from '@waybill/service';
import { analyticsService } from './analytics.service.ts';

await runService(analyticsService);
