import type { Provider } from '@nestjs/common';
import { AUDIT_TRAIL, type AuditTrail } from '@waybill/http';
import { poolOf } from '@waybill/persistence';
import { DataSource } from 'typeorm';
import { SERVICE_OPTIONS, type ServiceOptions } from '../service-options.ts';
import { ServiceAudit } from './service-audit.ts';

/** The audit of a service, in its own database. */
export const auditProviders: Provider[] = [
  {
    provide: ServiceAudit,
    inject: [DataSource],
    useFactory: (dataSource: DataSource) => new ServiceAudit(() => poolOf(dataSource)),
  },
  {
    provide: AUDIT_TRAIL,
    inject: [SERVICE_OPTIONS, ServiceAudit],
    useFactory: ({ name: service }: ServiceOptions, audit: ServiceAudit): AuditTrail => ({
      began: (action) => audit.began({ ...action, service }),
      ended: (id, end) => audit.ended(id, end),
    }),
  },
];
