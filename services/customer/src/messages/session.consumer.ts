import { Injectable } from '@nestjs/common';
import { CustomerSignedIn, CustomerSignedOut, momentText } from '@waybill/contracts';
import { type Decision, Handles, on } from '@waybill/messaging';
import { ended, refresh, type Session } from '../domain/session.ts';
import { sessions } from '../storage/access.entities.ts';
import { EndSession, RefreshSession, StartSession } from './session.local.ts';

/** Starts, refreshes and ends sessions. */
@Injectable()
export class SessionConsumer {
  @Handles()
  start() {
    return on(StartSession, sessions, {
      state: ({ sessionId }) => sessionId,
      begins: true,
      decide: (found, { sessionId: id, ...data }, { now }) => {
        if (found) return {};
        const at = momentText(now);
        const started = { startedAt: at, refreshedAt: at, endedAt: null, endReason: null };
        return {
          changes: [sessions.put({ id, ...data, ...started })],
          send: [CustomerSignedIn({ customerId: data.customerId, sessionId: id, at })],
        };
      },
    });
  }

  /** Answers with the outcome. */
  @Handles()
  refresh() {
    return on(RefreshSession, sessions, {
      state: ({ sessionId }) => sessionId,
      decide: (found, shown, { now }) => {
        const refreshed = refresh(found, shown, momentText(now));
        const { outcome } = refreshed;
        if (outcome === 'refreshed')
          return { changes: [sessions.put(refreshed.session)], answer: outcome };
        return outcome === 'reused'
          ? { ...ending(refreshed.session), answer: outcome }
          : { answer: outcome };
      },
    });
  }

  @Handles()
  end() {
    return on(EndSession, sessions, {
      state: ({ sessionId }) => sessionId,
      decide: (found, _, { now }) =>
        found && !found.endedAt ? ending(ended(found, 'signed_out', momentText(now))) : {},
    });
  }
}

const ending = (session: Session): Decision => ({
  changes: [sessions.put(session)],
  send: [
    CustomerSignedOut({
      customerId: session.customerId,
      sessionId: session.id,
      reason: session.endReason ?? 'signed_out',
      at: session.endedAt ?? session.refreshedAt,
    }),
  ],
});
