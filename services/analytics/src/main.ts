import { runService } from '@waybill/service';
import { analyticsService } from './analytics.service.ts';

void runService(analyticsService);
