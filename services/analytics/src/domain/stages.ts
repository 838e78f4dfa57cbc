import {
  ActivityEnriched,
  ActivityProcessed,
  ActivityRecorded,
  channelOf,
  SessionsDue,
  WindowsDue,
} from '@waybill/contracts';

/** A stage of the pipeline. */
export interface PipelineStage {
  readonly group: string;
  /** The channel that it reads. */
  readonly source: string;
}

/** A stage with results. */
interface LastStage extends PipelineStage {
  /** The channel of its timers, and their type. */
  readonly timers: string;
  readonly timer: string;
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
    timer: SessionsDue.type,
    states: 'session_states',
    results: 'session_metrics',
    key: 'session_id',
  },
  windows: {
    group: 'analytics.windows',
    source: channelOf(ActivityProcessed),
    timers: channelOf(WindowsDue),
    timer: WindowsDue.type,
    states: 'window_states',
    results: 'window_metrics',
    key: 'visitor',
  },
} as const satisfies Record<string, LastStage>;

export type StageName = keyof typeof stages;
export const stageNames: readonly StageName[] = ['sessions', 'windows'];

/**
 * The stages before them. They are not built again: their topics are in the order of sessions, so a replay would mix the sessions of a customer
 * otherwise, and most of what the customer did in one would be late after the other.
 */
export const earlierStages = {
  enrichment: { group: 'analytics.enrichment', source: channelOf(ActivityRecorded) },
  processing: { group: 'analytics.processing', source: channelOf(ActivityEnriched) },
} as const satisfies Record<string, PipelineStage>;
