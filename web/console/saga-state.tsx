import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';

export function SagaState({
  saga,
}: {
  saga: Pick<Schemas['Saga'], 'state' | 'stuck'>;
}): JSX.Element {
  const shown = saga.stuck ? 'stuck' : saga.state;
  return <span class={`status ${shown}`}>{shown}</span>;
}
