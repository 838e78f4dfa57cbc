import type { JSX } from 'preact';
import { Chart } from './chart.tsx';
import { orders } from './order-counts.ts';
import { figure } from './times.ts';

export function OrderRate(): JSX.Element {
  return (
    <Chart
      title="Orders a second"
      samples={orders.samples.value}
      format={figure}
      lines={[
        { name: 'placed', tone: 'accent' },
        { name: 'confirmed', tone: 'good' },
        { name: 'rejected', tone: 'bad' },
      ]}
    />
  );
}
