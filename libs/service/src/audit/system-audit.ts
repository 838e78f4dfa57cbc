import type { ActionEnd, AuditTrail, OperatorAction } from '@waybill/http';
import { type Page, PagedList, Problem } from '@waybill/http';
import { z } from 'zod';
import { merge } from '../ops/merge.ts';
import type { Operations } from '../ops/operations.ts';
import type { AuditAccess, AuditedAction, AuditFilter } from './audit-access.ts';

const newestActions = new PagedList('audit', z.uuid());

/** The audit of all services as one, and the audit trail of a gateway, which has no database. */
export class SystemAudit implements AuditTrail {
  private readonly open = new Map<string, AuditAccess>();

  constructor(
    private readonly services: readonly Pick<Operations, 'service' | 'audit'>[],
    private readonly name: string,
  ) {}

  /** Newest first, over all services; `missing` names those that did not reply in time. */
  async list(
    filter: AuditFilter,
    limit: number,
    cursor?: string,
  ): Promise<Page<AuditedAction> & { readonly missing: readonly string[] }> {
    const { after, take, page } = newestActions.read({ limit, cursor }, { ...filter });
    const { items, missing } = await merge(this.services, ({ audit }) =>
      audit.list(filter, take, after),
    );
    const ordered = [...items].sort((a, b) => (a.id < b.id ? 1 : -1));
    return { ...page(ordered, ({ id }) => id), missing };
  }

  /** Stored by the first service that can. */
  async began(action: OperatorAction): Promise<void> {
    const failures: unknown[] = [];
    for (const { audit } of this.services) {
      try {
        await audit.began({ ...action, service: this.name });
        this.open.set(action.id, audit);
        return;
      } catch (error) {
        failures.push(error);
      }
    }
    throw new Problem(503, 'unavailable', 'no service can audit the action now; try again', {
      headers: { 'retry-after': '2' },
      cause: failures[0],
    });
  }

  async ended(id: string, end: ActionEnd): Promise<void> {
    const audit = this.open.get(id);
    this.open.delete(id);
    await audit?.ended(id, end);
  }
}
