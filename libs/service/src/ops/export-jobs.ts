import { newId } from '@waybill/contracts';
import type { Clock } from '@waybill/messaging';
import type { TaskLease } from '@waybill/persistence';
import type { TaskRun } from '../schedule/scheduled.ts';
import type { ExportRequest, Exports } from './exports.ts';
import type { Job, Jobs } from './jobs.ts';

/** What a service stores of every file that was requested of it. */
export interface ExportFile {
  readonly id: string;
  readonly format: ExportRequest['format'];
  /** What it has is of that time or later; null for all. */
  readonly since: string | null;
  /** What it has is from before it. */
  readonly until: string;
  readonly requestedBy: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** How much it will have, once that was counted. */
  readonly expected: number | null;
}

/** The pages of a file were deleted while they were read; what was read so far is not the whole. */
export class ExportDeleted extends Error {
  constructor({ id }: Pick<ExportFile, 'id'>) {
    super(`export ${id} was deleted while it was read`);
  }
}

/** The requested files of a service, and what was read for them. */
export interface ExportStore<F extends ExportFile> {
  add(file: F): Promise<void>;
  find(id: string): Promise<F | undefined>;
  /** The file that has waited longest. */
  oldestOpen(): Promise<F | undefined>;
  /** Sets how much the file will have. */
  count(file: F): Promise<void>;
  /** Reads more, and commits it with how far the file is, unless another process has the lease. */
  readMore(lease: TaskLease, file: F, now: Date): Promise<F>;
}

/** The exports of one service, and how they differ from those of others. */
export interface ExportJobsParts<F extends ExportFile> {
  readonly store: ExportStore<F>;
  readonly clock: Clock;
  readonly exports: Exports;
  readonly jobs: Jobs;
  /** What a new file has besides. */
  readonly begin: (request: ExportRequest) => Omit<F, keyof ExportFile>;
  /** What the job of a file tells, `read` of how much was expected. */
  readonly tell: (
    file: F,
  ) => Pick<Job, 'kind' | 'counts'> & { readonly read: number; readonly url: string };
}

/** Exports as jobs: files of rows that are read in steps, so that another replica continues where one was killed. */
export class ExportJobs<F extends ExportFile> {
  /** Takes the requests for exports of its service, and answers for their jobs. */
  constructor(private readonly parts: ExportJobsParts<F>) {
    const { exports, jobs, store } = parts;
    exports.add((request, by) => this.begin(request, by));
    jobs.add(async (id) => {
      const found = await store.find(id);
      return found && this.jobOf(found);
    });
  }

  /** Reads what the requested files are to have, one file after another, until the run must end. */
  async work({ lease, signal }: TaskRun): Promise<void> {
    const { store, clock } = this.parts;
    for (let next = await store.oldestOpen(); next; next = await store.oldestOpen()) {
      if (next.expected === null) await store.count(next);
      for (let file = next; !file.finishedAt; ) {
        if (signal.aborted) return;
        file = await store.readMore(lease, file, clock.now());
      }
    }
  }

  private async begin(request: ExportRequest, requestedBy: string): Promise<Job> {
    const { store, clock, jobs, begin } = this.parts;
    const { format, from, to } = request;
    const now = clock.now().toISOString();
    const common: ExportFile = {
      id: newId(clock.now()),
      format,
      since: from ?? null,
      until: to !== undefined && Date.parse(to) < Date.parse(now) ? to : now,
      requestedBy,
      startedAt: now,
      finishedAt: null,
      expected: null,
    };
    const file = { ...common, ...begin(request) } as F;
    await store.add(file);
    return jobs.of(this.jobOf(file));
  }

  private jobOf(file: F): Job {
    const { id, expected, requestedBy, startedAt, finishedAt } = file;
    const { kind, counts, read, url } = this.parts.tell(file);
    return {
      id,
      kind,
      state: finishedAt ? 'done' : 'running',
      progress: finishedAt ? 1 : Math.min(0.99, read / Math.max(1, expected ?? 1)),
      url: finishedAt ? url : null,
      counts,
      requestedBy,
      startedAt,
      finishedAt,
    };
  }
}
