import type { ActionEnd } from '@waybill/http';
import type { AuditAccess, AuditedAction, AuditFilter } from '../audit/audit-access.ts';

const at = '2026-01-01T00:00:00.000Z';

/** The audit of a service in memory, the oldest first. `away` is set by the test. */
export class FakeAudit implements AuditAccess {
  actions: AuditedAction[] = [];
  away = false;

  async began(action: Omit<AuditedAction, 'at' | 'status'>): Promise<void> {
    this.answer();
    this.actions.push({ ...action, at, status: null });
  }

  async ended(id: string, { status }: ActionEnd): Promise<void> {
    this.answer();
    this.actions = this.actions.map((each) => (each.id === id ? { ...each, status } : each));
  }

  async list(
    { operator }: AuditFilter,
    limit: number,
    before?: string,
  ): Promise<readonly AuditedAction[]> {
    this.answer();
    return [...this.actions]
      .sort((a, b) => (a.id < b.id ? 1 : -1))
      .filter(({ id }) => before === undefined || id < before)
      .filter((each) => operator === undefined || each.operator === operator)
      .slice(0, limit);
  }

  private answer(): void {
    if (this.away) throw new Error('away');
  }
}
