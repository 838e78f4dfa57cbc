import {
  ActivityEnriched,
  ActivityProcessed,
  channelOf,
  SessionsDue,
  WindowsDue,
} from '@waybill/contracts';

/** A stage of the pipeline with results. */
export interface PipelineStage {
  readonly group: string;
  /** The channel that it reads. */
  readonly source: string;
  /** The channel of its timers. */
  readonly timers: string;
  readonly states: string;
  /** The table of its results, and the column with their key. */
  readonly results: string;
  readonly key: string;
}

/** The stages of the pipeline whose results are kept. */
export const stages = {
  sessions: {
    group: 'analytics.sessions',
    source: channelOf(ActivityEnriched),
    timers: channelOf(SessionsDue),
    states: 'session_states',
    results: 'session_metrics',
    key: 'session_id',
  },
  windows: {
    group: 'analytics.windows',
    source: channelOf(ActivityProcessed),
    timers: channelOf(WindowsDue),
    states: 'window_states',
    results: 'window_metrics',
    key: 'visitor',
  },
} as const satisfies Record<string, PipelineStage>;

export type StageName = keyof typeof stages;
export const stageNames: readonly StageName[] = ['sessions', 'windows'];
