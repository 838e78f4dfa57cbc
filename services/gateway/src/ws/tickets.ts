import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { auditName, type Caller } from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import { z } from 'zod';
import type { Session } from './session.ts';

/** Seconds. */
export const ticketLife = 30;
/** Of one user; the oldest are then void. */
const mostTickets = 20;

/** Tickets that all gateways share. Each call rejects if the store is unavailable. */
export interface TicketStore {
  put(key: string, value: string, seconds: number): Promise<void>;
  /** Returns the value at most once. */
  take(key: string): Promise<string | null>;
}

/** Injects the `TicketStore`, or null if each gateway has its own. */
export const TICKET_STORE = Symbol('waybill:ticket-store');

/** Who asks for a ticket, with which `Authorization`. */
interface IssuedFor {
  readonly caller: Caller;
  readonly authorization: string;
}

interface Kept {
  readonly value: string;
  readonly until: number;
}

const kept = z.object({
  caller: z.object({
    id: z.string(),
    roles: z.array(z.enum(['customer', 'operator'])),
    expiresAt: z.number().optional(),
    auditName: z.string(),
  }),
  authorization: z.string(),
});

/** Tickets with which a browser opens a WebSocket, because it cannot send an `Authorization` header: each is valid once, for 30 s. */
@Injectable()
export class Tickets {
  private readonly own = new Map<string, Kept>();
  private readonly byUser = new Map<string, string[]>();

  constructor(
    @Inject(TICKET_STORE) private readonly shared: TicketStore | null,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async issue({ caller, authorization }: IssuedFor): Promise<string> {
    const { id, roles, expiresAt } = caller;
    const ticket = randomBytes(32).toString('base64url');
    const key = keyOf(ticket);
    const lasting = expiresAt === undefined ? {} : { expiresAt };
    const holder = { id, roles, ...lasting, auditName: auditName(caller) };
    const value = locked(ticket, JSON.stringify({ caller: holder, authorization }));
    this.keep(id, key, value);
    await this.shared?.put(key, value, ticketLife).catch(() => undefined);
    return ticket;
  }

  /**
   * The session of a ticket, which is void from now on; null if there is none. Rejects if another gateway may have issued it, and the
   * shared store is unavailable; then only this gateway's own tickets are known.
   */
  async take(ticket: string): Promise<Session | null> {
    const key = keyOf(ticket);
    const own = this.own.get(key);
    this.own.delete(key);
    const mine = own && own.until > this.clock.now().getTime() ? own.value : null;
    const value = await this.shared?.take(key).catch((error: unknown) => {
      if (mine === null) throw error;
      return mine;
    });
    return opened(ticket, value === undefined ? mine : value);
  }

  private keep(userId: string, key: string, value: string): void {
    const now = this.clock.now().getTime();
    const earlier = (this.byUser.get(userId) ?? []).filter(
      (each) => (this.own.get(each)?.until ?? 0) > now,
    );
    for (const each of earlier.splice(0, earlier.length - mostTickets + 1)) this.own.delete(each);
    this.byUser.set(userId, [...earlier, key]);
    this.own.set(key, { value, until: now + ticketLife * 1_000 });
    this.clock.after(ticketLife * 1_000, () => this.void(userId, key));
  }

  private void(userId: string, key: string): void {
    this.own.delete(key);
    const others = (this.byUser.get(userId) ?? []).filter((each) => each !== key);
    if (others.length > 0) this.byUser.set(userId, others);
    else this.byUser.delete(userId);
  }
}

const keyOf = (ticket: string): string => createHash('sha256').update(ticket).digest('base64url');

/** Only who has the ticket can read the token that is stored with it. */
const secretOf = (ticket: string): Buffer =>
  Buffer.from(hkdfSync('sha256', ticket, '', 'waybill:ws-ticket', 32));

/** A secret encrypts one value, so the nonce may be fixed. */
const nonce = Buffer.alloc(12);

function locked(ticket: string, text: string): string {
  const cipher = createCipheriv('aes-256-gcm', secretOf(ticket), nonce);
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
    'base64',
  );
}

function opened(ticket: string, value: string | null): Session | null {
  if (value === null) return null;
  const bytes = Buffer.from(value, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', secretOf(ticket), nonce);
  decipher.setAuthTag(bytes.subarray(-16));
  const text = Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]);
  return kept.parse(JSON.parse(text.toString('utf8'))) as Session;
}
