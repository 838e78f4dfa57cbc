import type { ActionEnd, OperatorAction } from '@waybill/http';

/** An operator's action as the audit of the whole system shows it. */
export interface AuditedAction extends OperatorAction {
  /** Where it was done. */
  readonly service: string;
  readonly at: string;
  /** The HTTP status; null until it has ended, and for good if its process was killed before. */
  readonly status: number | null;
}

/** All given properties must match. */
export interface AuditFilter {
  readonly operator?: string | undefined;
  /** The beginning of the action, such as `POST /api/v1/returns`. */
  readonly action?: string | undefined;
  readonly since?: string | undefined;
}

/** The audit that one service stores, wherever it runs. */
export interface AuditAccess {
  /** Storing an action again changes nothing. */
  began(action: OperatorAction & { readonly service: string }): Promise<void>;
  ended(id: string, end: ActionEnd): Promise<void>;
  /** The newest first; `before`: only those older than the action with this id. */
  list(filter: AuditFilter, limit: number, before?: string): Promise<readonly AuditedAction[]>;
}
