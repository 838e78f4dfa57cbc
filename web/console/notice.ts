import { signal } from '@preact/signals';

/** What was done last, for the line that screen readers read out. */
export const notice = signal('');
