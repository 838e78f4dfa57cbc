import { Observable, type OperatorFunction, type Subscriber } from 'rxjs';

/** The part of a streaming call that shows how fast it is read. */
export interface ReadPace {
  readonly writableNeedDrain: boolean;
  on(event: 'drain', listener: () => void): unknown;
  off(event: 'drain', listener: () => void): unknown;
}

/**
 * Holds values back while the client does not read, and keeps only the newest of each key, so a slow reader costs
 * at most one value per key. Nest's transport alone would buffer all values.
 */
export const latestByKey =
  <T>(call: ReadPace, keyOf: (value: T) => string): OperatorFunction<T, T> =>
  (source) =>
    new Observable<T>((reader) => {
      const waiting = new Map<string, T>();
      let ended = false;
      const flush = (): void => {
        passOn(waiting, call, reader);
        if (ended && waiting.size === 0) reader.complete();
      };
      call.on('drain', flush);
      reader.add(() => call.off('drain', flush));
      reader.add(
        source.subscribe({
          next: (value) => {
            waiting.set(keyOf(value), value);
            flush();
          },
          error: (error: unknown) => reader.error(error),
          complete: () => {
            ended = true;
            flush();
          },
        }),
      );
    });

/** Sends values while the client reads. */
function passOn<T>(waiting: Map<string, T>, call: ReadPace, reader: Subscriber<T>): void {
  for (const [key, value] of waiting) {
    if (call.writableNeedDrain) return;
    waiting.delete(key);
    reader.next(value);
  }
}
