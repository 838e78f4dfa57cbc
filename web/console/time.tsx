import type { JSX } from 'preact';
import { moment } from './times.ts';

export function Time({ at }: { at: string }): JSX.Element {
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {moment(at)}
    </time>
  );
}
