import type { Contract } from '@waybill/message';
import type { Clock } from './clock.ts';
import type { Handler, HandlerOptions } from './handler.ts';
import { BatchConflict, emptyBatch, type Transactions } from './store.ts';
import type { ExternalCall, Work } from './work.ts';
import { causeOf, inboxRow } from './work-rows.ts';

/** The options of a transactional handler. */
export type TransactionalOptions = Pick<
  HandlerOptions<unknown, object, unknown>,
  'group' | 'filter' | 'giveUpAfter' | 'holdsKey'
>;

/** Makes a handler that writes in the transaction it receives. The same transaction writes the inbox row. */
export const transactional = (
  contract: Contract,
  options: TransactionalOptions,
  run: NonNullable<Handler['run']>,
): Handler => ({
  contract,
  home: null,
  run,
  options: {
    ...options,
    state: () => '',
    // With an `ask`, its group handles one message per key at a time, as for external calls.
    call: () => Promise.reject(new TypeError(`${contract.type} is handled in a transaction`)),
    decide: () => ({}),
  },
});

/** Throws a `TypeError` for a handler that needs transactions if the storage has none. */
export function checkTransactions(
  handlers: readonly Handler[],
  transactions: Transactions | undefined,
): void {
  const needing = handlers.find(({ run }) => run !== undefined);
  if (needing && !transactions)
    throw new TypeError(
      `${needing.contract.type} is handled in a transaction, which this storage does not offer`,
    );
}

/** The message was completed by its own transaction; the batch writes nothing for it. */
export class Transacted {
  constructor(
    readonly outcome: 'applied' | 'duplicate',
    readonly answer?: unknown,
  ) {}
}

export const isTransacted = (call: ExternalCall): call is AnsweredBy<Transacted> =>
  call.state === 'answered' && call.answer instanceof Transacted;

type AnsweredBy<A> = Extract<ExternalCall, { state: 'answered' }> & { readonly answer: A };

/** Runs the handler of a message in a transaction of its own, unless the message was processed before. */
export async function transact(
  work: Work,
  {
    transactions,
    clock,
  }: { readonly transactions?: Transactions | undefined; readonly clock: Clock },
): Promise<Transacted> {
  const { handler, envelope, data, fence, group, origin } = work;
  const run = handler?.run;
  if (!run || !envelope || !transactions)
    throw new TypeError('only a readable message is handled in a transaction');
  const now = clock.now();
  const row = inboxRow(work, envelope, { outcome: 'applied', now, at: now.toISOString() });
  const batch = {
    ...emptyBatch,
    fences: fence && origin.from !== 'caller' ? [fence] : [],
    inbox: [row],
    undefer: origin.from === 'parked' ? [{ group, messageId: envelope.id }] : [],
  };
  try {
    const handle = (transaction: unknown) => run(data, transaction, envelope);
    return new Transacted('applied', await transactions.run(batch, causeOf(work), handle));
  } catch (error) {
    if (error instanceof BatchConflict && error.reason === 'seen')
      return new Transacted('duplicate');
    throw error;
  }
}
