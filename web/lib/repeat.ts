import { untracked } from '@preact/signals';

/**
 * Calls `read` at once, and again `every` milliseconds after it has ended, while the page can be seen. The returned function ends it.
 */
export function repeat(read: () => Promise<unknown>, every: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isReading = false;
  let isOver = false;
  const next = async (): Promise<void> => {
    clearTimeout(timer);
    if (isReading || isOver || document.hidden) return;
    isReading = true;
    await read();
    isReading = false;
    if (!isOver) timer = setTimeout(() => void next(), every);
  };
  const seen = (): void => void next();
  document.addEventListener('visibilitychange', seen);
  // What it reads is not what it depends on: an effect would begin again with each answer.
  untracked(() => void next());
  return () => {
    isOver = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', seen);
  };
}
