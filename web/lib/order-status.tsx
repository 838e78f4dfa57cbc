import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';

export function OrderStatus({ status }: { status: Schemas['Order']['status'] }): JSX.Element {
  return <span class={`status ${status}`}>{status.replaceAll('_', ' ')}</span>;
}
