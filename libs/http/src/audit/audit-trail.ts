/** What an operator began to do. It has no data of the request but the subject and the reason. */
export interface OperatorAction {
  /** A version 7 id: a later action has a greater one. */
  readonly id: string;
  /** The operator's name for the audit. */
  readonly operator: string;
  /** The method and the path of the route, such as `POST /api/v1/returns/{id}/receive`. */
  readonly action: string;
  /** The parameters of the path; null if it has none. */
  readonly subject: string | null;
  /** As the operator gave it. */
  readonly reason: string | null;
}

/** How an action ended. */
export interface ActionEnd {
  /** The HTTP status of the response. */
  readonly status: number;
  /** What the action has created; null if its path already names its subject. */
  readonly subject: string | null;
}

/** Stores what operators do. */
export interface AuditTrail {
  /** Stores the action before it begins; the action does not begin if this rejects. */
  began(action: OperatorAction): Promise<void>;
  /** Stores how it ended. An action whose process was killed has no end. */
  ended(id: string, end: ActionEnd): Promise<void>;
}

/** Injects the `AuditTrail` of the application. */
export const AUDIT_TRAIL = Symbol('waybill:audit-trail');
