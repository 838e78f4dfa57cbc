import type { Caller } from '@waybill/http';

/** On whose behalf a connection acts. */
export interface Session {
  readonly caller: Pick<Caller, 'id' | 'roles' | 'expiresAt'> & {
    /** What the audit calls an operator. */
    readonly auditName: string;
  };
  /** The `Authorization` with which the ticket was requested: with it the connection's orders are read. */
  readonly authorization: string;
}
