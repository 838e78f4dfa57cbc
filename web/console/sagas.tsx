import { effect } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { repeat } from '../lib/repeat.ts';
import { api, user } from '../lib/session.ts';
import { filterOfPage, linkTo } from './address.ts';
import { outcomeOf } from './call.ts';
import { Choice } from './choice.tsx';
import { type Column, List } from './list.tsx';
import { Rows } from './rows.ts';
import { SagaState } from './saga-state.tsx';
import { Time } from './time.tsx';

type Saga = Schemas['Saga'];

const states = ['stuck', 'running', 'compensating', 'completed', 'aborted'] as const;
type State = (typeof states)[number];
const state = states.find((each) => each === filterOfPage('state'));

const rowsOf = (of: State | undefined): Rows<Saga> =>
  new Rows((cursor) =>
    outcomeOf(
      api.GET('/api/v1/sagas', {
        params: { query: { limit: 25, ...(of && { state: of }), ...(cursor && { cursor }) } },
      }),
    ),
  );
const stuck = rowsOf('stuck');
const others = rowsOf(state);

effect(() => {
  if (!user.value) return;
  const read = () => Promise.all([stuck, others].map((rows) => rows.refresh()));
  return repeat(read, 3_000);
});

const columns: readonly Column<Saga>[] = [
  { title: 'Saga', of: ({ id, saga }) => <a href={linkTo('sagas', id)}>{saga}</a> },
  {
    title: 'Order',
    of: ({ orderId }) => <a href={linkTo('orders', orderId)}>{orderId}</a>,
  },
  { title: 'State', of: (saga) => <SagaState saga={saga} /> },
  { title: 'At step', of: ({ step }) => step },
  { title: 'Moved', of: ({ updatedAt }) => <Time at={updatedAt} /> },
  { title: 'Due', isWide: true, of: ({ dueAt }) => dueAt && <Time at={dueAt} /> },
];

/** Those that need somebody first, then the newest. */
export function Sagas(): JSX.Element {
  return (
    <>
      <h1>Sagas</h1>
      {state !== 'stuck' && (
        <>
          <h2>Stuck</h2>
          <List
            of="stuck sagas"
            none="None is stuck."
            rows={stuck}
            columns={columns}
            keyOf={({ id }) => id}
          />
        </>
      )}
      <Choice label="State" name="state" values={states} chosen={state} />
      <List of="sagas" rows={others} columns={columns} keyOf={({ id }) => id} />
    </>
  );
}
